"""From an approved draft to an unlocked Draft note in the chart, and the proof that it stands there as approved."""

import json
from collections.abc import Sequence

from therapyflows.core.chart import NewProgressNote, Note, NoteStatus
from therapyflows.core.drafts.cosigning import is_cosigned
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.drafts.sending_back import send_back
from therapyflows.core.errors import Conflict, ConsentMissing, Invalid, NotFound, Refused
from therapyflows.core.ids import derived_id
from therapyflows.core.people import person_of
from therapyflows.core.session_note.alerts import note_differs, posting_refused
from therapyflows.core.session_note.beside_the_chart import contradictions, stops
from therapyflows.core.session_note.consent import consent_for
from therapyflows.core.session_note.content_ids import evidence_id
from therapyflows.core.session_note.model import DRAFT, Draft, SessionContext
from therapyflows.core.session_note.rendering import digest_of, render_sections
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.core.session_note.steps.learning import keep_differences, learn_from_approval
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.core.session_note.steps.sending_back import send_back_contradicting
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.access.policy import decide
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.governance.retention.policy import evidence_of_approval


async def post_note(ports: SessionNotePorts, draft_id: str) -> str | None:
    """File the approved note as an unlocked Draft and return its id in the EHR.

    Consent, role and caseload are checked again with the EHR's present data, because days may have passed since the
    decision.  Without consent Refused is raised: the draft fails, the approved text is kept, the clinician has a task.
    When the approver alone lost the right, or the note contradicts the chart as it is now and nobody excused that, the
    draft is sent back for another decision, and None is returned; so it is, with the approval standing, while a
    co-signature is missing.
    """
    record = ports.drafts.get(draft_id)
    if record.ehr_note_id is not None:
        return record.ehr_note_id
    decision = ports.decisions.for_draft(draft_id)
    approved = decision is not None and decision.verdict == Verdict.APPROVE and record.state == DraftState.APPROVED
    if decision is None or decision.content_id is None or decision.is_held or not approved:
        raise Refused("no_approval", "There is no approval for this draft.", draft=draft_id)
    context = await load_context(ports.ehr, record)
    draft = DRAFT.validate_json(ports.contents.get(decision.content_id))
    new_note = note_of(draft, context, draft_id)
    objection = await _consent_objection(ports, record, context)
    authorized = await _approver_may_still(ports, record, decision)
    cosigned = not authorized or await is_cosigned(ports, record, decision)
    against_the_chart = contradictions(draft, context)
    stopped = stops(draft, against_the_chart)
    if objection is None and authorized and cosigned and not stopped:
        _tell_of_warnings(ports, record, against_the_chart)
        note = await ports.ehr.create_progress_note(new_note)
        return _filed(ports, record, new_note, note.id)
    # An earlier try may have filed it when it was still allowed, and died or timed out before it knew.
    found = await ports.ehr.find_note(new_note.client_id, new_note.external_id)
    if found is not None:
        return _filed(ports, record, new_note, found.id)
    if objection is not None:
        await _refuse_posting(ports, record, context, objection)
        raise objection
    if not authorized:
        await send_back(ports, record, decision)
    elif cosigned:  # else it goes on waiting for the co-signature
        await send_back_contradicting(ports, record, decision, stopped)
    return None


def _tell_of_warnings(ports: SessionNotePorts, record: DraftRecord, found: Sequence[NoteFinding]) -> None:
    """What is filed although the chart says something else, by code: warnings, and what the approver excused."""
    if found:
        codes = " ".join(sorted(finding.code for finding in found))
        resource = f"draft/{record.id}"
        ports.record_once(Action.NOTE_CHECKED, resource, client_id=record.client_id, findings=codes)


def _filed(ports: SessionNotePorts, record: DraftRecord, new_note: NewProgressNote, note_id: str) -> str:
    digest = digest_of(new_note.draft_content, new_note.diagnosis_codes, new_note.service_code)
    ports.own_writes.add("notes", note_id)
    ports.record_once(
        Action.NOTE_POSTED, f"notes/{note_id}", client_id=record.client_id, digest=digest, draft_id=record.id
    )
    ports.drafts.update(record.id, ehr_note_id=note_id, approved_digest=digest)
    return note_id


def note_of(draft: Draft, context: SessionContext, draft_id: str) -> NewProgressNote:
    """The note exactly as it goes to the EHR."""
    cpt = [c.code for c in draft.codes if c.system == "cpt"]
    return NewProgressNote(
        client_id=context.client.id,
        appointment_id=context.appointment.id,
        clinician_id=context.clinician.id,
        format=draft.format,
        draft_content=render_sections(draft, load_template(draft.format)),
        diagnosis_codes=tuple(c.code for c in draft.codes if c.system == "icd10"),
        service_code=cpt[0] if cpt else None,
        external_id=derived_id("tfn", draft_id),
    )


