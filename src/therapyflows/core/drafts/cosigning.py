"""A supervisor's co-signature under an approval that needs one.

::

    approval by an associate ─▶ co-signature asked for ─▶ task for every supervisor responsible
                                      │ signed: the run wakes, checks both again, and files
                                      └ sent back with a comment: the approval is taken back, the draft waits again

The draft stays ``approved`` meanwhile and nothing happens on it: whatever wakes its run, the run goes back to sleep.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from therapyflows.core.chart import NewTask, Role, User
from therapyflows.core.drafts.alerts import cosign_asked
from therapyflows.core.drafts.cosignature import Cosignature, CosignState
from therapyflows.core.drafts.deciding import GRACE
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.errors import NotFound
from therapyflows.core.people import person_of
from therapyflows.core.ports import AuditTrail, Decisions, Drafts
from therapyflows.core.run_ports import RunPorts
from therapyflows.governance.access.cosign import CosignRules
from therapyflows.governance.access.policy import AccessDecision, decide
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

COSIGNER_NOT_AUTHORIZED = "cosigner_not_authorized"


def may_cosign(user: User, record: DraftRecord, decision: Decision, rules: CosignRules) -> AccessDecision:
    """Whether this person may answer for the approval: a supervisor of whoever approved, and nobody for themselves."""
    if user.id == decision.decided_by or rules.needs(user.credential, record.workflow):
        return AccessDecision(False, "needs_cosignature_too")
    person, approver = person_of(user), decision.decided_by
    return decide(person, "cosign", workflow=record.workflow, client_id=record.client_id, clinician_id=approver)


def cosigners(users: Iterable[User], record: DraftRecord, decision: Decision, rules: CosignRules) -> list[str]:
    """The supervisors responsible; the practice administrators, who can assign one, when there is nobody."""
    active = [user for user in users if user.active]
    able = [user.id for user in active if may_cosign(user, record, decision, rules).allowed]
    return able or [user.id for user in active if Role.PRACTICE_ADMINISTRATOR in user.roles]


async def ask_cosigners(
    record: DraftRecord,
    decision: Decision,
    assignees: Sequence[str],
    *,
    create_task: Callable[[NewTask], Awaitable[object]],
    audit: AuditTrail,
    by: Actor,
    round_: int = 0,
) -> None:
    """A task for each, once a round; then the entry that says that it was asked."""
    for assignee in assignees:
        await create_task(cosign_asked(record, assignee, decision.id, round_))
    audit.append(entry_of(Action.COSIGN_ASKED, record, decision, by, round=round_, asked=len(assignees)))


def sign(record: DraftRecord, decision: Decision, *, by: Actor, decisions: Decisions, audit: AuditTrail) -> None:
    """The supervisor answers for it.  Raises Conflict when it does not wait any more."""
    found = decisions.cosignatures.sign(decision.id, by=by.id, role=by.role)
    _tell_cosigned(record, decision, found, audit)


def settle_cosigned(drafts: Drafts, decisions: Decisions, audit: AuditTrail, *, clock: Callable[[], datetime]) -> int:
    """Tell what a crash left untold behind a co-signature; returns how many approvals were looked at."""
    left = decisions.cosignatures.signed(before=clock() - GRACE)
    for found in left:
        decision = decisions.for_draft(found.draft_id)
        if decision is not None and decision.id == found.decision_id:
            _tell_cosigned(drafts.get(found.draft_id), decision, found, audit)
    return len(left)


async def is_cosigned(ports: RunPorts, record: DraftRecord, decision: Decision) -> bool:
    """Asked by the run when it wakes, with the EHR's present data: may this approval be carried out?

    An approval by somebody whose credential needs a co-signature waits for one, also when it was not asked for before.
    A co-signature by somebody who lost the right does not count: it is asked for again.
    """
    cosignatures = ports.decisions.cosignatures
    approver = await _user(ports, decision.decided_by)
    found = cosignatures.of(decision.id)
    if found is None:
        if approver is None or not ports.policy.cosign.needs(approver.credential, record.workflow):
            return True
        found = cosignatures.ask(decision.id, record.id)
    if found.state is CosignState.SIGNED:  # nothing is filed under a co-signature of which the trail does not tell
        _tell_cosigned(record, decision, found, ports.audit)
    if found.state is CosignState.SIGNED and await _signer_may_still(ports, record, decision, found):
        return True
    if found.state is CosignState.SIGNED:
        _void(ports, record, decision, found)
    return False


def _tell_cosigned(record: DraftRecord, decision: Decision, found: Cosignature, audit: AuditTrail) -> None:
    """The entry of this co-signature, once; an earlier one that was void has an entry of its own."""
    signed_at = found.signed_at.isoformat() if found.signed_at else ""
    told = (known.entry for known in audit.search(client_id=record.client_id, resource=f"draft/{record.id}"))
    if not any(e.action == Action.DRAFT_COSIGNED and e.details.get("signed_at") == signed_at for e in told):
        by = Actor("person", found.signed_by or "", found.role)
        audit.append(entry_of(Action.DRAFT_COSIGNED, record, decision, by, signed_at=signed_at))


async def _signer_may_still(ports: RunPorts, record: DraftRecord, decision: Decision, found: Cosignature) -> bool:
    signer = await _user(ports, found.signed_by or "")
    return signer is not None and may_cosign(signer, record, decision, ports.policy.cosign).allowed


def _void(ports: RunPorts, record: DraftRecord, decision: Decision, found: Cosignature) -> None:
    ports.record(
        Action.ACCESS_DENIED,
        f"draft/{record.id}",
        client_id=record.client_id,
        outcome=COSIGNER_NOT_AUTHORIZED,
        decision_id=decision.id,
        signed_by=found.signed_by or "",
    )
    ports.decisions.cosignatures.void(decision.id)


async def _user(ports: RunPorts, user_id: str) -> User | None:
    try:
        return await ports.ehr.get_user(user_id)
    except NotFound:
        return None


def entry_of(
    action: Action, record: DraftRecord, decision: Decision, by: Actor, *, outcome: str = "ok", **details: int | str
) -> AuditEntry:
    """What the trail gets of an approval and its co-signature."""
    return AuditEntry(
        action=action,
        actor=by,
        resource=f"draft/{record.id}",
        client_id=record.client_id,
        flow_run_id=record.flow_run_id,
        outcome=outcome,
        details={"decision_id": decision.id, "decided_by": decision.decided_by, **details},
    )


def needs_cosignature(decision: Decision, credential: str | None, workflow: str, rules: CosignRules) -> bool:
    return decision.verdict is Verdict.APPROVE and rules.needs(credential, workflow)
