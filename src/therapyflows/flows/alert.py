"""Tells a person: an urgent task in the EHR for the practice administrators.  Started by the automations.

::

    run failed or crashed │ draft overdue │ event given up ▸ a task per practice administrator, once per matter
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from therapyflows.app.wiring import tell_administrators
from therapyflows.flows.steps.guard import phi_safe
from therapyflows.flows.steps.trail import shows_its_entries


@flow(name="alert", flow_run_name="alert-{reason}", description="Put a task before the practice administrators.")
@shows_its_entries
@phi_safe
async def alert(resource: str, reason: str) -> State[str]:
    """``resource`` is e.g. ``flow_runs/<id>`` or ``draft/<id>``; ``reason`` a constant code."""
    await tell_administrators(resource, reason, flow_run.id)
    return Completed(message="The practice administrators have a task.")
