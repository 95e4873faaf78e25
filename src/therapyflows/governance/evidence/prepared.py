"""A source read once, so that many statements can be looked up in it.

The turns are cut into units (sentences, or stretches of unpunctuated speech).  Every key of every unit (``terms``) is
indexed with how it stands there: affirmed, denied, or only asked about.  A question takes its state from the answer:
"Any fever?" "No." denies fever, and counts as said by both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar, cast

from therapyflows.governance.evidence.lexicon import word_set
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.governance.evidence.polarity import denied, hedged
from therapyflows.governance.evidence.quantities import Quantity, number_words, quantities
from therapyflows.governance.evidence.terms import Found, is_content, keys_in, section_of
from therapyflows.governance.evidence.tokens import Kind, Token, tokens_of

T = TypeVar("T")
AFFIRMED, ASKED, DENIED = 1, 0, -1
_SHORTEST, _LONGEST = 14, 40
"""Speech without marks is cut at a joining word after the first many words, anyhow after the second."""
_JOINS = word_set("grammar", "speech_joins")
_HESITATION = word_set("grammar", "hesitation")
_ASKED_OF = ("you", "your", "it", "there", "that")
_OPEN = word_set("grammar", "open_questions")
_FRAGMENT = 6
_ANSWER_WITHIN, _AMOUNT_WITHIN = 7, 3


class Mention(NamedTuple):
    """A key in a unit: the state in which it stands, and its place among the unit's tokens."""

    unit: int
    state: int
    at: int


class Unit(NamedTuple):
    """A sentence of a segment."""

    segment: int
    tokens: tuple[Token, ...]
    voices: frozenset[Speaker]
    """Whose words these are: the speaker's, of an answered question also the answerer's."""
    size: int
    """Words in it."""


class _Piece(NamedTuple):
    segment: int
    tokens: list[Token]
    is_question: bool
    answer: int | None
    is_open: bool
    """A question that takes more than yes or no, and got an answer."""
    asks_from: int
    """The token from which on it asks: "we will order blood tests, any questions?"."""


