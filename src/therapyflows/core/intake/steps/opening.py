"""Open the intake of one form: whose is it, may it be processed, does nobody else work on it?"""

from contextlib import suppress

from therapyflows.core.chart import Client, Document, DocumentKind, Role, User
from therapyflows.core.consents import may_use
from therapyflows.core.drafts.giving_up import give_up
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.taking_over import take_over
from therapyflows.core.errors import Conflict, Invalid, NotFound, Refused
from therapyflows.core.ids import derived_id
from therapyflows.core.intake.alerts import not_permitted
from therapyflows.core.intake.enrolling import filed_form_id
from therapyflows.core.intake.handing_in import WORKFLOW, draft_id_of, is_handed_in, objection
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.core.people import person_of
from therapyflows.governance.access.policy import decide
from therapyflows.governance.audit.model import Action
from therapyflows.governance.consent.policy import Use


async def open_intake(ports: IntakePorts, document_id: str) -> DraftRecord | None:
    """Claim the form for this run; None when it is finished, waits for review, or another run works on it.

    Raises Refused (after telling a person by a task) when nobody is responsible for the client, the clinician may not
    start it, or the client does not want it; Invalid for a document that is no intake form.
    """
    if is_handed_in(document_id):
        return await _open_handed_in(ports, document_id)
    document = await ports.ehr.get_document(document_id)
    if document.kind != DocumentKind.INTAKE_FORM:
        raise Invalid("not_an_intake_form", "The document is not filed as an intake form.", document=document_id)
    known = [r for r in ports.drafts.for_client(document.client_id) if _is_of(r, document)]
    if any(record.state.is_final for record in known) or _is_filed_by_us(ports, document):
        return None
    client = await ports.ehr.get_client(document.client_id)
    clinician = await _responsible(ports, client)
    await _require_permission(ports, document, client, clinician)
    assert clinician is not None  # without one the permission is refused
    record = ports.drafts.claim(_row(ports, document, clinician, part2=client.part2_program))
    if record.flow_run_id not in (None, ports.flow_run_id):
        return take_over(ports, record)
    return record


async def _open_handed_in(ports: IntakePorts, form_ref: str) -> DraftRecord | None:
    """The same for a form that was handed in here, of somebody who stands in no chart.  Raises NotFound, Refused."""
    record = ports.drafts.get(draft_id_of(form_ref))
    if record.state.is_final:
        return None
    clinician = await ports.ehr.get_user(record.clinician_id)
    code = objection(clinician, record.client_id, ports.clock()) if record.is_prospect else None
    if code is not None:
        await give_up(ports, record.id, code)
        raise Refused(code, "The intake form may not be processed.", draft=record.id)
    if record.flow_run_id == ports.flow_run_id:
        return record
    if record.flow_run_id is not None:
        return take_over(ports, record)
    with suppress(Conflict):  # another run was faster
        return ports.drafts.update(record.id, version=record.version, flow_run_id=ports.flow_run_id)
    return None


def _is_filed_by_us(ports: IntakePorts, document: Document) -> bool:
    """Whether an intake of a form that was handed in here put it into the chart."""
    drafts = (r for r in ports.drafts.for_client(document.client_id) if is_handed_in(r.source_ref))
    return any(document.external_id == filed_form_id(record.id) for record in drafts)


def _is_of(record: DraftRecord, document: Document) -> bool:
    return record.workflow == WORKFLOW and record.source_ref == document.id


async def _responsible(ports: IntakePorts, client: Client) -> User | None:
    """The first assigned clinician who still works here."""
    for user_id in client.assigned_clinicians:
        try:
            user = await ports.ehr.get_user(user_id)
        except NotFound:
            continue
        if user.active:
            return user
    return None


async def _require_permission(ports: IntakePorts, document: Document, client: Client, clinician: User | None) -> None:
    code = _objection(ports, client, clinician)
    ports.record(Action.CONSENT_CHECKED, f"documents/{document.id}", client_id=client.id, outcome=code or "ok")
    if code is None:
        return
    assignees = [clinician.id] if clinician else await _administrators(ports)
    for assignee in assignees:
        await ports.ehr.create_task(not_permitted(document.id, client.id, assignee, code))
    ports.record(Action.TASK_CREATED, f"documents/{document.id}", client_id=client.id, outcome=code)
    raise Refused(code, "The intake form may not be processed.", document=document.id)


def _objection(ports: IntakePorts, client: Client, clinician: User | None) -> str | None:
    if clinician is None:
        return "no_clinician_assigned"
    access = decide(
        person_of(clinician), "start_run", workflow=WORKFLOW, client_id=client.id, clinician_id=clinician.id
    )
    if not access.allowed:
        return access.reason
    answer = may_use(Use(WORKFLOW, part2=client.part2_program), client, clinician, now=ports.clock())
    return None if answer.allowed else answer.reason


async def _administrators(ports: IntakePorts) -> list[str]:
    users = [user async for user in ports.ehr.list_users()]
    return [user.id for user in users if user.active and Role.PRACTICE_ADMINISTRATOR in user.roles]


def _row(ports: IntakePorts, document: Document, clinician: User, *, part2: bool) -> DraftRecord:
    now = ports.clock()
    return DraftRecord(
        id=derived_id("drf", WORKFLOW, document.id),
        workflow=WORKFLOW,
        client_id=document.client_id,
        clinician_id=clinician.id,
        appointment_id=document.appointment_id or "",
        source_ref=document.id,
        format=WORKFLOW,
        state=DraftState.PREPARING,
        version=1,
        created_at=now,
        updated_at=now,
        flow_run_id=ports.flow_run_id,
        part2=part2,
    )
