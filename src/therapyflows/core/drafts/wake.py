"""Wake the runs whose drafts are decided.

A decision is let go when the time to undo it is over; until then its run sleeps on.  A person's decision and the
waking of the run are two systems: whatever dies between them, this sweep finishes.  It needs nothing but the rows, so
that the review app can run it at start and every few seconds after.
"""

from asyncio import to_thread
from datetime import datetime

from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState
from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.ports import Decisions, Runs

_OVER = frozenset({"COMPLETED", "CANCELLED"})
"""A failed or crashed run can be started again and fall asleep once more; these cannot."""
_TO_BE_WOKEN = (DraftState.APPROVED, DraftState.REJECTED, DraftState.PREPARING)
"""One that is prepared and decided is to be drafted anew."""


async def wake_decided(decisions: Decisions, runs: Runs, *, now: datetime) -> int:
    """Let go what can no longer be undone and resume every paused run of it; returns how many were woken.

    A run that is known to be over is noted with its decision and not asked about again, by no process.
    """
    await to_thread(decisions.release_due, now)
    woken, over = 0, []
    for decision, record in await to_thread(decisions.to_wake):
        state = await _wake(record, decision, runs)
        woken += state == "PAUSED"
        if state in _OVER:
            over.append(decision.id)
    if over:
        await to_thread(decisions.runs_over, over, now)
    return woken


async def _wake(record: DraftRecord, decision: Decision, runs: Runs) -> str:
    """The state in which the run was found; a paused one is awake now."""
    if record.state not in _TO_BE_WOKEN:
        # Only one that failed may go on: somebody can have it tried again.
        return "COMPLETED" if record.state.is_final and record.state is not DraftState.FAILED else "RUNNING"
    try:
        state = await runs.state_of(record.flow_run_id) if record.flow_run_id is not None else "CANCELLED"
        if state == "PAUSED" and record.flow_run_id is not None:
            await runs.resume(record.flow_run_id, decision.id)
    except NotFound:
        return "CANCELLED"
    except TherapyFlowsError:  # trouble with one does not hold up the others; it is asked about again
        return "RUNNING"
    return state