@dataclass(frozen=True)
class PreparedSource:
    """A transcript made ready to check many statements against it; build it with ``prepare``."""

    segments: tuple[Segment, ...]
    units: tuple[Unit, ...]
    mentions: Mapping[str, tuple[Mention, ...]]
    """By key, in order."""
    texts: tuple[str, ...]
    """The full text of every segment, in which quotations are looked for."""
    speakers: frozenset[Speaker]
    """Who speaks in the whole source."""

    @cached_property
    def quantities(self) -> tuple[tuple[Quantity, ...], ...]:
        """The numbers of every unit."""
        return tuple(tuple(quantities(unit.tokens)) for unit in self.units)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """Every stem of the source, in order of the alphabet."""
        return tuple(sorted(key for key in self.mentions if ":" not in key and len(key) > 3))

    @cached_property
    def _kept(self) -> dict[str, object]:
        return {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What a signal derives from the whole source, made at its first use."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast(T, self._kept[name])

    @cached_property
    def lowered(self) -> str:
        """All of the source in lower case."""
        return "\n".join(segment.text.lower() for segment in self.segments)


def prepare(segments: Sequence[Segment]) -> PreparedSource:
    """Read a source once; ``grade`` takes the result in place of the segments."""
    pieces = list(_pieces(segments))
    mentions: dict[str, list[Mention]] = {}
    units = []
    for number, piece in enumerate(pieces):
        for key, state, at in _keys(piece):
            mentions.setdefault(key, []).append(Mention(number, state, at))
        units.append(_unit(piece, segments))
    return PreparedSource(
        tuple(segments),
        tuple(units),
        {key: tuple(places) for key, places in mentions.items()},
        tuple(segment.text for segment in segments),
        frozenset(segment.speaker for segment in segments),
    )


def _unit(piece: _Piece, segments: Sequence[Segment]) -> Unit:
    voices = {segments[piece.segment].speaker}
    if piece.answer is not None:
        voices.add(_other(segments, piece.segment))
    size = sum(token.kind in (Kind.WORD, Kind.NUMBER) for token in piece.tokens)
    return Unit(piece.segment, tuple(piece.tokens), frozenset(voices), size)


def _other(segments: Sequence[Segment], index: int) -> Speaker:
    follower = _next_speaker(segments, index)
    return segments[follower].speaker if follower is not None else segments[index].speaker


def _next_speaker(segments: Sequence[Segment], index: int) -> int | None:
    """The next segment of somebody else with words in it."""
    for later in range(index + 1, min(index + 4, len(segments))):
        if segments[later].speaker is not segments[index].speaker and segments[later].text.strip():
            return later
    return None


def _keys(piece: _Piece) -> Iterator[tuple[str, int, int]]:
    """Every key of a piece with its state and place."""
    tokens = piece.tokens
    found = _without_parts(list(keys_in(tokens)))
    inside = frozenset(at for key, first, end, length in found if length > 1 for at in range(first, end))
    plainly, beyond, maybe = denied(tokens), denied(tokens, inside), hedged(tokens)
    for key, first, end, _ in found:
        yield key, _state(piece, first, beyond[first] or beyond[end - 1], maybe[first]), first
    for at, token in enumerate(tokens):
        if is_content(token):
            yield token.stem, _state(piece, at, plainly[at], maybe[at]), at


def _without_parts(found: Sequence[Found]) -> list[Found]:
    """A single word inside a longer phrase of another meaning is not read alone: "eating and drinking"."""
    long = [one for one in found if one.length > 1]
    return [
        one
        for one in found
        if one.length > 1
        or section_of().get(one.key) == "body"
        or not any(phrase.first <= one.first < phrase.end and phrase.key != one.key for phrase in long)
    ]


def _state(piece: _Piece, at: int, is_denied: bool, is_hedged: bool) -> int:
    is_asked = at >= piece.asks_from
    if piece.answer == DENIED and is_asked:
        return DENIED
    if piece.is_question and is_asked and piece.answer is None and not piece.is_open:
        return ASKED
    if is_denied:
        return DENIED
    return ASKED if is_hedged else AFFIRMED


def _pieces(segments: Sequence[Segment]) -> Iterator[_Piece]:
    for index, segment in enumerate(segments):
        cut = [part for part in _cut(tokens_of(segment.text)) if part]
        answer = _answer_to(segments, index)
        for number, part in enumerate(cut):
            is_question = part[-1].kind is Kind.QUESTION or (answer is not None and _asks(part))
            last = all(later[-1].kind is Kind.QUESTION or _asks(later) for later in cut[number + 1 :])
            told = answer is not None and number == len(cut) - 1 and (_is_short(part) or _speaks_to_you(part))
            heard = answer if last and (is_question or told) else None
            is_open = not heard and is_question and _next_speaker(segments, index) is not None and _is_open(part)
            yield _Piece(index, part, is_question, heard, is_open, _asks_from(part) or 0)


def _cut(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    denying = word_set("cues", "deny")
    for token in tokens:
        if len(part) >= _LONGEST or (len(part) >= _SHORTEST and token.word in _JOINS and part[-1].word not in denying):
            yield part
            part = []
        part.append(token)
        if token.kind in (Kind.STOP, Kind.QUESTION):
            yield part
            part = []
    yield part


@lru_cache(maxsize=1)
def _asking() -> frozenset[str]:
    return word_set("cues", "asks")


def _asks(part: Sequence[Token]) -> bool:
    """Whether words without a question mark are a question: "do you ...", "any ..."."""
    return _asks_from(part) is not None


def _asks_from(part: Sequence[Token]) -> int | None:
    """The token with which the question begins."""
    asking = _asking()
    for at, token in enumerate(part):
        follows = part[at + 1].word if at + 1 < len(part) else ""
        if token.word == "any" or (token.word in asking and follows in _ASKED_OF):
            return at
    return None


def _is_short(part: Sequence[Token]) -> bool:
    """Whether a fragment before an answer can only be a question: "Shortness of breath." "No."."""
    return sum(token.kind is Kind.WORD for token in part) <= _FRAGMENT


def _speaks_to_you(part: Sequence[Token]) -> bool:
    return any(token.word == "you" for token in part)


def _is_open(part: Sequence[Token]) -> bool:
    """Whether a question presupposes what it names: "how is the headache?"."""
    return any(token.word in _OPEN for token in part)


def _answer_to(segments: Sequence[Segment], index: int) -> int | None:
    """What the next speaker answers: yes, no, or neither."""
    follower = _next_speaker(segments, index)
    if follower is None or follower > index + 2:
        return None
    tokens = tokens_of(segments[follower].text[:120])
    stops = (token.kind for token in tokens if token.kind in (Kind.STOP, Kind.QUESTION))
    if next(stops, None) is Kind.QUESTION:
        return None  # asked back
    if any(
        token.kind is Kind.NUMBER or token.word in number_words() - {"a", "an"} for token in tokens[:_AMOUNT_WITHIN]
    ):
        return AFFIRMED
    words = [token.word for token in tokens if token.kind is Kind.WORD]
    yes, no = word_set("cues", "affirmative") | word_set("grammar", "amount_answers"), word_set("cues", "refusal")
    for word in [word for word in words if word not in _HESITATION][:_ANSWER_WITHIN]:
        if word in no:
            return DENIED
        if word in yes:
            return AFFIRMED
        if word not in word_set("grammar", "answer_verbs"):
            return None
    return None
