"""The end of an intake that cannot be finished: its row says why, and the clinician has a task."""

from contextlib import suppress

from therapyflows.core.errors import Conflict
from therapyflows.core.intake.alerts import given_up
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note.model import DraftState
from therapyflows.governance.audit.model import Action


async def give_up(ports: RunPorts, draft_id: str, code: str) -> None:
    """Fail the intake for an error that trying again will not cure.  One that ended already stays as it is."""
    record = ports.drafts.get(draft_id)
    if record.state.is_final:
        return
    await ports.ehr.create_task(given_up(record, code))
    ports.record_once(Action.TASK_CREATED, f"draft/{draft_id}", client_id=record.client_id, outcome=code)
    with suppress(Conflict):  # ended meanwhile in another way: that stands
        ports.drafts.move(draft_id, expected=[record.state], to=DraftState.FAILED, failure_code=code)
