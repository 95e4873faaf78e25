"""Approvals that wait for a co-signature: ask the supervisors responsible, remind them, then tell the administrators.

They do not expire: a person has decided, and the text that was approved must not get lost because another is away.
"""

import structlog

from therapyflows.core.chart import Role, User
from therapyflows.core.drafts.cosignature import Cosignature
from therapyflows.core.drafts.cosigning import ask_cosigners, cosigners
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.drafts.waiting import WATCH, WatchPorts
from therapyflows.core.errors import TherapyFlowsError

log = structlog.get_logger()


async def watch_cosignatures(ports: WatchPorts) -> int:
    """Ask where it is due; how many.  Also makes up for what was not asked when it was approved."""
    asked = 0
    for found in ports.decisions.cosignatures.waiting():
        rounds = rounds_due(ports, found)
        if rounds <= found.reminders_sent:
            continue
        try:
            await _ask(ports, found, rounds)
            asked += 1
        except TherapyFlowsError as error:  # trouble with one does not hold up the others
            log.warning("cosign_watch_failed", draft_id=found.draft_id, code=error.code)
    return asked


def rounds_due(ports: WatchPorts, found: Cosignature) -> int:
    """At once, and once more after each full period."""
    return 1 + max(int((ports.clock() - found.asked_at) / ports.policy.remind_after), 0)


async def _ask(ports: WatchPorts, found: Cosignature, rounds: int) -> None:
    record, decision = ports.drafts.get(found.draft_id), ports.decisions.for_draft(found.draft_id)
    if decision is None or decision.id != found.decision_id:
        return
    users = [user async for user in ports.ehr.list_users()]
    assignees = _assignees(ports, record, decision, found, users)
    create_task = ports.ehr.create_task
    await ask_cosigners(
        record, decision, assignees, create_task=create_task, audit=ports.audit, by=WATCH, round_=rounds - 1
    )
    ports.decisions.cosignatures.reminded(found.decision_id, rounds)


def _assignees(
    ports: WatchPorts,
    record: DraftRecord,
    decision: Decision,
    found: Cosignature,
    users: list[User],
) -> list[str]:
    able = cosigners(users, record, decision, ports.cosign)
    if ports.clock() - found.asked_at < ports.policy.escalate_after:
        return able
    administrators = [user.id for user in users if user.active and Role.PRACTICE_ADMINISTRATOR in user.roles]
    return list(dict.fromkeys([*able, *administrators]))
