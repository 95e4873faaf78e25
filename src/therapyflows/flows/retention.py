"""Recordings, transcripts and prompts end with their retention period, and the audit trail proves it.

::

    every night:  due recordings and contents ▸ delete ▸ proof entry (digest of the ciphertext) ▸ forget
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from therapyflows.app.wiring import delete_due_content
from therapyflows.flows.steps.guard import phi_safe
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import show_summary


@flow(name="retention", description="Delete recordings, transcripts and prompts whose retention period has ended.")
@shows_its_entries
@phi_safe
async def retention() -> State[str]:
    """One round; safe to run at any time and to kill at any point."""
    deleted = await delete_due_content(flow_run.id)
    await show_summary(
        "Retention", {**deleted, "proof": f"therapyflows audit show --run {flow_run.id}"}, key="retention-summary"
    )
    return Completed(message=", ".join(f"{kind}: {count}" for kind, count in deleted.items()))
