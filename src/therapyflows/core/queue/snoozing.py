"""Not now: until when a person may put a draft aside.  Never past its deadline, and never a disclosed risk."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.core.ports import AuditTrail
from therapyflows.core.ports.queue import ReviewQueue
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

MORNING = time(8)
BEFORE_DEADLINE = timedelta(days=1)
WORDS = {
    "hours": "In three hours",
    "tomorrow": "Tomorrow morning",
    "monday": "Monday morning",
    "day_before": "The day before it is due",
}


def choices(deadline: datetime | None, now: datetime) -> Mapping[str, datetime]:
    """Key of :data:`WORDS` to when it comes back, in the server's time zone, all before the deadline."""
    here = now.astimezone()
    morning = here.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0)
    found = {
        "hours": now + timedelta(hours=3),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - here.weekday()),
    }
    if deadline is not None:
        found["day_before"] = deadline - BEFORE_DEADLINE
        found = {key: at for key, at in found.items() if at < deadline}
    return {key: at for key, at in found.items() if at > now}


def snooze(
    record: DraftRecord, choice: str, *, by: Actor, now: datetime, urgent: bool, queue: ReviewQueue, audit: AuditTrail
) -> datetime:
    """Put it aside for this person alone; returns when it comes back.  Raises Invalid, Conflict."""
    if record.state is not DraftState.IN_REVIEW:
        raise Conflict("draft_closed", "This draft no longer waits for a decision.", draft=record.id)
    if urgent:
        raise Invalid("risk_not_snoozed", "This draft speaks of a current risk. It stays on top until it is decided.")
    until = choices(record.deadline, now).get(choice)
    if until is None:
        raise Invalid("snooze_past_deadline", "This draft cannot be put aside so long: it has to be decided before.")
    queue.snooze(record.id, by.id, until=until)
    audit.append(_entry(record, by, "ok", until))
    return until


def wake(record: DraftRecord, *, by: Actor, queue: ReviewQueue, audit: AuditTrail) -> None:
    """The person wants to see it now.  Raises NotFound when it was not put aside."""
    if not queue.wake(record.id, by.id):
        raise NotFound("not_snoozed", "This draft was not put aside.")
    audit.append(_entry(record, by, "ended", None))


def _entry(record: DraftRecord, by: Actor, outcome: str, until: datetime | None) -> AuditEntry:
    return AuditEntry(
        action=Action.DRAFT_SNOOZED,
        actor=by,
        resource=f"draft/{record.id}",
        client_id=record.client_id,
        flow_run_id=record.flow_run_id,
        outcome=outcome,
        details={"until": until.isoformat()} if until else {},
    )
