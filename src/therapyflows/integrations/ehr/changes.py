"""What a scheduled sync compares: appointments, documents and clients as one stream, oldest change first.

``EhrChange.resource`` is ``appointment``, ``document`` or ``client``; ``data`` holds what decides whether an event was
missed and nothing clinical:

    appointment   status, clinician_id, session_type, end (RFC 3339)
    document      kind, appointment_id, created_at (RFC 3339)
    client        -

The stream holds what changed at or after the time asked for.  Ask for a little earlier than the last answer reached (an
object can be committed later than its time stamp says); an object that changes while it is read comes twice.  So
compare by resource, id and ``updated_at``.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from typing import Any

from therapyflows.core.chart import Appointment, Client, Document, EhrChange
from therapyflows.core.errors import Invalid


def change_of(changed: Appointment | Document | Client) -> EhrChange:
    """The change as the sync sees it.  Raises Invalid when the EHR gives no time of change."""
    if changed.updated_at is None:
        raise Invalid("ehr_answer_invalid", "a changed object carries no time of change", id=changed.id)
    data: dict[str, Any] = {}
    if isinstance(changed, Appointment):
        data = {
            "status": changed.status,
            "clinician_id": changed.clinician_id,
            "session_type": changed.session_type,
            "end": changed.end.isoformat(),
        }
    elif isinstance(changed, Document):
        created = changed.created_at.isoformat() if changed.created_at else None
        data = {"kind": changed.kind.value, "appointment_id": changed.appointment_id, "created_at": created}
    return EhrChange(
        resource=type(changed).__name__.lower(),
        id=changed.id,
        client_id=changed.id if isinstance(changed, Client) else changed.client_id,
        updated_at=utc(changed.updated_at),
        data=data,
    )


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is a mistake of the caller or of the EHR."""
    if moment.tzinfo is None:
        raise Invalid("time_without_zone", "a time needs a zone")
    return moment.astimezone(UTC)


async def merged(*streams: AsyncIterator[EhrChange]) -> AsyncIterator[EhrChange]:
    """Streams that are each oldest first, as one; at most one change per stream is held."""
    async with AsyncExitStack() as stack:
        for stream in streams:
            await stack.enter_async_context(aclosing(stream))  # type: ignore[type-var]
        heads = [(await anext(stream, None), stream) for stream in streams]
        while waiting := [(head, stream) for head, stream in heads if head is not None]:
            oldest, source = min(waiting, key=lambda pair: (pair[0].updated_at, pair[0].resource, pair[0].id))
            yield oldest
            heads = [(await anext(s, None) if s is source else head, s) for head, s in waiting]
