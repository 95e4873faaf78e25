"""The source of a statement and how well it is supported."""

from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    THERAPIST = "therapist"
    CLIENT = "client"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word with its time in the recording."""

    text: str
    start_s: float
    end_s: float
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of one speaker: a turn of a transcript, a line of a form (``speaker`` unknown, times zero)."""

    id: str
    speaker: Speaker
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a segment that supports a statement.  ``quote`` occurs verbatim in the segment's text."""

    segment_id: str
    start_s: float
    end_s: float
    quote: str


def overlaps(span: Span, other: Span) -> bool:
    """Whether two spans are of the same words of the same segment."""
    return span.segment_id == other.segment_id and (span.quote in other.quote or other.quote in span.quote)


class Grade(StrEnum):
    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    NOT_ASSESSED = "not_assessed"
    """The statement says that something was not assessed; it asks the clinician and claims nothing."""


@dataclass(frozen=True, slots=True)
class GradedStatement:
    """What the checker found: the grade, why in words, and the best span of the source, if any."""

    statement_id: str
    grade: Grade
    reasons: tuple[str, ...]
    score: float
    """0..1, higher is worse."""
    best_span: Span | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A second opinion on one statement, by somebody who is not the checker."""

    grade: Grade
    reason: str
    spans: tuple[Span, ...]
    """The words of the source that it rests on."""
    by: str
    """``<provider>:<model>``."""

    def disagrees_with(self, grade: Grade) -> bool:
        """Whether it comes to another grade than the checker."""
        return self.grade is not grade
