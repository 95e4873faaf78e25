"""An approved note that contradicts the chart goes back to whoever approved it, to correct or excuse it."""

from collections.abc import Sequence

from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.drafts.sending_back import take_back, tell_once
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note.alerts import correct_and_decide_again
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.whole.model import NoteFinding

CONTRADICTS_CHART = "contradicts_chart"


async def send_back_contradicting(
    ports: RunPorts, record: DraftRecord, decision: Decision, found: Sequence[NoteFinding]
) -> None:
    """Tell whoever approved it and the clinician, take the decision back; the trail gets the codes."""
    for assignee in dict.fromkeys((decision.decided_by, record.clinician_id)):
        await ports.ehr.create_task(correct_and_decide_again(record, assignee, decision.id))
    codes = " ".join(sorted({finding.code for finding in found}))
    tell_once(ports, record, decision, Action.DRAFT_SENT_BACK, CONTRADICTS_CHART, findings=codes)
    take_back(ports, record, decision, CONTRADICTS_CHART)
