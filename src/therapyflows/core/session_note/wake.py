"""Wake the runs whose drafts are decided.

A person's decision and the waking of the run are two systems: whatever dies between them, this sweep finishes.  It
needs nothing but the rows, so that the review app can run it at start and every few seconds after.
"""

from asyncio import to_thread

from therapyflows.core.errors import NotFound, Transient
from therapyflows.core.ports import Decisions, Drafts, Runs
from therapyflows.core.session_note.model import DraftRecord, DraftState

_OVER = frozenset({"COMPLETED", "CANCELLED"})
"""A failed or crashed run can be started again and fall asleep once more; these cannot."""


async def wake_decided(drafts: Drafts, decisions: Decisions, runs: Runs, *, settled: set[str] | None = None) -> int:
    """Resume every paused run whose draft is decided; returns how many were woken.

    ``settled`` remembers, between sweeps of one process, the runs that are known to be over, because rejected drafts
    stay rejected and would be asked about for ever.
    """
    known = settled if settled is not None else set()
    woken = 0
    for record in await to_thread(drafts.in_state, [DraftState.APPROVED, DraftState.REJECTED]):
        if record.flow_run_id is not None and record.flow_run_id not in known:
            woken += await _wake(record, record.flow_run_id, decisions, runs, known)
    return woken


async def _wake(record: DraftRecord, flow_run_id: str, decisions: Decisions, runs: Runs, known: set[str]) -> int:
    try:
        state = await runs.state_of(flow_run_id)
        decision = await to_thread(decisions.for_draft, record.id) if state == "PAUSED" else None
        if decision is not None:
            await runs.resume(flow_run_id, decision.id)
            return 1
    except NotFound:
        state = "CANCELLED"
    except Transient:
        return 0
    if state in _OVER:
        known.add(flow_run_id)
    return 0
