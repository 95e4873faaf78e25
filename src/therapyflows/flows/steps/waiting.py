"""Waiting for a person: asleep without a process, awake when a decision stands in the store."""

from datetime import timedelta

from prefect import suspend_flow_run
from prefect.runtime import flow_run

from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.drafts.cosignature import Cosignature, CosignState
from therapyflows.core.drafts.model import Decision, DraftState, Verdict
from therapyflows.flows.inputs import WakeUp
from therapyflows.flows.steps.guard import phi_safe

WAIT_AT_MOST = timedelta(days=60)
"""Longer than any review deadline: expiry is decided by ``review-watch``, not by Prefect's time-out."""


async def wait_for_approval(draft_id: str) -> str | None:
    """Sleep until a decision stands in the store; waking without one goes back to sleep.

    The id of an approval, or of a wish for another draft (then the draft is PREPARING); None when it ended otherwise.

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
    carried_on = (DraftState.PREPARING, DraftState.APPROVED, DraftState.POSTED, DraftState.INCIDENT)
    return decision_id if state in carried_on else None


@phi_safe
async def read_state(draft_id: str) -> tuple[DraftState, str | None]:
    """The draft's state and its decision as the store has them.

    APPROVED does not count without an approval, or without the co-signature that it needs, nor does a decision that can
    still be undone: somebody woke the run too early.
    """
    store = open_store_of_settings()
    state = store.drafts.get(draft_id).state
    decision = store.decisions.for_draft(draft_id)
    if decision is not None and decision.is_held:
        return DraftState.IN_REVIEW, None
    if state == DraftState.APPROVED and (decision is None or decision.verdict != Verdict.APPROVE):
        return DraftState.IN_REVIEW, None
    signed = store.decisions.cosignatures.of(decision.id) if decision is not None else None
    if state == DraftState.APPROVED and signed is not None and signed.state is not CosignState.SIGNED:
        return DraftState.IN_REVIEW, None
    return state, _key_of(decision, signed) if decision is not None else None


def _key_of(decision: Decision, signed: Cosignature | None) -> str:
    """What the step that files is done for: the same approval under another co-signature is tried again."""
    return f"{decision.id}-{signed.signed_at:%Y%m%d%H%M%S%f}" if signed and signed.signed_at else decision.id
