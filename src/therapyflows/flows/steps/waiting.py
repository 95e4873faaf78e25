"""Waiting for a person: asleep without a process, awake when a decision stands in the store."""

from datetime import timedelta

from prefect import suspend_flow_run
from prefect.runtime import flow_run

from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.session_note.model import DraftState, Verdict
from therapyflows.flows.inputs import WakeUp
from therapyflows.flows.steps.guard import phi_safe

WAIT_AT_MOST = timedelta(days=60)
"""Longer than any review deadline: expiry is decided by ``review-watch``, not by Prefect's time-out."""


async def wait_for_approval(draft_id: str) -> str | None:
    """Sleep until a decision stands in the store; waking without one goes back to sleep.  The approval's id, or None.

    Belongs to the flow, not to a task: only a flow can be suspended.
    """
    woken = 0
    while (found := await read_state(draft_id))[0] == DraftState.IN_REVIEW:
        woken += 1
        # The run count keeps a key from being used twice when an operator retries a run by hand.
        key = f"review-{flow_run.run_count}-{woken}"
        seconds = int(WAIT_AT_MOST.total_seconds())
        await suspend_flow_run(wait_for_input=WakeUp, timeout=seconds, key=key)  # type: ignore[misc]
    state, decision_id = found
    return decision_id if state in (DraftState.APPROVED, DraftState.POSTED, DraftState.INCIDENT) else None


@phi_safe
async def read_state(draft_id: str) -> tuple[DraftState, str | None]:
    """The draft's state and its decision as the store has them.  APPROVED without an approval does not count."""
    store = open_store_of_settings()
    state = store.drafts.get(draft_id).state
    decision = store.decisions.for_draft(draft_id)
    if state == DraftState.APPROVED and (decision is None or decision.verdict != Verdict.APPROVE):
        return DraftState.IN_REVIEW, None
    return state, decision.id if decision else None
