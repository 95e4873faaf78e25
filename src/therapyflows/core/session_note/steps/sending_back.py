"""An approved draft that may not be filed as it is goes back into review.

Because its approver lost the right to approve: for somebody who has it.  Because it contradicts the chart: for whoever
approved it, to correct it or to say why it may stand.
"""

from collections.abc import Sequence

from therapyflows.core.chart import Role, User
from therapyflows.core.people import person_of
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note.alerts import correct_and_decide_again, decide_again
from therapyflows.core.session_note.model import Decision, DraftRecord
from therapyflows.governance.access.policy import decide
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.whole.model import NoteFinding

APPROVER_NOT_AUTHORIZED = "approver_not_authorized"
"""``failure_code`` of a draft that was sent back, until it is posted."""


CONTRADICTS_CHART = "contradicts_chart"


async def send_back(ports: RunPorts, record: DraftRecord, decision: Decision) -> None:
    """Tell who may decide now, tell the trail, take the decision back.  Repeated after a crash it happens once.

    The reviewer's working copy stays; the text that was approved goes, with proof.
    """
    for assignee in await _who_may_decide(ports, record):
        await ports.ehr.create_task(decide_again(record, assignee, decision.id))
    for action in (Action.ACCESS_DENIED, Action.DRAFT_SENT_BACK):
        _tell_once(ports, record, decision, action, APPROVER_NOT_AUTHORIZED)
    _take_back(ports, record, decision, APPROVER_NOT_AUTHORIZED)


async def send_back_contradicting(
    ports: RunPorts, record: DraftRecord, decision: Decision, found: Sequence[NoteFinding]
) -> None:
    """The same for a note that contradicts the chart; the trail gets the codes of what was found, no more."""
    for assignee in dict.fromkeys((decision.decided_by, record.clinician_id)):
        await ports.ehr.create_task(correct_and_decide_again(record, assignee, decision.id))
    codes = " ".join(sorted({finding.code for finding in found}))
    _tell_once(ports, record, decision, Action.DRAFT_SENT_BACK, CONTRADICTS_CHART, findings=codes)
    _take_back(ports, record, decision, CONTRADICTS_CHART)


def _take_back(ports: RunPorts, record: DraftRecord, decision: Decision, code: str) -> None:
    deadline = ports.clock() + ports.policy.review_within
    ports.decisions.take_back(decision, code=code, deadline=deadline)
    if decision.content_id is not None:
        ports.eraser.erase("approved_draft", decision.content_id, client_id=record.client_id, reason=code)


async def _who_may_decide(ports: RunPorts, record: DraftRecord) -> list[str]:
    """Everybody with the right; the practice administrators, who can assign the client, when there is nobody."""
    users = [user async for user in ports.ehr.list_users() if user.active]
    able = [user.id for user in users if _may_approve(user, record)]
    return able or [user.id for user in users if Role.PRACTICE_ADMINISTRATOR in user.roles]


def _may_approve(user: User, record: DraftRecord) -> bool:
    return decide(
        person_of(user),
        "approve",
        workflow=record.workflow,
        client_id=record.client_id,
        clinician_id=record.clinician_id,
    ).allowed


def _tell_once(
    ports: RunPorts, record: DraftRecord, decision: Decision, action: Action, code: str, **details: str
) -> None:
    told = ports.audit.search(client_id=record.client_id, resource=f"draft/{record.id}")
    if not any(e.entry.action == action and e.entry.details.get("decision_id") == decision.id for e in told):
        ports.record(
            action,
            f"draft/{record.id}",
            client_id=record.client_id,
            outcome=code,
            decision_id=decision.id,
            decided_by=decision.decided_by,
            **details,
        )
