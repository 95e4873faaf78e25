"""Open a draft for one session: may it be drafted at all, and does nobody else draft it already?"""

from contextlib import suppress

from therapyflows.core.chart import Appointment, Client, Document, DocumentKind, User
from therapyflows.core.consents import may_use
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.taking_over import take_over
from therapyflows.core.errors import Conflict, ConsentMissing, Invalid, Refused
from therapyflows.core.ids import derived_id
from therapyflows.core.people import person_of
from therapyflows.core.session_note.alerts import not_permitted, psychotherapy_note
from therapyflows.core.session_note.consent import SESSION_FIELDS, WORKFLOW, is_recording
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.governance.access.policy import decide
from therapyflows.governance.audit.model import Action
from therapyflows.governance.consent.policy import Use
from therapyflows.governance.consent.walls import is_walled_off

PSYCHOTHERAPY_NOTE = "psychotherapy_note_refused"
SUPERSEDED = "superseded_by_recording"
_SOURCES = (DocumentKind.RECORDING, DocumentKind.DICTATION, DocumentKind.TRANSCRIPT)


async def open_draft(ports: SessionNotePorts, appointment_id: str, document_id: str | None) -> DraftRecord | None:
    """Claim the draft of this session for this run.

    Returns None when there is nothing to do: it stands finished already, or another run works on it.
    Raises ConsentMissing or Refused (after telling the clinician by a task; a psychotherapy note is refused whatever
    was consented to), Invalid for a document that belongs to another client or appointment.
    """
    appointment = await ports.ehr.get_appointment(appointment_id)
    document = await _source_document(ports, appointment, document_id)
    if _is_finished(ports, appointment, document):
        return None
    client = await ports.ehr.get_client(appointment.client_id)
    clinician = await ports.ehr.get_user(appointment.clinician_id)
    await require_permission(ports, appointment, client, clinician, document)
    record = _claim(ports, appointment, document, part2=client.part2_program)
    if record.state.is_final or record.flow_run_id not in (None, ports.flow_run_id):
        record_or_none = take_over(ports, record)
        if record_or_none is None:
            return None
        record = record_or_none
    _supersede_older(ports, record)
    return record


async def _source_document(
    ports: SessionNotePorts, appointment: Appointment, document_id: str | None
) -> Document | None:
    if document_id is None:
        if appointment.session_fields is None:
            raise Invalid("no_source", "The session has neither a recording nor session fields.", id=appointment.id)
        return None
    document = await ports.ehr.get_document(document_id)
    if document.client_id != appointment.client_id or document.appointment_id != appointment.id:
        raise Invalid("document_of_another_session", appointment=appointment.id, document=document_id)
    if is_walled_off(document.kind):
        await _refuse_psychotherapy_note(ports, appointment, document)
    if document.kind not in _SOURCES:
        raise Invalid("not_a_session_source", appointment=appointment.id, document=document_id)
    return document


async def _refuse_psychotherapy_note(ports: SessionNotePorts, appointment: Appointment, document: Document) -> None:
    """Not a byte of it is fetched.  Always raises Refused."""
    await ports.ehr.create_task(psychotherapy_note(appointment, document.id))
    for action in (Action.CONSENT_CHECKED, Action.TASK_CREATED):
        ports.record_once(action, f"documents/{document.id}", client_id=document.client_id, outcome=PSYCHOTHERAPY_NOTE)
    raise Refused(PSYCHOTHERAPY_NOTE, "A psychotherapy note is not read by any machine.", document=document.id)


def _is_finished(ports: SessionNotePorts, appointment: Appointment, document: Document | None) -> bool:
    """Whether this source was dealt with before: then consent is not asked again, and nobody is told anything."""
    source_ref = document.id if document else SESSION_FIELDS
    return any(
        record.state.is_final and (record.workflow, record.source_ref) == (WORKFLOW, source_ref)
        for record in ports.drafts.for_appointment(appointment.id)
    )


async def require_permission(
    ports: SessionNotePorts, appointment: Appointment, client: Client, clinician: User, document: Document | None
) -> None:
    """Raise unless consent and role allow a draft; the answer goes into the audit trail either way."""
    code = _objection(ports, appointment, client, clinician, document)
    ports.record(Action.CONSENT_CHECKED, f"appointments/{appointment.id}", client_id=client.id, outcome=code or "ok")
    if code is None:
        return
    await ports.ehr.create_task(not_permitted(appointment, code))
    ports.record(Action.TASK_CREATED, f"appointments/{appointment.id}", client_id=client.id, outcome=code)
    error = ConsentMissing if "consent" in code else Refused
    raise error(code, "The session may not be drafted.", appointment=appointment.id)


def _objection(
    ports: SessionNotePorts, appointment: Appointment, client: Client, clinician: User, document: Document | None
) -> str | None:
    access = decide(
        person_of(clinician), "start_run", workflow=WORKFLOW, client_id=client.id, clinician_id=clinician.id
    )
    if not access.allowed:
        return access.reason
    use = Use(
        WORKFLOW,
        source_is_recording=is_recording(document),
        part2=client.part2_program,
        leaves_machine=ports.policy.model_leaves_machine,
    )
    answer = may_use(use, client, clinician, now=ports.clock())
    return None if answer.allowed else answer.reason


def _claim(ports: SessionNotePorts, appointment: Appointment, document: Document | None, *, part2: bool) -> DraftRecord:
    source_ref = document.id if document else SESSION_FIELDS
    now = ports.clock()
    return ports.drafts.claim(
        DraftRecord(
            id=derived_id("drf", WORKFLOW, appointment.id, source_ref),
            workflow=WORKFLOW,
            client_id=appointment.client_id,
            clinician_id=appointment.clinician_id,
            appointment_id=appointment.id,
            source_ref=source_ref,
            format=ports.policy.note_format,
            state=DraftState.PREPARING,
            version=1,
            created_at=now,
            updated_at=now,
            flow_run_id=ports.flow_run_id,
            part2=part2,
            session_at=appointment.start,
        )
    )


def _supersede_older(ports: SessionNotePorts, record: DraftRecord) -> None:
    """A recording replaces an undecided draft that was made from session fields alone."""
    if record.source_ref == SESSION_FIELDS:
        return
    undecided = (DraftState.PREPARING, DraftState.IN_REVIEW)
    for other in ports.drafts.for_appointment(record.appointment_id):
        if other.source_ref != SESSION_FIELDS:
            continue
        if other.state in undecided:
            with suppress(Conflict):  # decided at this moment: the decision counts
                other = ports.drafts.move(
                    other.id, expected=undecided, to=DraftState.CANCELLED, failure_code=SUPERSEDED
                )
        if other.failure_code == SUPERSEDED:
            ports.record_once(Action.DRAFT_CANCELLED, f"draft/{other.id}", client_id=other.client_id, reason=SUPERSEDED)
