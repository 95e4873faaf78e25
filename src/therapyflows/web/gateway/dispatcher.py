"""Take events from the inbox and start flow runs, a few at a time.  Safe to run in several processes at once.

Killed between two of these steps, the event's lease ends and another round does it again: Prefect finds the run by the
event's id, and the row changes state, with its audit entry, once.

::

    next_batch (lease) ▸ screen ▸ choose (looks into the chart) ▸ start, key = event id ▸ mark dispatched
                            │           └ error ▸ retry_later … dead + alert
                            └ ignore(reason) ▸ mark ignored
"""

import asyncio
import math
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from therapyflows.core.errors import TherapyFlowsError, Transient
from therapyflows.core.events.dispatch import EveryoneIsIn, Rollout, choose, is_hopeless, retry_delay, screen
from therapyflows.core.events.routing import Ignore, RoutingTable, Start
from therapyflows.core.events.sweep import Alert
from therapyflows.core.ports import Ehr, Inbox, InboxEvent, OwnWrites, Runs
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

log = structlog.get_logger()

_ACTOR: Final = Actor(kind="service", id="dispatcher")


@dataclass(frozen=True)
class DispatcherDeps:
    inbox: Inbox
    own_writes: OwnWrites
    ehr: Ehr
    runs: Runs
    table: RoutingTable
    clock: Callable[[], datetime]
    alert: Alert
    """Called before an event is given up on; harmless when called twice for the same event."""
    rollout: Rollout = field(default_factory=EveryoneIsIn)
    wake: asyncio.Event | None = None
    """Set by the gateway in the same process; without it the inbox is polled."""
    batch: int = 8
    in_flight: int = 4
    """Events handled at once: more makes Prefect's database slower, not the dispatcher faster."""
    lease: timedelta = timedelta(seconds=90)
    poll_s: float = 1.0
    rng: random.Random = field(default_factory=random.SystemRandom)

    @property
    def seconds_per_event(self) -> float:
        """The last of a batch must be done before its lease ends: the next one to take it shall not meet us at it."""
        return self.lease.total_seconds() * 0.8 / math.ceil(self.batch / self.in_flight)


async def run_dispatcher(deps: DispatcherDeps, stop: asyncio.Event) -> None:
    """Until ``stop`` is set; what is in flight is finished first."""
    log.info("dispatcher_started", batch=deps.batch)
    while not stop.is_set():
        try:
            handled = await dispatch_once(deps)
        except Transient as error:
            log.warning("dispatcher_round_failed", code=error.code)
            handled = 0
        if not handled:
            await _wait_for_work(deps, stop)


async def dispatch_once(deps: DispatcherDeps) -> int:
    """One batch; returns how many events it held.  Raises Transient when the store cannot be reached."""
    events = await asyncio.to_thread(lambda: deps.inbox.next_batch(deps.batch, lease=deps.lease))
    places = asyncio.Semaphore(deps.in_flight)

    async def handle(event: InboxEvent) -> None:
        async with places:
            await _dispatch(deps, event)

    await asyncio.gather(*(handle(event) for event in events))
    return len(events)


async def _wait_for_work(deps: DispatcherDeps, stop: asyncio.Event) -> None:
    """Until the gateway stored something, the poll is due, or the end."""
    waits = [asyncio.create_task(stop.wait())]
    if deps.wake is not None:
        waits.append(asyncio.create_task(deps.wake.wait()))
    try:
        await asyncio.wait(waits, timeout=deps.poll_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    if deps.wake is not None:
        deps.wake.clear()


async def _dispatch(deps: DispatcherDeps, event: InboxEvent) -> None:
    try:
        async with asyncio.timeout(deps.seconds_per_event):
            decision = await _decide(deps, event)
            if isinstance(decision, Start):
                await _start(deps, event, decision)
            else:
                await _ignore(deps, event, decision)
    except Exception as error:
        with suppress(Transient):  # the store is down: the lease ends by itself
            await _postpone(deps, event, Transient("dispatch_timeout") if isinstance(error, TimeoutError) else error)


async def _decide(deps: DispatcherDeps, event: InboxEvent) -> Start | Ignore:
    ignored = await asyncio.to_thread(screen, event, deps.table, deps.inbox, deps.own_writes)
    return ignored or await choose(event, deps.table, deps.ehr, deps.rollout)


async def _start(deps: DispatcherDeps, event: InboxEvent, decision: Start) -> None:
    run_id = await deps.runs.start(decision.deployment, decision.parameters, idempotency_key=event.id)
    entry = _entry(Action.EVENT_DISPATCHED, event, flow_run_id=run_id, deployment=decision.deployment)
    await asyncio.to_thread(partial(deps.inbox.mark, event.id, "dispatched", flow_run_id=run_id, entry=entry))
    log.info("event_dispatched", event_id=event.id, deployment=decision.deployment, flow_run_id=run_id)


async def _ignore(deps: DispatcherDeps, event: InboxEvent, decision: Ignore) -> None:
    entry = _entry(Action.EVENT_IGNORED, event, outcome=decision.reason)
    await asyncio.to_thread(partial(deps.inbox.mark, event.id, "ignored", reason=decision.reason, entry=entry))
    log.info("event_ignored", event_id=event.id, event_type=event.type, reason=decision.reason)


async def _postpone(deps: DispatcherDeps, event: InboxEvent, error: Exception) -> None:
    code = error.code if isinstance(error, TherapyFlowsError) else f"unexpected:{type(error).__name__}"
    if not is_hopeless(error, event, deps.clock()):
        await _retry_later(deps, event, error, code)
        return
    try:
        await deps.alert(f"events/{event.id}", code)
    except Transient as failed:  # nobody would know that it was given up
        await _retry_later(deps, event, failed, failed.code)
        return
    entry = _entry(Action.EVENT_DEAD, event, outcome=code)
    await asyncio.to_thread(partial(deps.inbox.mark, event.id, "dead", reason=code, entry=entry))
    log.error("event_dead", event_id=event.id, code=code, attempts=event.attempts)


async def _retry_later(deps: DispatcherDeps, event: InboxEvent, error: Exception, code: str) -> None:
    delay = retry_delay(error, event.attempts, deps.rng)
    await asyncio.to_thread(partial(deps.inbox.retry_later, event.id, after=delay))
    log.warning("event_postponed", event_id=event.id, code=code, attempts=event.attempts, seconds=delay.seconds)


def _entry(
    action: Action,
    event: InboxEvent,
    *,
    outcome: str = "ok",
    flow_run_id: str | None = None,
    deployment: str | None = None,
) -> AuditEntry:
    details: dict[str, str | int | float | bool] = {"type": event.type, "object_id": event.object_id}
    if deployment:
        details["deployment"] = deployment
    return AuditEntry(
        action=action,
        actor=_ACTOR,
        resource=f"events/{event.id}",
        client_id=event.client_id,
        flow_run_id=flow_run_id,
        outcome=outcome,
        details=details,
    )
