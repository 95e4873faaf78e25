"""The queue as the store keeps it."""

from datetime import datetime
from typing import Protocol

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.queue.model import Asked, Facts, Look


class ReviewQueue(Protocol):
    """Waiting drafts by person, in order, with counts; nothing is decrypted for it."""

    def look(self, asked: Asked) -> Look: ...
    def put_facts(self, facts: Facts) -> None:
        """Write, or replace what stands for the draft."""

    def uncounted(self, limit: int) -> list[DraftRecord]:
        """Waiting drafts whose facts are missing or were counted from other contents, oldest first."""

    def forget_closed(self) -> int:
        """Remove facts and snoozes of drafts that wait no more; how many."""

    def snooze(self, draft_id: str, user_id: str, *, until: datetime) -> None:
        """This person does not see it before then; the last word counts."""

    def wake(self, draft_id: str, user_id: str) -> bool:
        """They see it again; False when it was not snoozed."""
