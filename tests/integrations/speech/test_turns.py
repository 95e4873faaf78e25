"""Words to turns: nothing lost, nothing torn apart."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from therapyflows.governance.evidence.model import Speaker, Word
from therapyflows.integrations.speech import turns
from therapyflows.integrations.speech.turns import LONG_PHRASE_S, MAX_TURN_S, Phrase

T, C = Speaker.THERAPIST, Speaker.CLIENT


def merged(*voices: list[Word]) -> list[Phrase]:
    return turns.turns(p for voice, words in enumerate(voices) for p in turns.phrases(words, voice))


def said(text: str, start: float, pace: float = 0.3) -> list[Word]:
    return [Word(w, start + pace * n, start + pace * (n + 0.8)) for n, w in enumerate(text.split())]


@st.composite
def spoken(draw: st.DrawFn) -> list[Word]:
    at, words = draw(st.floats(0, 5)), []
    for text in draw(st.lists(st.sampled_from(["so", "well,", "yes.", "why?", "home"]), max_size=40)):
        at += draw(st.floats(0, 3))
        end = at + draw(st.floats(0, 1.5))
        words.append(Word(text, at, end))
        at = end
    return words


@given(spoken(), spoken())
def test_every_word_stands_once_in_its_voice_and_order(left: list[Word], right: list[Word]) -> None:
    found = merged(left, right)
    for voice, words in ((0, left), (1, right)):
        assert [w for turn in found if turn.voice == voice for w in turn.words] == words
    assert all(a.start_s <= b.start_s for a, b in pairwise(found))
    assert all(turn.end_s - turn.start_s <= MAX_TURN_S for turn in found)


@given(spoken(), spoken())
def test_segments_are_numbered_and_their_text_is_their_words(left: list[Word], right: list[Word]) -> None:
    found = turns.segments(merged(left, right), (T, C))
    assert [s.id for s in found] == [f"s{n}" for n in range(1, len(found) + 1)]
    assert all(s.text == " ".join(w.text for w in s.words) for s in found)
    assert all(s.start_s == s.words[0].start_s and s.end_s == s.words[-1].end_s for s in found)


def test_an_interjection_does_not_tear_a_sentence_apart() -> None:
    found = merged(said("Nice to meet you Hanna today.", 1.0), said("Hi.", 1.9))
    assert [" ".join(w.text for w in turn.words) for turn in found] == ["Nice to meet you Hanna today.", "Hi."]


def test_answers_come_between_the_questions() -> None:
    found = merged(said("How are you?", 0) + said("And sleep?", 3), said("Fine.", 1.5) + said("Bad.", 4.5))
    assert [turn.voice for turn in found] == [0, 1, 0, 1]


def test_sentences_of_one_voice_become_one_turn_until_it_is_long() -> None:
    one = [w for n in range(20) for w in said("This takes about three seconds to say.", 3.0 * n, 0.4)]
    found = merged(one)
    assert 2 <= len(found) <= 3
    assert all(turns.ends_sentence(turn.words[-1]) for turn in found)


def test_a_phrase_without_any_pause_is_cut_too() -> None:
    found = turns.phrases(said("word " * 200, 0), 0)
    assert all(p.end_s - p.start_s <= LONG_PHRASE_S for p in found)
