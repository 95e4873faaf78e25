"""From an approved intake to the chart: the client's record, the measures, the welcome message; then read back."""

import hashlib
from contextlib import suppress

from therapyflows.core.chart import NewAssessment, NewMessage
from therapyflows.core.drafts.model import DraftRecord, DraftState, Verdict
from therapyflows.core.drafts.sending_back import send_back
from therapyflows.core.errors import Conflict, ConsentMissing, Invalid, Refused
from therapyflows.core.ids import derived_id
from therapyflows.core.intake.alerts import not_posted, record_differs
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft
from therapyflows.core.intake.enrolling import enroll, file_form
from therapyflows.core.intake.handing_in import is_handed_in
from therapyflows.core.intake.record import assessments_of, changes_of
from therapyflows.core.intake.rights import may_still
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.core.session_note.consent import consent_for
from therapyflows.governance.audit.model import Action

TRIES = 3
"""How often the record is read again when somebody else changes it at the same moment."""


async def post_record(ports: IntakePorts, draft_id: str) -> bool:
    """Write what was approved, once; False when the approver lost the right and the intake went back to review.

    Rights and opt-outs are checked again with the EHR's present data.  Raises Refused when the client took part back.
    """
    record = ports.drafts.get(draft_id)
    if record.approved_digest is not None:
        return True
    decision = ports.decisions.for_draft(draft_id)
    approved = decision is not None and decision.verdict == Verdict.APPROVE and record.state == DraftState.APPROVED
    if decision is None or decision.content_id is None or decision.is_held or not approved:
        raise Refused("no_approval", "There is no approval for this intake.", draft=draft_id)
    content = ports.contents.get(decision.content_id)
    draft = INTAKE_DRAFT.validate_json(content)
    if record.is_prospect:
        enrolled = await enroll(ports, record, draft, decision)
        if enrolled is None:
            return False
        record = enrolled
    await _require_consent(ports, record)
    if not _is_begun(ports, record) and not await may_still(ports.ehr, record, decision):
        await send_back(ports, record, decision)
        return False
    await _write_client(ports, record, draft)
    if is_handed_in(record.source_ref):
        await file_form(ports, record)
    await _file_measures(ports, record, draft)
    await _write_welcome(ports, record, draft)
    ports.drafts.update(record.id, approved_digest=f"sha256:{hashlib.sha256(content).hexdigest()}")
    return True


def _is_begun(ports: IntakePorts, record: DraftRecord) -> bool:
    """Whether an earlier try changed the record: it had the right then, and half a record helps nobody."""
    told = ports.audit.search(client_id=record.client_id, resource=f"draft/{record.id}")
    return any(found.entry.action in (Action.CLIENT_UPDATED, Action.PROSPECT_LINKED) for found in told)


async def _require_consent(ports: IntakePorts, record: DraftRecord) -> None:
    client = await ports.ehr.get_client(record.client_id)
    answer = await consent_for(ports.ehr, record, client, None, clock=ports.clock)
    outcome = "ok" if answer.allowed else answer.reason
    ports.record(Action.CONSENT_CHECKED, f"draft/{record.id}", client_id=record.client_id, outcome=outcome)
    if answer.allowed:
        return
    error = ConsentMissing(answer.reason, "The client took part back before the intake was written.", draft=record.id)
    await ports.ehr.create_task(not_posted(record, error))
    ports.record_once(Action.TASK_CREATED, f"draft/{record.id}", client_id=record.client_id, outcome=error.code)
    with suppress(Conflict):
        ports.drafts.move(record.id, expected=[DraftState.APPROVED], to=DraftState.FAILED, failure_code=error.code)
    raise error


async def _write_client(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft) -> None:
    """Change what differs, under the etag just read; read again when somebody else was faster."""
    for last in (False,) * (TRIES - 1) + (True,):
        client = await ports.ehr.get_client(record.client_id)
        changes = changes_of(draft.form, client)
        if not changes.model_fields_set:
            return
        try:
            await ports.ehr.update_client(client.id, changes, etag=client.etag or "")
            break
        except Conflict:
            if last:
                raise
    ports.own_writes.add("clients", record.client_id)
    ports.record_once(
        Action.CLIENT_UPDATED,
        f"draft/{record.id}",
        client_id=record.client_id,
        fields=" ".join(sorted(changes.model_fields_set))[:200],
    )


async def _file_measures(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft) -> None:
    for wanted in _assessments(record, draft):
        filed = await ports.ehr.create_assessment(wanted)
        ports.own_writes.add("assessments", filed.id)
        ports.record_once(
            Action.ASSESSMENT_FILED, f"assessments/{filed.id}", client_id=record.client_id, draft_id=record.id
        )


async def _write_welcome(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft) -> None:
    """As a Draft in the EHR's messages: sending it stays a person's act."""
    if not draft.welcome.body.strip():
        return
    message = NewMessage(
        client_id=record.client_id,
        subject=draft.welcome.subject or None,
        body=draft.welcome.body,
        external_id=derived_id("tfm", record.id, "welcome"),
    )
    message_id = await ports.ehr.create_message(message)
    ports.own_writes.add("messages", message_id)
    ports.record_once(Action.MESSAGE_DRAFTED, f"messages/{message_id}", client_id=record.client_id, draft_id=record.id)


def _assessments(record: DraftRecord, draft: IntakeDraft) -> tuple[NewAssessment, ...]:
    return assessments_of(draft.form, client_id=record.client_id, draft_id=record.id)


async def verify_record(ports: IntakePorts, draft_id: str) -> bool:
    """Read record and measures back and compare them with the approval; a difference opens an incident."""
    record = ports.drafts.get(draft_id)
    if record.state in (DraftState.POSTED, DraftState.INCIDENT):
        return record.state == DraftState.POSTED
    decision = ports.decisions.for_draft(draft_id)
    if record.approved_digest is None or decision is None or decision.content_id is None:
        raise Invalid("record_not_posted", "The intake was not written yet.", draft=draft_id)
    draft = INTAKE_DRAFT.validate_json(ports.contents.get(decision.content_id))
    client = await ports.ehr.get_client(record.client_id)
    as_approved = not changes_of(draft.form, client).model_fields_set and await _measures_stand(ports, record, draft)
    if as_approved:
        ports.record_once(Action.RECORD_VERIFIED, f"draft/{draft_id}", client_id=record.client_id)
    else:
        ports.record_once(Action.RECORD_MISMATCH, f"draft/{draft_id}", client_id=record.client_id, outcome="mismatch")
        await ports.ehr.create_task(record_differs(record))
    to = DraftState.POSTED if as_approved else DraftState.INCIDENT
    with suppress(Conflict):  # by an earlier try
        ports.drafts.move(draft_id, expected=[DraftState.APPROVED], to=to)
    return as_approved


async def _measures_stand(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft) -> bool:
    wanted = {a.external_id: (a.measure, a.answers, a.score) for a in _assessments(record, draft)}
    found = {
        a.external_id: (a.measure, a.answers, a.score)
        async for a in ports.ehr.list_assessments(record.client_id)
        if a.external_id in wanted
    }
    return found == wanted
