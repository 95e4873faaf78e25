"""A client withdraws a consent: what is running stops, what was recorded is deleted, the audit trail proves it.

::

    client.updated (consent withdrawn) ▸ cancel undecided drafts and their runs ▸ delete their content ▸ proof entries
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from therapyflows.app.wiring import consent_change_ports
from therapyflows.core.consent_change.steps import apply_consent
from therapyflows.flows.steps.guard import phi_safe
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import announce


@flow(
    name="consent-change",
    flow_run_name="consent-change-{client_id}",
    description="Stop and delete what a withdrawn consent covers.",
)
@shows_its_entries
@phi_safe
async def consent_change(client_id: str, event_id: str | None = None) -> State[str]:
    """Ids only; may hear of the same withdrawal again."""
    async with consent_change_ports(flow_run.id) as ports:
        cancelled = await apply_consent(ports, client_id)
    for draft_id in cancelled:
        announce("draft.cancelled", draft_id)
    return Completed(message=f"Drafts cancelled: {len(cancelled)}")
