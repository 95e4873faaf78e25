"""Nobody's draft is forgotten: reminders, escalation, expiry.

::

    every 15 minutes:  waiting drafts ▸ remind the clinician │ escalate to the supervisor │ expire unfiled
                       approvals without the co-signature they need ▸ ask and remind the supervisors
                       emergency accesses ▸ tell who was not told yet │ remind of what nobody judged
                       runs with new audit entries ▸ show them on their pages, also of crashed and cancelled ones
"""

from collections import Counter

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from therapyflows.app.run_pages import show_touched_runs
from therapyflows.app.wiring import emergency_watch, watch_ports
from therapyflows.core.drafts.waiting import Step, watch_reviews
from therapyflows.core.drafts.waiting_cosignatures import watch_cosignatures
from therapyflows.core.emergency.steps import watch_emergencies
from therapyflows.flows.steps.guard import phi_safe
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import announce

EVENT_OF = {Step.REMIND: "draft.reminded", Step.ESCALATE: "draft.overdue", Step.EXPIRE: "draft.expired"}


@flow(name="review-watch", description="Remind, escalate and expire drafts that wait for a person.")
@shows_its_entries
@phi_safe
async def review_watch() -> State[str]:
    """One round over all drafts in review."""
    done: Counter[str] = Counter()
    async with watch_ports(flow_run.id) as ports:
        async for record, step in watch_reviews(ports):
            announce(EVENT_OF[step], record.id)
            done[step.value] += 1
        done["co-signature"] += await watch_cosignatures(ports)
    async with emergency_watch(flow_run.id) as (emergencies, ehr):
        async for _ in watch_emergencies(emergencies, ehr):
            done["emergency"] += 1
    await show_touched_runs()
    counts = ", ".join(f"{step}: {count}" for step, count in done.items() if count)
    return Completed(message=counts or "Nothing was due.")
