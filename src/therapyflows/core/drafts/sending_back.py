"""An approved draft whose approver lost the right to approve goes back into review, for somebody who has it."""

from therapyflows.core.chart import Role, User
from therapyflows.core.drafts.alerts import decide_again
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.people import person_of
from therapyflows.core.run_ports import RunPorts
from therapyflows.governance.access.policy import decide
from therapyflows.governance.audit.model import Action

APPROVER_NOT_AUTHORIZED = "approver_not_authorized"
"""``failure_code`` of a draft that was sent back, until it is posted."""


async def send_back(ports: RunPorts, record: DraftRecord, decision: Decision) -> None:
    """Tell who may decide now, tell the trail, take the decision back.  Repeated after a crash it happens once.

    The reviewer's working copy stays; the text that was approved goes, with proof.
    """
    for assignee in await _who_may_decide(ports, record):
        await ports.ehr.create_task(decide_again(record, assignee, decision.id))
    for action in (Action.ACCESS_DENIED, Action.DRAFT_SENT_BACK):
        tell_once(ports, record, decision, action, APPROVER_NOT_AUTHORIZED)
    take_back(ports, record, decision, APPROVER_NOT_AUTHORIZED)


def take_back(ports: RunPorts, record: DraftRecord, decision: Decision, code: str) -> None:
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


def tell_once(
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