async def _approver_may_still(ports: SessionNotePorts, record: DraftRecord, decision: Decision) -> bool:
    """Whether the approver has the right at this moment.  Who is no longer in the EHR has none."""
    try:
        user = await ports.ehr.get_user(decision.decided_by)
    except NotFound:
        return False
    return decide(
        person_of(user),
        "approve",
        workflow=record.workflow,
        client_id=record.client_id,
        clinician_id=record.clinician_id,
    ).allowed


async def _consent_objection(
    ports: SessionNotePorts, record: DraftRecord, context: SessionContext
) -> ConsentMissing | None:
    consent = await consent_for(ports.ehr, record, context.client, None, clock=ports.clock)
    outcome = "ok" if consent.allowed else consent.reason
    ports.record(Action.CONSENT_CHECKED, f"draft/{record.id}", client_id=record.client_id, outcome=outcome)
    if consent.allowed:
        return None
    return ConsentMissing(consent.reason, "The client's consent ended before the note was filed.", draft=record.id)


async def _refuse_posting(
    ports: SessionNotePorts, record: DraftRecord, context: SessionContext, error: Refused
) -> None:
    await ports.ehr.create_task(posting_refused(context.appointment, record.id, error))
    for action in (Action.ACCESS_DENIED, Action.TASK_CREATED):
        ports.record_once(action, f"draft/{record.id}", client_id=record.client_id, outcome=error.code)
    _finish(ports, record, DraftState.FAILED, failure_code=error.code)


async def verify_note(ports: SessionNotePorts, draft_id: str) -> bool:
    """Fetch the note and compare it with what was approved; a difference opens an incident and returns False."""
    record = ports.drafts.get(draft_id)
    if record.state in (DraftState.POSTED, DraftState.INCIDENT):
        return record.state == DraftState.POSTED
    if record.ehr_note_id is None:
        raise Invalid("note_not_posted", "The note was not posted yet.", draft=draft_id)
    note = await _read_back(ports, record.ehr_note_id)
    found = digest_of(note.draft_content, note.diagnosis_codes, note.service_code) if note else None
    same_place = note and (note.client_id, note.appointment_id) == (record.client_id, record.appointment_id)
    if note is None or found != record.approved_digest or not same_place:
        await _open_incident(ports, record, record.ehr_note_id, found)
        return False
    _keep_evidence(ports, record)
    keep_differences(ports, record)
    ports.record_once(
        Action.NOTE_VERIFIED,
        f"notes/{note.id}",
        client_id=record.client_id,
        digest=found,
        draft_id=draft_id,
        unlocked=note.status == NoteStatus.DRAFT,
    )
    _finish(ports, record, DraftState.POSTED, failure_code=None)
    await learn_from_approval(ports, record)
    return True


async def _read_back(ports: SessionNotePorts, note_id: str) -> Note | None:
    """The note as it stands in the chart; None when it is not there at all."""
    try:
        return await ports.ehr.get_note(note_id)
    except NotFound:
        return None


async def _open_incident(ports: SessionNotePorts, record: DraftRecord, note_id: str, found: str | None) -> None:
    ports.record_once(
        Action.NOTE_MISMATCH,
        f"notes/{note_id}",
        client_id=record.client_id,
        outcome="note_mismatch",
        digest=found,
        draft_id=record.id,
        approved_digest=record.approved_digest or "",
    )
    appointment = await ports.ehr.get_appointment(record.appointment_id)
    await ports.ehr.create_task(note_differs(appointment, note_id))
    ports.record_once(Action.TASK_CREATED, f"draft/{record.id}", client_id=record.client_id, outcome="note_mismatch")
    _finish(ports, record, DraftState.INCIDENT, failure_code="note_mismatch")


def _finish(ports: SessionNotePorts, record: DraftRecord, to: DraftState, **changes: object) -> None:
    try:
        ports.drafts.move(record.id, expected=[DraftState.APPROVED], to=to, **changes)
    except Conflict:
        if ports.drafts.get(record.id).state != to:
            raise


def _keep_evidence(ports: SessionNotePorts, record: DraftRecord) -> None:
    """Per approved sentence a short quote with its offset outlives recording and transcript (mission point 7)."""
    decision = ports.decisions.for_draft(record.id)
    if decision is None or decision.content_id is None:
        return
    draft = DRAFT.validate_json(ports.contents.get(decision.content_id))
    kept = evidence_of_approval(
        ((s.id, s.text, s.evidence) for s in draft.statements),
        drafter=draft.drafter,
        prompt_version=draft.prompt_version,
        approved_by=decision.decided_by,
        approved_at=decision.decided_at,
    )
    ports.contents.put(
        record.client_id, "evidence", json.dumps(kept).encode(), content_id=evidence_id(record.id), draft_id=record.id
    )
