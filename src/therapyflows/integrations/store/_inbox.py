"""Events that came in, and how far the scheduled syncs have come.

A dispatcher takes an event by pushing its ``available_at`` forward (the lease): when the dispatcher dies the event
simply becomes available again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import func, select, update

from therapyflows.core.errors import NotFound
from therapyflows.core.ports import InboxEvent, InboxState
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._group_commit import GroupCommit
from therapyflows.integrations.store._tables import CursorRow, InboxRow, columns_of


class SqlInbox:
    """The port ``Inbox``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._group: GroupCommit[InboxEvent, bool] = GroupCommit(self.store_many)

    def store(self, event: InboxEvent) -> bool:
        """Durably store; callers that come at the same time share a transaction."""
        return self._group.submit(event)

    def store_many(self, events: Sequence[InboxEvent]) -> list[bool]:
        """Store in one transaction; for each whether it was new."""
        if not events:
            return []
        rows = [asdict(event) | {"available_at": event.received_at} for event in events]
        insert = self._db.insert_or_ignore(InboxRow).returning(InboxRow.id)
        with self._db.write() as session:
            fresh = set(session.scalars(insert, rows))
        first_seen = [event.id not in {e.id for e in events[:i]} for i, event in enumerate(events)]
        return [first and event.id in fresh for first, event in zip(first_seen, events, strict=True)]

    def next_batch(self, limit: int, *, lease: timedelta) -> list[InboxEvent]:
        now = self._now()
        query = (
            select(InboxRow)
            .where(InboxRow.state == "new", InboxRow.available_at <= now)
            .order_by(InboxRow.received_at, InboxRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._db.write() as session:
            rows = session.scalars(query).all()
            for row in rows:
                row.available_at, row.attempts = now + lease, row.attempts + 1
            return [_event(row) for row in rows]

    def mark(
        self, event_id: str, state: InboxState, *, flow_run_id: str | None = None, reason: str | None = None
    ) -> None:
        self._change(event_id, state=state, flow_run_id=flow_run_id, reason=reason)

    def retry_later(self, event_id: str, *, after: timedelta) -> None:
        self._change(event_id, available_at=self._now() + after)

    def counts(self) -> Mapping[str, int]:
        """Events by state; every state is named."""
        with self._db.read() as session:
            found = session.execute(select(InboxRow.state, func.count()).group_by(InboxRow.state))
            return dict.fromkeys(get_args(InboxState), 0) | dict(row.tuple() for row in found)

    def cursor(self, name: str) -> datetime | None:
        with self._db.read() as session:
            return session.scalar(select(CursorRow.at).where(CursorRow.name == name))

    def set_cursor(self, name: str, at: datetime) -> None:
        with self._db.write() as session:
            session.execute(self._db.upsert(CursorRow, {"name": name, "at": at}, key="name"))

    def _change(self, event_id: str, **values: object) -> None:
        with self._db.write() as session:
            statement = update(InboxRow).where(InboxRow.id == event_id).values(**values).returning(InboxRow.id)
            if session.scalar(statement) is None:
                raise NotFound("event_unknown", "there is no such event in the inbox", event_id=event_id)


def _event(row: InboxRow) -> InboxEvent:
    values = columns_of(row)
    del values["available_at"]
    return InboxEvent(**values)
