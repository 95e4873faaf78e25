"""A draft is handed to a colleague who may decide on it: who that can be, and what has to be told."""

from collections.abc import Awaitable, Callable, Iterable

from therapyflows.core.chart import NewTask, User
from therapyflows.core.drafts.alerts import handed_over
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Refused
from therapyflows.core.people import person_of
from therapyflows.core.ports import AuditTrail, Drafts
from therapyflows.governance.access.policy import AccessDecision, decide
from therapyflows.governance.audit.model import Action, Actor, AuditEntry


def may_take(user: User, record: DraftRecord) -> AccessDecision:
    """Whether this colleague has the right to decide on it; handing over gives nobody a right."""
    return decide(
        person_of(user),
        "approve",
        workflow=record.workflow,
        client_id=record.client_id,
        clinician_id=record.clinician_id,
    )


def colleagues_for(record: DraftRecord, users: Iterable[User]) -> tuple[User, ...]:
    """Who may take it, by name, without who has it."""
    able = (user for user in users if user.id != record.holder and may_take(user, record).allowed)
    return tuple(sorted(able, key=lambda user: (user.name, user.id)))


async def hand_over(
    record: DraftRecord,
    to: User,
    *,
    by: Actor,
    version: int,
    drafts: Drafts,
    audit: AuditTrail,
    create_task: Callable[[NewTask], Awaitable[object]],
) -> DraftRecord:
    """Give it to ``to``, who gets a task in the EHR unless they took it themselves.

    The task comes first: when the EHR does not take it (Transient) nothing has changed, and trying again makes no
    second one.  Raises Refused for who may not decide, Conflict for a draft that was decided or changed meanwhile.
    """
    answer = may_take(to, record)
    if not answer.allowed:
        raise Refused(answer.reason, "This person may not decide on drafts of this client.", draft=record.id)
    if record.state is not DraftState.IN_REVIEW or record.version != version:
        raise Conflict("draft_changed", "This draft was changed or decided meanwhile.", draft=record.id)
    if to.id != by.id:
        await create_task(handed_over(record, to.id))
    held_by = to.id if to.id != record.clinician_id else None
    given = drafts.update(record.id, version=version, held_by=held_by)
    audit.append(_entry(given, by, record.holder))
    return given


def _entry(record: DraftRecord, by: Actor, had_it: str) -> AuditEntry:
    return AuditEntry(
        action=Action.DRAFT_HANDED_OVER,
        actor=by,
        resource=f"draft/{record.id}",
        client_id=record.client_id,
        flow_run_id=record.flow_run_id,
        details={"from": had_it, "to": record.holder, "version": record.version},
    )
