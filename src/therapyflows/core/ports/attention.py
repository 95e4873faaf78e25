"""What a page measured while a draft was read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attention:
    active_s: int
    seen: frozenset[str]
    """Ids of statements that stood on the screen."""


class AttentionBook(Protocol):
    """Seconds and ids by draft and person.  No content."""

    def add(self, draft_id: str, user_id: str, *, active_s: int, seen: Collection[str], at: datetime) -> None:
        """Add what was measured since the last time.  No more seconds count than have gone by since then."""

    def get(self, draft_id: str, user_id: str) -> Attention | None:
        """None when the page measured nothing."""
