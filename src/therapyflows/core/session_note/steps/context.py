"""What the chart knows about one session, read anew each time."""

from datetime import datetime

from therapyflows.core.chart import Note, TreatmentPlan
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.ports import Ehr
from therapyflows.core.session_note.model import SessionContext
from therapyflows.governance.consent.walls import is_walled_off


async def load_context(ehr: Ehr, record: DraftRecord) -> SessionContext:
    """Appointment, client, clinician, the last note before this session, the active plan, scored measures."""
    appointment = await ehr.get_appointment(record.appointment_id)
    return SessionContext(
        appointment=appointment,
        client=await ehr.get_client(record.client_id),
        clinician=await ehr.get_user(record.clinician_id),
        previous_note=await _previous_note(ehr, record, appointment.start),
        plan=await _active_plan(ehr, record.client_id),
        assessments=tuple([scored async for scored in ehr.list_assessments(record.client_id)]),
        draft_id=record.id,
    )


async def _previous_note(ehr: Ehr, record: DraftRecord, before: datetime) -> Note | None:
    """The last progress note before this session; a psychotherapy note is never context."""
    latest: Note | None = None
    async for note in ehr.list_notes(record.client_id):
        if is_walled_off(note.type) or note.type != "progress_note" or note.appointment_id == record.appointment_id:
            continue
        if note.created_at is None or note.created_at > before:
            continue
        if latest is None or latest.created_at is None or note.created_at > latest.created_at:
            latest = note
    return latest


async def _active_plan(ehr: Ehr, client_id: str) -> TreatmentPlan | None:
    async for plan in ehr.list_treatment_plans(client_id):
        if plan.status == "Active":
            return plan
    return None
