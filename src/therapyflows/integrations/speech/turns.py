"""Words of several voices to readable turns.

Each voice's words are first grouped into phrases (up to a sentence end or a pause), phrases are ordered by their
start, and neighbouring phrases of one voice become a turn.  Ordering whole recognizer segments scrambles a dialogue;
ordering single words tears "Nice to meet you" apart when the other says "Hi" in the middle of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from therapyflows.governance.evidence.model import Segment, Speaker, Word

PHRASE_PAUSE_S = 0.5
TURN_PAUSE_S = 2.0
MAX_TURN_S = 30.0
LONG_PHRASE_S = 12.0
"""A phrase that goes on for longer than this is cut at its longest pause or comma."""
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？")
_CLAUSE_END = (",", ";", ":", "-", "—")


@dataclass(frozen=True, slots=True)
class Phrase:
    voice: int
    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s


def ends_sentence(word: Word) -> bool:
    return word.text.rstrip("\"'”’)").endswith(_SENTENCE_END)


def phrases(words: Sequence[Word], voice: int) -> list[Phrase]:
    """One voice's words, in time order, cut after sentence ends and at pauses, and where they get long."""
    found: list[Phrase] = []
    current: list[Word] = []
    for word in words:
        if current and (ends_sentence(current[-1]) or word.start_s - current[-1].end_s > PHRASE_PAUSE_S):
            found += _cut_long(Phrase(voice, tuple(current)))
            current = []
        current.append(word)
    return found + (_cut_long(Phrase(voice, tuple(current))) if current else [])


def _cut_long(phrase: Phrase) -> list[Phrase]:
    if phrase.end_s - phrase.start_s <= LONG_PHRASE_S or len(phrase.words) < 2:
        return [phrase]
    middle = (phrase.start_s + phrase.end_s) / 2

    def merit(at: int) -> float:
        before, after = phrase.words[at - 1], phrase.words[at]
        clause = 1.0 if before.text.endswith(_CLAUSE_END) else 0.0
        return clause + (after.start_s - before.end_s) - abs(after.start_s - middle) / LONG_PHRASE_S

    cut = max(range(1, len(phrase.words)), key=merit)
    halves = (Phrase(phrase.voice, phrase.words[:cut]), Phrase(phrase.voice, phrase.words[cut:]))
    return [part for half in halves for part in _cut_long(half)]


def turns(all_phrases: Iterable[Phrase]) -> list[Phrase]:
    """Phrases of all voices in order of their start; what one voice says without interruption is joined."""
    ordered = sorted(all_phrases, key=lambda p: (p.start_s, p.end_s))
    if not ordered:
        return []
    joined = [ordered[0]]
    for _, phrase in pairwise(ordered):
        last = joined[-1]
        same = phrase.voice == last.voice
        near = phrase.start_s - last.end_s <= TURN_PAUSE_S and phrase.end_s - last.start_s <= MAX_TURN_S
        if same and near:
            joined[-1] = Phrase(last.voice, last.words + phrase.words)
        else:
            joined.append(phrase)
    return joined


def segments(ordered: Sequence[Phrase], speakers: Sequence[Speaker]) -> tuple[Segment, ...]:
    """Turns as the transcript's segments ``s1``, ``s2``, ...; ``speakers`` names the role of each voice."""
    return tuple(
        Segment(
            id=f"s{number}",
            speaker=speakers[turn.voice],
            start_s=turn.start_s,
            end_s=turn.end_s,
            text=" ".join(word.text for word in turn.words),
            words=turn.words,
        )
        for number, turn in enumerate(ordered, start=1)
    )
