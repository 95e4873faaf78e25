"""Runs of decided drafts are let go as soon as nothing can be undone any more; the sweep makes up for the rest."""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from therapyflows.core.drafts.cosign_back import settle_sent_back
from therapyflows.core.drafts.cosigning import settle_cosigned
from therapyflows.core.drafts.deciding import settle_decided
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.drafts.undoing import settle_undone
from therapyflows.core.drafts.wake import wake_decided
from therapyflows.core.errors import TherapyFlowsError
from therapyflows.core.intake.handing_in import begin_left
from therapyflows.web.review.asking import ask_now
from therapyflows.web.review.deps import ReviewDeps

log = structlog.get_logger()
_MARGIN_S: Final = 0.05
"""Sleeping and the clock need not agree to the millisecond; too early, the run would wait for the next sweep."""


class Waking:
    """Wakes runs by and by, while the application is up."""

    def __init__(self, deps: ReviewDeps) -> None:
        self._deps = deps
        self._held: set[asyncio.Task[None]] = set()

    async def carry_on(self, record: DraftRecord, decision: Decision) -> None:
        """Wake the run at once, or when the decision is no longer held; if that fails, the sweep does it."""
        if decision.held_until is None:
            await self._wake(record, decision)
            return
        later = asyncio.create_task(self._when_due(record, decision, decision.held_until))
        self._held.add(later)
        later.add_done_callback(self._held.discard)

    async def sweep(self) -> None:
        """Finish and wake what a crash or an unreachable orchestrator left, at start and every few seconds."""
        while True:
            try:
                await self._sweep_once()
            except Exception as error:  # the sweep must outlive whatever one round meets
                log.error("wake_sweep_failed", error_type=type(error).__name__)
            await asyncio.sleep(self._deps.sweep_every.total_seconds())

    def stop(self) -> None:
        """What is still held is let go by the next start's sweep."""
        for later in self._held:
            later.cancel()

    async def _sweep_once(self) -> None:
        deps = self._deps
        await asyncio.to_thread(settle_decided, deps.drafts, deps.decisions, deps.audit, clock=deps.clock)
        await asyncio.to_thread(settle_undone, deps.undoing, deps.clock)
        await asyncio.to_thread(settle_cosigned, deps.drafts, deps.decisions, deps.audit, clock=deps.clock)
        await settle_sent_back(deps.undoing, deps.create_task, deps.clock)
        woken = await wake_decided(deps.decisions, deps.runs, now=deps.clock())
        if woken:
            log.info("runs_woken", count=woken)
        await begin_left(deps.drafts, deps.runs, now=deps.clock())

    async def _when_due(self, record: DraftRecord, decision: Decision, until: datetime) -> None:
        deps = self._deps
        try:
            await asyncio.sleep(max((until - deps.clock()).total_seconds(), 0) + _MARGIN_S)
            await asyncio.to_thread(deps.decisions.release_due, deps.clock())
            stands = await asyncio.to_thread(deps.decisions.for_draft, record.id)
        except TherapyFlowsError as error:
            log.warning("decision_not_released_yet", code=error.code, draft_id=record.id)
            return
        if stands is not None and stands.id == decision.id and not stands.is_held:
            await self._wake(record, stands)

    async def _wake(self, record: DraftRecord, decision: Decision) -> None:
        if await asyncio.to_thread(self._deps.decisions.cosignatures.is_missing, decision.id):
            await ask_now(self._deps, record, decision)
            return
        if record.flow_run_id is None:
            return
        try:
            await self._deps.runs.resume(record.flow_run_id, decision.id)
        except TherapyFlowsError as error:
            log.warning("run_not_woken_yet", code=error.code, flow_run_id=record.flow_run_id)
