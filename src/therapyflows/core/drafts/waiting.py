"""Drafts that wait for a person: remind the clinician, then escalate to a supervisor, then let the draft expire."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from therapyflows.core.chart import Role, User
from therapyflows.core.drafts.alerts import draft_waits
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, NotFound, TherapyFlowsError
from therapyflows.core.ports import AuditTrail, Decisions, Drafts, Ehr, Runs
from therapyflows.governance.access.cosign import CosignRules, default_rules
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

log = structlog.get_logger()

CLOSED_LATELY = timedelta(days=1)
WATCH = Actor(kind="service", id="review-watch")


@dataclass(frozen=True, slots=True)
class WaitingPolicy:
    remind_after: timedelta = timedelta(hours=24)
    """And again after each further period of the same length."""
    escalate_after: timedelta = timedelta(hours=72)
    """From then on the supervisor is told, too."""


class Step(StrEnum):
    NOTHING = "nothing"
    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


def next_step(record: DraftRecord, waiting_since: datetime, now: datetime, policy: WaitingPolicy) -> Step:
    """What is due for a draft in review.  Expiry wins; each reminder and the escalation happen once per period."""
    if record.deadline is not None and now >= record.deadline:
        return Step.EXPIRE
    if rounds_due(now - waiting_since, policy) <= record.reminders_sent:
        return Step.NOTHING
    return Step.ESCALATE if now - waiting_since >= policy.escalate_after else Step.REMIND


def waiting_since(record: DraftRecord, review_within: timedelta) -> datetime:
    """When it entered its reviewer's queue, this time."""
    return record.deadline - review_within if record.deadline is not None else record.created_at


def rounds_due(waiting: timedelta, policy: WaitingPolicy) -> int:
    """How often somebody should have been told by now: once per full period, and once when it is escalated."""
    return max(int(waiting / policy.remind_after), 0) + (waiting >= policy.escalate_after)


@dataclass(frozen=True, slots=True)
class WatchPorts:
    ehr: Ehr
    drafts: Drafts
    decisions: Decisions
    runs: Runs
    audit: AuditTrail
    policy: WaitingPolicy
    review_within: timedelta
    clock: Callable[[], datetime]
    flow_run_id: str | None = None
    cosign: CosignRules = field(default_factory=default_rules)


async def watch_reviews(ports: WatchPorts) -> AsyncIterator[tuple[DraftRecord, Step]]:
    """Do what is due for every waiting draft; yields what was done.  Trouble with one does not hold up the others."""
    for record in ports.drafts.in_state([DraftState.IN_REVIEW]):
        since = waiting_since(record, ports.review_within)
        step = next_step(record, since, ports.clock(), ports.policy)
        try:
            if await _take(ports, record, step, since):
                yield record, step
        except TherapyFlowsError as error:
            log.warning("review_watch_failed", draft_id=record.id, step=step.value, code=error.code)
    await _close_runs(ports)


async def _take(ports: WatchPorts, record: DraftRecord, step: Step, since: datetime) -> bool:
    if step is Step.NOTHING:
        return False
    if step is Step.EXPIRE:
        return await _expire(ports, record)
    return await _remind(
        ports, record, rounds_due(ports.clock() - since, ports.policy), escalated=step is Step.ESCALATE
    )


async def _remind(ports: WatchPorts, record: DraftRecord, rounds: int, *, escalated: bool) -> bool:
    for assignee in await _assignees(ports, record, escalated=escalated):
        await ports.ehr.create_task(draft_waits(record, assignee, round_=rounds, escalated=escalated))
    try:
        ports.drafts.update(record.id, version=record.version, reminders_sent=rounds)
    except Conflict:
        return False  # the reviewer works on it at this moment; the tasks are there, the count follows next time
    _record(ports, record, Action.DRAFT_ESCALATED if escalated else Action.DRAFT_REMINDED, round=rounds)
    return True


async def _assignees(ports: WatchPorts, record: DraftRecord, *, escalated: bool) -> list[str]:
    """Who has it; when escalated also the supervisors responsible, or else the practice administrators."""
    if not escalated:
        return [record.holder]
    users = [user async for user in ports.ehr.list_users() if user.active]
    above = [u.id for u in users if Role.SUPERVISOR in u.roles and record.clinician_id in u.supervises]
    still_here = [u.id for u in users if u.id == record.holder]
    return list(dict.fromkeys([*still_here, *(above or _administrators(users))]))


def _administrators(users: list[User]) -> list[str]:
    return [user.id for user in users if Role.PRACTICE_ADMINISTRATOR in user.roles]


async def _expire(ports: WatchPorts, record: DraftRecord) -> bool:
    """The draft ends without being filed, and its run with it.  A decision at the last moment counts."""
    if ports.decisions.for_draft(record.id) is not None:
        return False
    try:
        ports.drafts.move(record.id, expected=[DraftState.IN_REVIEW], to=DraftState.EXPIRED)
    except Conflict:
        return False
    if ports.decisions.for_draft(record.id) is not None:  # it came between the look and the move
        ports.drafts.move(record.id, expected=[DraftState.EXPIRED], to=DraftState.IN_REVIEW)
        return False
    await _close_run(ports, record)
    return True


async def _close_runs(ports: WatchPorts) -> None:
    """End the runs that sleep over drafts closed lately: superseded ones, and what a crash left of an expiry."""
    for record in ports.drafts.in_state([DraftState.EXPIRED, DraftState.CANCELLED]):
        if record.updated_at > ports.clock() - CLOSED_LATELY:
            try:
                await _close_run(ports, record)
            except TherapyFlowsError as error:
                log.warning("run_not_closed", draft_id=record.id, code=error.code)


async def _close_run(ports: WatchPorts, record: DraftRecord) -> None:
    """Harmless for a run that is over; the entry of an expiry is the last thing, so that it tells of all of it."""
    if record.flow_run_id is not None:
        with suppress(NotFound):  # the orchestrator has forgotten the run; the row is what counts
            await ports.runs.cancel(record.flow_run_id)
    told = ports.audit.search(client_id=record.client_id, resource=f"draft/{record.id}")
    expired = ports.drafts.get(record.id).state is DraftState.EXPIRED
    if expired and not any(found.entry.action == Action.DRAFT_EXPIRED for found in told):
        _record(ports, record, Action.DRAFT_EXPIRED)


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
