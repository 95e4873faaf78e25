"""Events of the EHR on their way to a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from therapyflows.governance.audit.model import AuditEntry

InboxState = Literal["new", "dispatched", "done", "ignored", "dead"]
"""``dispatched``: a run was started; ``done``: that run was seen to have got somewhere."""


@dataclass(frozen=True, slots=True)
class InboxEvent:
    id: str
    """The ``webhook-id``, or a derived id for an event that the sync found."""
    type: str
    object_id: str
    client_id: str | None
    occurred_at: datetime
    received_at: datetime
    origin: Literal["webhook", "sync"]
    state: InboxState
    attempts: int
    appointment_id: str | None = None
    flow_run_id: str | None = None
    reason: str | None = None


class Inbox(Protocol):
    def store(self, event: InboxEvent) -> bool:
        """Durably store; False when the id is known already."""

    def store_many(self, events: Sequence[InboxEvent], entries: Sequence[AuditEntry]) -> list[bool]:
        """Durably store all in one transaction, each new row together with its audit entry (same position).

        False for an id that is known already, also when it stands twice in ``events``; its entry is not written.
        """

    def known(
        self,
        event_type: str,
        object_id: str,
        *,
        since: datetime | None = None,
        origin: Literal["webhook", "sync"] | None = None,
    ) -> bool:
        """Whether an event of this type is stored for this object, whatever its id and state.

        ``since`` counts only events that occurred then or later; ``origin`` only those that came this way.
        """

    def to_check(self, *, received_before: datetime, limit: int = 200) -> list[InboxEvent]:
        """Events in state ``dispatched``, oldest first."""

    def next_batch(self, limit: int, *, lease: timedelta) -> list[InboxEvent]:
        """New events, each leased to this caller so that two dispatchers do not take the same one."""

    def mark(
        self,
        event_id: str,
        state: InboxState,
        *,
        flow_run_id: str | None = None,
        reason: str | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Set the state; ``entry`` goes into the trail in the same transaction, only if the state was another."""

    def retry_later(self, event_id: str, *, after: timedelta) -> None:
        """Give the lease back; ``next_batch`` (which counts attempts) yields the event again after that time."""

    def counts(self) -> Mapping[str, int]: ...
    def cursor(self, name: str) -> datetime | None: ...
    def set_cursor(self, name: str, at: datetime) -> None: ...
