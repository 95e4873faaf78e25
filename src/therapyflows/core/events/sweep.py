"""Pick up what a crash left behind: runs whose process died, runs that Prefect no longer knows.

Leases need no sweeping: ``Inbox.next_batch`` yields an event again once its lease has ended.  Decided drafts are woken
by ``core.drafts.wake``.  Every step may run twice or in two processes at once.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.ports import AuditTrail, Drafts, Inbox, InboxEvent, Runs
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

log = structlog.get_logger()

MAX_RESTARTS: Final = 5
_ACTOR: Final = Actor(kind="service", id="sweeper")
_OPEN = (DraftState.PREPARING, DraftState.IN_REVIEW, DraftState.APPROVED)

Alert = Callable[[str, str], Awaitable[None]]
"""Tell a person: (``events/<id>`` or, as Prefect names it, ``prefect.flow-run.<id>``; reason code)."""


Sign = tuple[str, datetime | None]
"""Prefect's state, and when the run last touched its draft."""


@dataclass(slots=True)
class Vigil:
    """What one process remembers between rounds: since when a run that should be at work has given no sign of life.

    A run is taken for dead only after it was silent for the whole patience while we looked, so neither a Prefect that
    was away nor a run that has just been woken is mistaken for one.
    """

    silent: dict[str, tuple[Sign, datetime]] = field(default_factory=dict)
    """Run id -> (its last sign of life, when we first saw that one)."""

    def silent_for(self, run_id: str, sign: Sign, now: datetime) -> timedelta:
        known = self.silent.get(run_id)
        if known is None or known[0] != sign:
            known = self.silent[run_id] = (sign, now)
        return now - known[1]

    def forget_all_but(self, run_ids: Mapping[str, str]) -> None:
        for run_id in self.silent.keys() - run_ids.keys():
            del self.silent[run_id]


@dataclass(frozen=True, slots=True)
class SweepDeps:
    inbox: Inbox
    drafts: Drafts
    runs: Runs
    audit: AuditTrail
    alert: Alert
    deployments: tuple[str, ...] = ("session-note", "intake")
    """Whose runs work on drafts."""
    patience: timedelta = timedelta(seconds=90)
    """Longer than the lease that a working run renews on its draft."""
    patience_unclaimed: timedelta = timedelta(seconds=180)
    """For a run that has no draft yet: longer than a process needs to start, and than its retries of the first step."""
    settle: timedelta = timedelta(minutes=2)
    """An event's run gets this long before anyone asks what became of it."""
    vigil: Vigil = field(default_factory=Vigil)


@dataclass(slots=True)
class SweepResult:
    restarted: list[str] = field(default_factory=list)
    requeued: list[str] = field(default_factory=list)
    settled: int = 0


async def sweep(deps: SweepDeps, now: datetime) -> SweepResult:
    """One round.  Raises Transient when Prefect or the store cannot be reached: the next round does it all again."""
    result = SweepResult()
    await _restart_dead_runs(deps, now, result)
    for event in await to_thread(partial(deps.inbox.to_check, received_before=now - deps.settle)):
        with _left_for_the_next_round(event_id=event.id):
            await _check_event(deps, event, result)
    return result


@contextmanager
def _left_for_the_next_round(**ids: str) -> Iterator[None]:
    """One matter that fails must not keep the others waiting."""
    try:
        yield
    except TherapyFlowsError as error:
        log.warning("sweep_postponed", code=error.code, **ids)


async def _restart_dead_runs(deps: SweepDeps, now: datetime, result: SweepResult) -> None:
    unfinished: dict[str, str] = {}
    for deployment in deps.deployments:
        unfinished.update(await deps.runs.unfinished(deployment))
    deps.vigil.forget_all_but(unfinished)
    if not unfinished:
        return
    rows = await to_thread(deps.drafts.in_state, _OPEN)
    signs = {row.flow_run_id: row.updated_at for row in rows}
    for run_id, state in unfinished.items():
        sign = (state, signs.get(run_id))
        patience = deps.patience if state == "RUNNING" and sign[1] else deps.patience_unclaimed
        if deps.vigil.silent_for(run_id, sign, now) >= patience or state == "CRASHED":
            with _left_for_the_next_round(flow_run_id=run_id):
                await _restart(deps, run_id, state, result)


async def _restart(deps: SweepDeps, run_id: str, state: str, result: SweepResult) -> None:
    """Once more, unless it died too often: then a person is told, once."""
    trail = await to_thread(partial(deps.audit.search, flow_run_id=run_id))
    done = [chained.entry.action for chained in trail if chained.entry.actor.id == _ACTOR.id]
    deps.vigil.silent.pop(run_id, None)
    if done.count(Action.RUN_RESTARTED) < MAX_RESTARTS:
        await deps.runs.restart(run_id)
        await to_thread(deps.audit.append, _entry(Action.RUN_RESTARTED, run_id, state.lower()))
        result.restarted.append(run_id)
    elif Action.RUN_FAILED not in done:
        await deps.alert(f"prefect.flow-run.{run_id}", "crashed_too_often")
        await to_thread(deps.audit.append, _entry(Action.RUN_FAILED, run_id, "crashed_too_often"))


async def _check_event(deps: SweepDeps, event: InboxEvent, result: SweepResult) -> None:
    """A run that waits for a person, or came to an end, is settled; one that vanished is started again."""
    run_id, state = event.flow_run_id, await _state_of(deps.runs, event.flow_run_id)
    if run_id is None or state is None:
        await to_thread(partial(deps.inbox.mark, event.id, "new", reason="run_vanished"))
        result.requeued.append(event.id)
    elif state in ("COMPLETED", "CANCELLED", "PAUSED"):
        await to_thread(partial(deps.inbox.mark, event.id, "done", flow_run_id=run_id))
        result.settled += 1
    elif state == "FAILED":
        await deps.alert(f"prefect.flow-run.{run_id}", "run_failed")
        entry = _entry(Action.RUN_FAILED, run_id, "failed", event)
        await to_thread(
            partial(deps.inbox.mark, event.id, "done", flow_run_id=run_id, reason="run_failed", entry=entry)
        )
        result.settled += 1


async def _state_of(runs: Runs, run_id: str | None) -> str | None:
    try:
        return await runs.state_of(run_id) if run_id else None
    except NotFound:
        return None


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
