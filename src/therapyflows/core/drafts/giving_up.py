"""The end of a draft that cannot be finished: its row says why, and the clinician has a task."""

from contextlib import suppress

from therapyflows.core.drafts.alerts import given_up
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Conflict
from therapyflows.core.run_ports import RunPorts
from therapyflows.governance.audit.model import Action


async def give_up(ports: RunPorts, draft_id: str, code: str) -> None:
    """Fail the draft for an error that trying again will not cure.  A draft that ended already stays as it is."""
    record = ports.drafts.get(draft_id)
    if record.state.is_final:
        return
    await ports.ehr.create_task(given_up(record, code))
    ports.record_once(Action.TASK_CREATED, f"draft/{draft_id}", client_id=record.client_id, outcome=code)
    with suppress(Conflict):  # ended meanwhile in another way: that stands
        ports.drafts.move(draft_id, expected=[record.state], to=DraftState.FAILED, failure_code=code)
