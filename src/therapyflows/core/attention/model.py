"""How somebody reviews, in counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The approvals of one person in a period."""

    user_id: str
    approvals: int = 0
    measured: int = 0
    """Approvals whose attention the page measured; ``fast``, ``unread``, the lines, words and seconds are of these."""
    fast: int = 0
    unread: int = 0
    lines: int = 0
    unseen_lines: int = 0
    words: int = 0
    active_s: int = 0
    edited: int = 0
    counted: int = 0
    """Approvals whose edits were counted."""
    edited_before: int = 0
    counted_before: int = 0
    """The same of the days before the period."""

    @property
    def fast_share(self) -> float | None:
        return self.fast / self.measured if self.measured else None

    @property
    def unread_share(self) -> float | None:
        return self.unread / self.measured if self.measured else None

    @property
    def edit_rate(self) -> float | None:
        return self.edited / self.counted if self.counted else None

    @property
    def edit_rate_before(self) -> float | None:
        return self.edited_before / self.counted_before if self.counted_before else None

    @property
    def active_s_each(self) -> float | None:
        return self.active_s / self.measured if self.measured else None

    @property
    def words_each(self) -> float | None:
        return self.words / self.measured if self.measured else None
