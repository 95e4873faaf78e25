"""What is counted of a review, and what the counts add up to.  No content, no names of clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """One decision in numbers, written with it."""

    workflow: str
    clinician_id: str
    """Whose draft it was."""
    waited_s: int
    """From entering the queue to the decision."""
    statements: int = 0
    """Lines of the note (fields of a form) that were decided on."""
    words: int = 0
    active_s: int | None = None
    """How long the page was visible and used by whoever decided.  None: the page measured nothing."""
    unseen: int | None = None
    """Lines that were approved without having been on the screen.  None: the page measured nothing."""


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day."""

    day: date
    drafted: int = 0
    approved: int = 0
    rejected: int = 0
    edited: int = 0
    """Approvals with at least one edit."""
    edits: int = 0
    counted: int = 0
    """Approvals whose edits were counted."""
    waited_s: float = 0.0
    """Mean time in review of what was decided."""

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def edit_rate(self) -> float | None:
        """Share of the approvals that had at least one edit."""
        return self.edited / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Drafts in review, by how long they have waited."""

    ages: Mapping[str, int]
    """Key of :data:`AGES` to number."""
    oldest: datetime | None
    """Since when the oldest has waited."""

    @property
    def total(self) -> int:
        return sum(self.ages.values())


AGES: Mapping[str, tuple[str, float]] = {
    "day": ("less than a day", 24),
    "three_days": ("1 to 3 days", 72),
    "week": ("3 to 7 days", 168),
    "longer": ("more than a week", float("inf")),
}
"""Key to words and to the hours below which a draft counts there."""
