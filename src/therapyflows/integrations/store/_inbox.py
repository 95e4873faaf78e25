"""Events that came in, and how far the scheduled syncs have come.

A dispatcher takes an event by pushing its ``available_at`` forward (the lease): when the dispatcher dies the event
simply becomes available again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from therapyflows.core.errors import NotFound
from therapyflows.core.ports import InboxEvent, InboxState
from therapyflows.governance.audit.model import AuditEntry
from therapyflows.integrations.store._audit import SqlAuditTrail
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._group_commit import GroupCommit
from therapyflows.integrations.store._tables import CursorRow, InboxRow, columns_of


class SqlInbox:
    """The port ``Inbox``."""

    def __init__(self, db: Database, audit: SqlAuditTrail, now: Callable[[], datetime]) -> None:
        self._db, self._audit, self._now = db, audit, now
        self._group: GroupCommit[InboxEvent, bool] = GroupCommit(self._store_alone)

    def store(self, event: InboxEvent) -> bool:
        """Durably store; callers that come at the same time share a transaction."""
        return self._group.submit(event)

    def store_many(self, events: Sequence[InboxEvent], entries: Sequence[AuditEntry]) -> list[bool]:
        """Store in one transaction, new rows with their audit entries; for each event whether it was new."""
        now, by_id = self._now(), dict[str, int]()
        for position, event in enumerate(events):
            by_id.setdefault(event.id, position)
        rows = [asdict(events[i]) | {"available_at": now} for _, i in sorted(by_id.items())]
        insert = self._db.insert_or_ignore(InboxRow).returning(InboxRow.id)
        with self._audit.transaction() as (session, report):
            fresh = {by_id[event_id] for event_id in session.scalars(insert, rows)} if rows else set()
            report([entry for i, entry in enumerate(entries) if i in fresh])
        return [i in fresh for i in range(len(events))]

    def known(
        self,
        event_type: str,
        object_id: str,
        *,
        since: datetime | None = None,
        origin: Literal["webhook", "sync"] | None = None,
    ) -> bool:
        where = [InboxRow.type == event_type, InboxRow.object_id == object_id]
        if since is not None:
            where.append(InboxRow.occurred_at >= since)
        if origin is not None:
            where.append(InboxRow.origin == origin)
        with self._db.read() as session:
            return session.scalar(select(InboxRow.id).where(*where).limit(1)) is not None

    def to_check(self, *, received_before: datetime, limit: int = 200) -> list[InboxEvent]:
        query = (
            select(InboxRow)
            .where(InboxRow.state == "dispatched", InboxRow.received_at < received_before)
            .order_by(InboxRow.received_at, InboxRow.id)
            .limit(limit)
        )
        with self._db.read() as session:
            return [_event(row) for row in session.scalars(query)]

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
        self,
        event_id: str,
        state: InboxState,
        *,
        flow_run_id: str | None = None,
        reason: str | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """``flow_run_id`` and ``reason`` stay as they are when not given."""
        with self._audit.transaction() as (session, report):
            row = _find(session, event_id)
            if row.state != state and entry is not None:
                report([entry])
            row.state = state
            row.flow_run_id = flow_run_id or row.flow_run_id
            row.reason = reason or row.reason

    def retry_later(self, event_id: str, *, after: timedelta) -> None:
        with self._db.write() as session:
            _find(session, event_id).available_at = self._now() + after

    def counts(self) -> Mapping[str, int]:
        """Events by state; every state is named."""
        with self._db.read() as session:
            found = session.execute(select(InboxRow.state, func.count()).group_by(InboxRow.state))
            return dict.fromkeys(get_args(InboxState), 0) | {state: count for state, count in found}  # noqa: C416 - rows are not pairs to a type checker

    def cursor(self, name: str) -> datetime | None:
        with self._db.read() as session:
            return session.scalar(select(CursorRow.at).where(CursorRow.name == name))

    def set_cursor(self, name: str, at: datetime) -> None:
        with self._db.write() as session:
            session.execute(self._db.upsert(CursorRow, {"name": name, "at": at}, key="name"))

    def _store_alone(self, events: Sequence[InboxEvent]) -> list[bool]:
        return self.store_many(events, ())


def _find(session: Session, event_id: str) -> InboxRow:
    row = session.get(InboxRow, event_id, with_for_update=True)
    if row is None:
        raise NotFound("event_unknown", "there is no such event in the inbox", event_id=event_id)
    return row


def _event(row: InboxRow) -> InboxEvent:
    values = columns_of(row)
    del values["available_at"]
    return InboxEvent(**values)
