"""Pick up what a crash left behind: runs that died, runs that Prefect no longer knows, wake-ups that were lost.

Leases need no sweeping: ``Inbox.next_batch`` yields an event again once its lease has ended.  Every step may run
twice or in two processes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ports import AuditTrail, Decisions, Drafts, Inbox, InboxEvent, Runs
from therapyflows.core.session_note.model import DraftRecord, DraftState
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

MAX_RESTARTS: Final = 5
_ACTOR: Final = Actor(kind="service", id="sweeper")
_DECIDED = (DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.REJECTED)
_WAKE_WINDOW: Final = timedelta(days=2)

Alert = Callable[[str, str], Awaitable[None]]
"""Tell a person: (``events/<id>`` or ``flow_runs/<id>``, reason code)."""


@dataclass(frozen=True, slots=True)
class SweepDeps:
    inbox: Inbox
    drafts: Drafts
    decisions: Decisions
    runs: Runs
    audit: AuditTrail
    alert: Alert
    settle: timedelta = timedelta(minutes=2)
    """A run gets this long before anyone asks what became of it."""
    wake_after: timedelta = timedelta(seconds=15)
    """A decision's own wake-up gets this long."""


@dataclass(slots=True)
class SweepResult:
    restarted: list[str] = field(default_factory=list)
    requeued: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)
    settled: int = 0


async def sweep(deps: SweepDeps, now: datetime) -> SweepResult:
    """One round.  Raises Transient when Prefect cannot be reached: the next round does it all again."""
    result = SweepResult()
    for run_id in await deps.runs.crashed():
        await _restart(deps, run_id, result)
    for event in await asyncio.to_thread(lambda: deps.inbox.to_check(received_before=now - deps.settle)):
        await _check_event(deps, event, result)
    for record in await asyncio.to_thread(_recently_decided, deps, now):
        await _wake(deps, record, result)
    return result


async def _restart(deps: SweepDeps, run_id: str, result: SweepResult) -> None:
    """Once more, unless it died too often: then a person is told, once."""
    trail = await asyncio.to_thread(lambda: deps.audit.search(flow_run_id=run_id))
    done = [chained.entry.action for chained in trail if chained.entry.actor == _ACTOR]
    if done.count(Action.RUN_RESTARTED) < MAX_RESTARTS:
        await deps.runs.restart(run_id)
        await asyncio.to_thread(deps.audit.append, _entry(Action.RUN_RESTARTED, run_id, "crashed"))
        result.restarted.append(run_id)
    elif Action.RUN_FAILED not in done:
        await asyncio.to_thread(deps.audit.append, _entry(Action.RUN_FAILED, run_id, "crashed_too_often"))
        await deps.alert(f"flow_runs/{run_id}", "crashed_too_often")


async def _check_event(deps: SweepDeps, event: InboxEvent, result: SweepResult) -> None:
    """A run that has a draft, or came to an end, needs no more watching; one that vanished is started again."""
    run_id = event.flow_run_id
    try:
        state = await deps.runs.state_of(run_id) if run_id else None
    except NotFound:
        state = None
    if run_id is None or state is None:
        await asyncio.to_thread(deps.inbox.mark, event.id, "new", reason="run_vanished")
        result.requeued.append(event.id)
    elif state in ("COMPLETED", "CANCELLED", "PAUSED"):
        await asyncio.to_thread(deps.inbox.mark, event.id, "done", flow_run_id=run_id)
        result.settled += 1
    elif state == "FAILED":
        entry = _entry(Action.RUN_FAILED, run_id, "failed", event)
        await deps.alert(f"events/{event.id}", "run_failed")
        await asyncio.to_thread(
            lambda: deps.inbox.mark(event.id, "done", flow_run_id=run_id, reason="run_failed", entry=entry)
        )


def _recently_decided(deps: SweepDeps, now: datetime) -> list[DraftRecord]:
    records = deps.drafts.in_state(_DECIDED, updated_before=now - deps.wake_after)
    return [
        record
        for record in records
        if record.state is not DraftState.REJECTED or record.updated_at > now - _WAKE_WINDOW
    ]


async def _wake(deps: SweepDeps, record: DraftRecord, result: SweepResult) -> None:
    """A decision that fell between the run's last look and its suspension has nobody else to wake it."""
    decision = await asyncio.to_thread(deps.decisions.for_draft, record.id)
    if decision is None or record.flow_run_id is None:
        return
    try:
        if await deps.runs.state_of(record.flow_run_id) != "PAUSED":
            return
        await deps.runs.resume(record.flow_run_id, decision.id)
    except (NotFound, Conflict):
        return
    result.woken.append(record.flow_run_id)


def _entry(action: Action, run_id: str, outcome: str, event: InboxEvent | None = None) -> AuditEntry:
    return AuditEntry(
        action=action,
        actor=_ACTOR,
        resource=f"flow_runs/{run_id}",
        client_id=event.client_id if event else None,
        flow_run_id=run_id,
        outcome=outcome,
        details={"event_id": event.id} if event else {},
    )
