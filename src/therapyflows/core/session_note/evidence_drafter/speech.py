"""Turns of speech as tokens that know where they stand in the source.

A turn is what one speaker said until the other one really took over: a "Mm-hmm" in between does not end it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from therapyflows.core.session_note.evidence_drafter.lexicon import BACKCHANNELS
from therapyflows.governance.evidence.model import Segment, Span, Speaker


class Kind(Enum):
    WORD = auto()
    STOP = auto()
    COMMA = auto()
    BREAK = auto()
    """The speaker broke off: ``--``, ``—``, ``wor-``."""
    GAP = auto()
    """Words are missing here: ``[unintelligible]``."""
    MARK = auto()
    """Quotation marks, brackets and whatever else is no word."""


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    kind: Kind
    segment: Segment
    start: int
    end: int
    """Offsets in the segment's text."""

    @property
    def norm(self) -> str:
        return self.text.lower().replace("’", "'")

    def cut_to(self, text: str) -> "Token":
        """The token's last characters only, which are ``text``."""
        return replace(self, text=text, start=self.end - len(text))


@dataclass(frozen=True, slots=True)
class Turn:
    index: int
    speaker: Speaker
    segments: tuple[Segment, ...]

    def tokens(self) -> list[Token]:
        return [token for segment in self.segments for token in tokenize(segment)]

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


_WORD = r"[$£€]?[^\W_]+(?:['’.,:/][^\W_]+)*['’]?%?(?:-[^\W_]+(?:['’][^\W_]+)*)*"
_PATTERN = re.compile(
    r"(?P<noise>\[[^\]\n]{0,60}\])|(?P<dash>-{2,}|[—–…]|\.{3,})|(?P<word>" + _WORD + r")(?P<cut>-(?=[\s,.—?!-]|$))?"
    r"|(?P<stop>[.?!]+)|(?P<comma>[,;:])|(?P<lead>-)|(?P<mark>[^\w\s])"
)
DISFLUENT = re.compile(
    r"--|—|\w-(?:\s|$)|\b(\w+)-\1\b|\b(?:i mean|you know|um|uh|er|erm|hmm)\b|[\[\]\"“”]", re.IGNORECASE
)
"""What a quotation of an answer must not hold."""
_LOST_WORDS = re.compile(r"unintell|inaud|crosstalk|foreign|indiscern|unclear|redact|\?", re.IGNORECASE)
_KINDS = {"dash": Kind.BREAK, "stop": Kind.STOP, "comma": Kind.COMMA, "mark": Kind.MARK}


def tokenize(segment: Segment) -> Iterator[Token]:
    """The segment's words and punctuation with their offsets."""
    for match in _PATTERN.finditer(segment.text):
        if match.group("noise"):
            if _LOST_WORDS.search(match.group()):
                yield Token(match.group(), Kind.GAP, segment, match.start(), match.end())
        elif match.group("word"):
            yield Token(match.group("word"), Kind.WORD, segment, *match.span("word"))
            if match.group("cut"):
                yield Token("-", Kind.BREAK, segment, *match.span("cut"))
        elif kind := _KINDS.get(match.lastgroup or ""):
            yield Token(match.group(), kind, segment, match.start(), match.end())


def turns_of(segments: Sequence[Segment]) -> list[Turn]:
    """Group segments into turns; one speaker's sentence that goes on after a "Mm-hmm" stays together."""
    groups: list[list[Segment]] = []
    latest: dict[Speaker, int] = {}
    for segment in segments:
        before = latest.get(segment.speaker)
        if before is not None and _belongs(groups, before, segment):
            groups[before].append(segment)
            continue
        groups.append([segment])
        latest[segment.speaker] = len(groups) - 1
    return [Turn(index, group[0].speaker, tuple(group)) for index, group in enumerate(groups)]


def _belongs(groups: list[list[Segment]], before: int, segment: Segment) -> bool:
    """Whether the segment goes on with the speaker's earlier group."""
    if before == len(groups) - 1:
        return True
    if before < len(groups) - 2 or not is_backchannel(groups[-1]):
        return False
    text = segment.text.lstrip()
    return text.startswith("-") or text[:1].islower() or not groups[before][-1].text.rstrip().endswith((".", "?", "!"))


def is_backchannel(group: Sequence[Segment]) -> bool:
    """ "Mm-hmm", "Okay", "Right": the listener is still listening."""
    spoken = [token.norm for segment in group for token in tokenize(segment) if token.kind is Kind.WORD]
    return len(spoken) <= 4 and all(word in BACKCHANNELS for word in spoken)


def span_of(segment: Segment, start: int, end: int) -> Span:
    """The part of a segment as a span with its seconds: from word times when there are any, else by position."""
    quote = segment.text[start:end]
    begin, finish = _seconds_by_words(segment, start, end) or _seconds_by_position(segment, start, end)
    return Span(segment_id=segment.id, start_s=begin, end_s=finish, quote=quote)


def _seconds_by_position(segment: Segment, start: int, end: int) -> tuple[float, float]:
    length = max(len(segment.text), 1)
    seconds = segment.end_s - segment.start_s
    return (
        round(segment.start_s + seconds * start / length, 3),
        round(min(segment.start_s + seconds * end / length, segment.end_s), 3),
    )


def _seconds_by_words(segment: Segment, start: int, end: int) -> tuple[float, float] | None:
    """Times of the first and last word; None when the words do not spell the segment's text."""
    first: float | None = None
    last = 0.0
    position = 0
    for word in segment.words:
        bare = word.text.strip()
        found = segment.text.find(bare, position) if bare else -1
        if found < 0:
            return None
        position = found + len(bare)
        if position > start and found < end:
            first = word.start_s if first is None else first
            last = word.end_s
    return None if first is None else (first, max(last, first))


def spans_of(tokens: Sequence[Token]) -> tuple[Span, ...]:
    """One span per segment that the tokens come from, from its first to its last token."""
    bounds: dict[str, tuple[Segment, int, int]] = {}
    for token in tokens:
        segment, start, end = bounds.get(token.segment.id, (token.segment, token.start, token.end))
        bounds[token.segment.id] = (segment, min(start, token.start), max(end, token.end))
    return tuple(span_of(segment, start, end) for segment, start, end in bounds.values())
