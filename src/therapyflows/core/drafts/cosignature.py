"""The co-signature of a supervisor under somebody's approval: its value, and the port that keeps it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class CosignState(StrEnum):
    WAITING = "waiting"
    SIGNED = "signed"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One per approval that needs it.  It says nothing once that approval is undone or taken back."""

    decision_id: str
    draft_id: str
    state: CosignState
    asked_at: datetime
    reminders_sent: int = 0
    signed_by: str | None = None
    """Who signed it, or sent it back."""
    role: str | None = None
    signed_at: datetime | None = None
    comment_content_id: str | None = None
    """The supervisor's words, encrypted."""


@dataclass(frozen=True, slots=True)
class SentBack:
    """Who sent an approval back, and where the words lie."""

    by: str
    role: str | None
    comment_content_id: str


class Cosignatures(Protocol):
    def ask(self, decision_id: str, draft_id: str) -> Cosignature:
        """The approval of this id waits; asked again it changes nothing."""

    def of(self, decision_id: str) -> Cosignature | None: ...
    def is_missing(self, decision_id: str) -> bool:
        """Whether one was asked for and does not stand: nothing may be done on that approval."""

    def sign(self, decision_id: str, *, by: str, role: str | None) -> Cosignature:
        """Raises Conflict (``cosigned_already``) when it does not wait.  Sending back is ``Decisions.take_back``."""

    def void(self, decision_id: str) -> None:
        """It waits again, because whoever signed may not any more."""

    def waiting(self) -> list[Cosignature]:
        """Those under approvals that stand and can no longer be undone, oldest first."""

    def signed(self, *, before: datetime) -> list[Cosignature]:
        """Those signed before then under approvals that are not filed yet."""

    def reminded(self, decision_id: str, times: int) -> None: ...
    def sent_back(self, draft_id: str) -> Cosignature | None:
        """The latest that was sent back, of this draft."""
