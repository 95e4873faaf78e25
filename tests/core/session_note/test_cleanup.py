"""Speech becomes clauses: disfluencies go, meaning stays."""

import pytest

from therapyflows.core.session_note.evidence_drafter.clauses import clauses_of
from therapyflows.core.session_note.evidence_drafter.speech import tokenize, turns_of
from therapyflows.governance.evidence.model import Segment, Speaker


def clauses(*texts: str, speaker: Speaker = Speaker.CLIENT) -> list[str]:
    segments = [Segment(f"s{n}", speaker, n, n + 1, text) for n, text in enumerate(texts)]
    return [clause.text for clause in clauses_of(turns_of(segments))]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Um, I, uh, feel sad.", "I feel sad"),
        ("I guess it kind of- it kind of started like five, six years ago.", "I guess it started five, six years ago"),
        ("I-I like the way it-it tastes.", "I like the way it tastes"),
        ("It helps me, you know, sleep.", "It helps me sleep"),
        ("You know what I'm afraid of.", "You know what I'm afraid of"),
        ("What kind of work do I do?", "What kind of work do I do"),
        ("I was, I was really tired.", "I was really tired"),
        ("I just feel like an idiot.", "I feel like an idiot"),
        ("I just moved out.", "I just moved out"),
        ("I had just one beer.", "I had just one beer"),
        ("I really like my job.", "I really like my job"),
        ("I'd like to stop.", "I'd like to stop"),
        ("It's, like, really hard.", "It's really hard"),
        ("Things like that worry me.", "Things like that worry me"),
        ("I had had enough of it.", "I had had enough of it"),
        ("My co-worker is kind.", "My co-worker is kind"),
        ("It's okay to smoke there.", "It's okay to smoke there"),
        ("My anxiety, uh, goes away.", "My anxiety goes away"),
        ("When I stopped, um, I felt better.", "When I stopped, I felt better"),
    ],
)
def test_disfluencies_are_dropped_and_nothing_else(said: str, meant: str) -> None:
    assert clauses(said) == [meant]


def test_a_condition_stays_with_what_follows_from_it() -> None:
    assert clauses("When I go out with my friends, I drink too much.") == [
        "When I go out with my friends, I drink too much"
    ]


def test_lost_words_end_a_clause_that_cannot_be_reported() -> None:
    segment = Segment("s1", Speaker.CLIENT, 0, 1, "I went to the [unintelligible 00:01:02] and came back.")
    found = clauses_of(turns_of([segment]))
    assert found[0].broken


def test_a_sentence_goes_on_after_mm_hmm() -> None:
    segments = [
        Segment("s1", Speaker.CLIENT, 0, 1, "It's a very dangerous area for me when I'm-"),
        Segment("s2", Speaker.THERAPIST, 1, 2, "Mm-hmm."),
        Segment("s3", Speaker.CLIENT, 2, 3, "-discouraged about work."),
    ]
    turns = turns_of(segments)
    assert [turn.speaker for turn in turns] == [Speaker.CLIENT, Speaker.THERAPIST]
    assert len(turns[0].segments) == 2


def test_tokens_point_at_their_characters() -> None:
    segment = Segment("s1", Speaker.CLIENT, 0, 1, "Well- I don’t— you know, “pay” $200.50 at 7:30!")
    for token in tokenize(segment):
        assert segment.text[token.start : token.end] == token.text
