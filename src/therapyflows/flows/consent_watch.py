"""Nobody reports that a consent ran out: look, every hour.

::

    every hour:  clients with a draft in work ▸ consents of today ▸ cancel and delete what they no longer allow ▸ proof
                 cancelled drafts of which a crash left something ▸ finish
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from therapyflows.app.wiring import consent_change_ports
from therapyflows.core.consent_change.steps import watch_consents
from therapyflows.flows.steps.guard import phi_safe
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import announce


@flow(name="consent-watch", description="Notice consents that ran out; stop and delete what they covered.")
@shows_its_entries
@phi_safe
async def consent_watch() -> State[str]:
    """One round; safe to run at any time and to kill at any point."""
    cancelled = 0
    async with consent_change_ports(flow_run.id) as ports:
        async for draft_id in watch_consents(ports):
            announce("draft.cancelled", draft_id)
            cancelled += 1
    return Completed(message=f"Drafts cancelled: {cancelled}")
