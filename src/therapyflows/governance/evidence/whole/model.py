"""What the checks of a whole note look at, and what they find."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from therapyflows.governance.evidence.model import Segment, Span


class Severity(StrEnum):
    STOP = "stop"
    """Nothing is filed until a person resolves it or says why it may stand."""
    WARNING = "warning"
    """Read this before you decide."""
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class NoteFinding:
    """One finding about a note.

    ``code`` is a constant for machines and counts; ``message`` is a sentence for the clinician and may hold words of
    the session, so it is content.  ``spans`` are of the source; a span whose segment is ``previous`` quotes the
    previous note.
    """

    code: str
    message: str
    severity: Severity = Severity.WARNING
    statement_ids: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def key(self) -> str:
        """Names this very finding: another number in the sentence makes it another one."""
        about = "\n".join((self.code, self.message, *(f"{s.segment_id} {s.quote}" for s in self.spans)))
        return f"{self.code}-{hashlib.sha256(about.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of the note.  ``cited`` are the spans it gives as evidence, if any."""

    id: str
    text: str
    section: str | None = None
    cited: tuple[Span, ...] = ()
    copied: bool = False
    """Copied from the chart, or a line that only asks the clinician: repeats itself rightly."""


@dataclass(frozen=True, slots=True)
class People:
    """Who the chart says this is about, as plain values."""

    client_names: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    """Contacts, clinicians: may be named in the note."""
    pronouns: str | None = None
    """As the chart has them, e.g. ``she/her``."""
    age: int | None = None
    """Years at the session."""
    birth_date: str | None = None
    """ISO date."""
    numbers: tuple[str, ...] = ()
    """Record and member numbers of this client."""


@dataclass(frozen=True, slots=True)
class WholeNote:
    """A note with its source and what else the checks may know."""

    lines: tuple[Line, ...]
    segments: tuple[Segment, ...]
    previous: tuple[str, ...] = ()
    """Sentences of the previous note of the same client."""
    people: People | None = None
    disclosed: tuple[Span, ...] = ()
    """Where the client speaks of harm to self or others."""

    def sentences(self) -> Iterator[Span]:
        """Every sentence of the source as a span."""
        for segment in self.segments:
            yield from sentences_of(segment)


def sentences_of(segment: Segment) -> Iterator[Span]:
    """The sentences of a segment; speech without marks is one."""
    start = 0
    text = segment.text
    for at, letter in enumerate(text):
        ends = letter in ".?!\n" and (at + 1 == len(text) or text[at + 1].isspace())
        if ends or at + 1 == len(text):
            piece = text[start : at + 1].strip()
            if any(c.isalnum() for c in piece):
                yield Span(segment.id, segment.start_s, segment.end_s, piece)
            start = at + 1
