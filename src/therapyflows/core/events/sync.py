"""Find in the EHR what no webhook reported, and put it into the inbox as if it had been.

Running it twice over the same changes stores nothing new: an event's id is derived from the object and its state.
The cursor moves only after everything before it is stored, and each round reads a little before it again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from therapyflows.core.chart import EhrChange
from therapyflows.core.events.dispatch import CLOCK_SLACK
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Ehr, Inbox, InboxEvent
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

CURSOR: Final = "ehr_changes"
_ACTOR: Final = Actor(kind="service", id="sync")
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """How far back a round looks."""

    overlap: timedelta = timedelta(minutes=10)
    """Read again before the cursor: a slow transaction in the EHR may show up late with an early time."""
    first_run: timedelta = timedelta(hours=24)
    """A new installation starts here; the years before are never replayed."""
    oldest_session: timedelta = timedelta(days=14)
    """An appointment that ended before this is bookkeeping, not a session waiting for its note."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    seen: int
    found: int
    """Events stored that no webhook had reported."""
    since: datetime
    cursor: datetime


async def sync_changes(ehr: Ehr, inbox: Inbox, now: datetime, window: SyncWindow | None = None) -> SyncResult:
    """One round.  Raises what the EHR port raises; what was read until then is stored, the cursor stays."""
    window = window or SyncWindow()
    cursor = await asyncio.to_thread(inbox.cursor, CURSOR) or now - window.first_run
    since = cursor - window.overlap
    seen = found = 0
    latest = cursor
    async for batch in _batches(ehr.changes_since(since)):
        events = [event_of(change, since=since, now=now, window=window) for change in batch]
        found += await asyncio.to_thread(_store_unreported, inbox, [event for event in events if event])
        seen += len(batch)
        latest = max(latest, *(change.updated_at for change in batch))
    # Never past our own clock: an object dated in the future must not hide what happens until then.
    latest = min(latest, now)
    await asyncio.to_thread(inbox.set_cursor, CURSOR, latest)
    return SyncResult(seen, found, since, latest)


async def _batches(changes: AsyncIterator[EhrChange]) -> AsyncIterator[list[EhrChange]]:
    batch: list[EhrChange] = []
    async for change in changes:
        batch.append(change)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def event_of(change: EhrChange, *, since: datetime, now: datetime, window: SyncWindow) -> InboxEvent | None:
    """The event that a webhook should have reported for this change; None when there is none to report."""
    kind = _type_of(change, since=since, now=now, window=window)
    if kind is None:
        return None
    return InboxEvent(
        id=derived_id("evs", *_identity(kind, change)),
        type=kind,
        object_id=change.id,
        client_id=change.client_id,
        appointment_id=_text(change.data, "appointment_id"),
        occurred_at=change.updated_at,
        received_at=now,
        origin="sync",
        state="new",
        attempts=0,
    )


def _type_of(change: EhrChange, *, since: datetime, now: datetime, window: SyncWindow) -> str | None:
    if change.resource == "client":
        return "client.updated"
    if change.resource == "document":
        created = _time(change.data, "created_at")
        return "document.created" if created is None or created >= since else None
    if change.resource == "appointment":
        ended = _time(change.data, "end")
        if ended is not None and ended < now - window.oldest_session:
            return None
        return {"completed": "appointment.completed", "cancelled": "appointment.cancelled"}.get(
            _text(change.data, "status") or ""
        )
    return None


def _identity(kind: str, change: EhrChange) -> tuple[str, ...]:
    """What makes two sightings the same event.  A client changes many times; a document is created once."""
    if kind == "client.updated":
        return kind, change.id, change.updated_at.astimezone(UTC).isoformat()
    return kind, change.id


def _reported(event: InboxEvent, inbox: Inbox) -> bool:
    if event.type == "client.updated":
        return inbox.known(event.type, event.object_id, since=event.occurred_at - CLOCK_SLACK)
    return inbox.known(event.type, event.object_id)


def _store_unreported(inbox: Inbox, events: list[InboxEvent]) -> int:
    new = [event for event in events if not _reported(event, inbox)]
    return sum(inbox.store_many(new, [_entry(event) for event in new])) if new else 0


def _entry(event: InboxEvent) -> AuditEntry:
    return AuditEntry(
        action=Action.EVENT_RECEIVED,
        actor=_ACTOR,
        resource=f"events/{event.id}",
        client_id=event.client_id,
        details={"type": event.type, "object_id": event.object_id, "origin": event.origin},
    )


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None


def _time(data: Mapping[str, Any], name: str) -> datetime | None:
    """A time of the raw object; None when it is missing or says nothing definite."""
    value = data.get(name)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None
