"""A turn as an uploaded file has it, before labels become roles."""

from dataclasses import dataclass
from math import isfinite

from therapyflows.core.errors import UnusableSource
from therapyflows.governance.evidence.model import Word

LONGEST_S = 24 * 3600.0
"""A time beyond a day is a damaged number, not a session."""


@dataclass(frozen=True, slots=True)
class RawTurn:
    label: str | None
    text: str
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[Word, ...] = ()
    place: int | None = None
    """Index among the entries of the file, where it has entries."""


def malformed(message: str, **place: int) -> UnusableSource:
    """The file cannot be understood at this line or entry."""
    return UnusableSource(
        "transcript_malformed",
        message,
        remedy="Correct the file at this place, or upload the transcript as text with lines such as `Client: ...`.",
        **place,
    )


def plausible(seconds: float) -> bool:
    return isfinite(seconds) and 0 <= seconds <= LONGEST_S
