"""Drafts that wait for a person: remind the clinician, then escalate to a supervisor, then let the draft expire."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from therapyflows.core.chart import Role, User
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ports import AuditTrail, Drafts, Ehr, Runs
from therapyflows.core.session_note.alerts import draft_waits
from therapyflows.core.session_note.model import DraftRecord, DraftState
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

WATCH = Actor(kind="service", id="review-watch")


@dataclass(frozen=True, slots=True)
class WaitingPolicy:
    remind_after: timedelta = timedelta(hours=24)
    """And again after each further period of the same length."""
    escalate_after: timedelta = timedelta(hours=72)


class Step(StrEnum):
    NOTHING = "nothing"
    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


def next_step(record: DraftRecord, waiting_since: datetime, now: datetime, policy: WaitingPolicy) -> Step:
    """What is due for a draft in review.  Expiry wins; each reminder and the escalation happen once per period."""
    if record.deadline is not None and now >= record.deadline:
        return Step.EXPIRE
    periods = int((now - waiting_since) / policy.remind_after)
    if periods <= record.reminders_sent:
        return Step.NOTHING
    return Step.ESCALATE if now - waiting_since >= policy.escalate_after else Step.REMIND


@dataclass(frozen=True, slots=True)
class WatchPorts:
    ehr: Ehr
    drafts: Drafts
    runs: Runs
    audit: AuditTrail
    policy: WaitingPolicy
    review_within: timedelta
    clock: Callable[[], datetime]
    flow_run_id: str | None = None


async def watch_reviews(ports: WatchPorts) -> AsyncIterator[tuple[DraftRecord, Step]]:
    """Do what is due for every waiting draft; yields what was done."""
    now = ports.clock()
    for record in ports.drafts.in_state([DraftState.IN_REVIEW]):
        since = (record.deadline - ports.review_within) if record.deadline else record.created_at
        step = next_step(record, since, now, ports.policy)
        if step is Step.NOTHING:
            continue
        if step is Step.EXPIRE:
            done = await _expire(ports, record)
        else:
            done = await _remind(ports, record, periods=int((now - since) / ports.policy.remind_after), step=step)
        if done:
            yield record, step


async def _remind(ports: WatchPorts, record: DraftRecord, *, periods: int, step: Step) -> bool:
    escalated = step is Step.ESCALATE
    for assignee in await _assignees(ports, record, escalated=escalated):
        await ports.ehr.create_task(
            draft_waits(record.appointment_id, record.client_id, assignee, round_=periods, escalated=escalated)
        )
    try:
        ports.drafts.update(record.id, version=record.version, reminders_sent=periods)
    except Conflict:
        return False  # the reviewer works on it at this moment; the tasks are there, the count follows next time
    _record(ports, record, Action.DRAFT_ESCALATED if escalated else Action.DRAFT_REMINDED, round=periods)
    return True


async def _assignees(ports: WatchPorts, record: DraftRecord, *, escalated: bool) -> list[str]:
    """The clinician; when escalated also the supervisors responsible, or else the practice administrators."""
    if not escalated:
        return [record.clinician_id]
    users = [user async for user in ports.ehr.list_users() if user.active]
    above = [u.id for u in users if record.clinician_id in u.supervises] or _administrators(users)
    return [record.clinician_id, *above]


def _administrators(users: list[User]) -> list[str]:
    return [user.id for user in users if Role.PRACTICE_ADMINISTRATOR in user.roles]


async def _expire(ports: WatchPorts, record: DraftRecord) -> bool:
    """The draft ends without being filed, and its run with it."""
    try:
        ports.drafts.move(record.id, expected=[DraftState.IN_REVIEW], to=DraftState.EXPIRED)
    except Conflict:
        return False  # decided at the last moment: the decision counts
    _record(ports, record, Action.DRAFT_EXPIRED)
    if record.flow_run_id is not None:
        with suppress(NotFound):  # the orchestrator has forgotten the run; the row is what counts
            await ports.runs.cancel(record.flow_run_id)
    return True


def _record(ports: WatchPorts, record: DraftRecord, action: Action, **details: int) -> None:
    ports.audit.append(
        AuditEntry(
            action=action,
            actor=WATCH,
            resource=f"draft/{record.id}",
            client_id=record.client_id,
            flow_run_id=ports.flow_run_id,
            details=dict(details),
        )
    )
