"""One draft: the note beside its transcript, or, once decided, what became of it."""

import asyncio
from collections.abc import Sequence

import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.chart import Appointment, Client
from therapyflows.core.errors import NotFound
from therapyflows.core.intake.deciding import REJECTION_REASONS as INTAKE_REASONS
from therapyflows.core.session_note.model import Decision, DraftRecord, DraftState, SourceKind
from therapyflows.core.session_note.review import REJECTION_REASONS
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.desk import OpenDraft
from therapyflows.web.review.findings import beside_the_chart
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, may, permitted_record
from therapyflows.web.review.view import URGENT, display_name, note_view, notices, page_of

router = APIRouter()
log = structlog.get_logger()

STATES = {
    DraftState.PREPARING: ("Being prepared", "The draft is still being made. It will appear in your queue."),
    DraftState.IN_REVIEW: ("Decided", "Your decision is recorded and is being carried out."),
    DraftState.APPROVED: ("Approved, being posted", "The note is on its way into the chart as an unlocked draft."),
    DraftState.POSTED: (
        "Posted",
        "The note stands in the chart as an unlocked draft, exactly as approved. Sign it there.",
    ),
    DraftState.REJECTED: ("Rejected", "Nothing was written to the chart."),
    DraftState.EXPIRED: ("Expired", "Nobody decided in time. Nothing was written to the chart."),
    DraftState.CANCELLED: ("Withdrawn", "Consent was withdrawn or a better source came. Nothing was written."),
    DraftState.FAILED: ("Not posted", "The note could not be filed. You have a task in the EHR that says why."),
    DraftState.INCIDENT: (
        "Please check the chart",
        "What stands in the chart is not what was approved. Compare the note before signing it.",
    ),
}

INTAKE_STATES = {
    DraftState.PREPARING: ("Being read", "The form is still being read. It will appear in your queue."),
    DraftState.APPROVED: ("Approved, being written", "The record is on its way into the chart."),
    DraftState.POSTED: (
        "Written",
        "The client’s record stands in the chart as approved. The welcome message waits there as a draft.",
    ),
    DraftState.FAILED: ("Not written", "The record could not be written. You have a task in the EHR that says why."),
    DraftState.INCIDENT: (
        "Please check the chart",
        "What stands in the chart is not what was approved. Compare the client’s record.",
    ),
}
"""Where an intake has other words."""

SOURCES = {
    SourceKind.RECORDING: "Transcript",
    SourceKind.DICTATION: "Dictation",
    SourceKind.TRANSCRIPT: "Uploaded transcript",
    SourceKind.SESSION_FIELDS: "Session fields",
}


@router.get("/drafts/{draft_id}")
async def show(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    record = await permitted_record(deps, reviewer, "view", draft_id)
    if page_of(record) != request.url.path:
        return RedirectResponse(page_of(record), 303)
    decision = await asyncio.to_thread(desk.decision_of, deps, record)
    client = await deps.ehr_client(record.client_id)
    emergency = reviewer.emergency_on(record)
    closed = record.state != DraftState.IN_REVIEW or decision is not None
    if not closed or emergency is not None:
        await asyncio.to_thread(audit_view, deps, reviewer, record, emergency)
    if closed:
        return await outcome(request, deps, reviewer, record, decision, client)
    opened = await asyncio.to_thread(desk.open_draft, deps, record)
    appointment = await _appointment(deps, record)
    found = await beside_the_chart(deps, opened)
    return await asyncio.to_thread(_review_page, request, deps, reviewer, opened, client, appointment, found)


def audit_view(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord, emergency: EmergencyAccess | None) -> None:
    more = {"emergency": emergency.id} if emergency else {}
    desk.audit(deps, record, Action.DRAFT_VIEWED, reviewer.acting_on(record), version=record.version, **more)


@router.get("/drafts/{draft_id}/state")
async def state(deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    record = await permitted_record(deps, reviewer, "view", draft_id)
    return JSONResponse(state_words(record))


def state_words(record: DraftRecord) -> dict[str, str | bool | None]:
    own = INTAKE_STATES if record.workflow == "intake" else {}
    title, words = own.get(record.state, STATES[record.state])
    moving = record.state in (DraftState.PREPARING, DraftState.IN_REVIEW, DraftState.APPROVED)
    return {
        "state": record.state.value,
        "title": title,
        "message": words,
        "note_id": record.ehr_note_id,
        "final": not moving,
    }


def note_values(reviewer: Reviewer, opened: OpenDraft, against_the_chart: Sequence[NoteFinding]) -> dict[str, object]:
    """What the note pane alone needs; also rendered after every change."""
    record = opened.record
    return {
        "note": note_view(opened, against_the_chart),
        "record": record,
        "can_edit": may(reviewer, "edit", record),
        "can_decide": may(reviewer, "approve", record),
        "reasons": REJECTION_REASONS,
    }


def _review_page(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    opened: OpenDraft,
    client: Client,
    appointment: Appointment | None,
    against_the_chart: Sequence[NoteFinding],
) -> Response:
    run = opened.record.flow_run_id
    run_url = f"{deps.prefect_ui_url.rstrip('/')}/runs/flow-run/{run}" if deps.prefect_ui_url and run else None
    response: Response = request.app.state.pages.render(
        request,
        "draft.html",
        reviewer=reviewer,
        title=f"{opened.machine.format.upper()} note",
        client_name=display_name(client),
        pronouns=client.pronouns,
        appointment=appointment,
        opened=opened,
        notices=notices(opened),
        urgent=URGENT,
        withheld={w.segment_id: w.wall.value for w in opened.transcript.withheld} if opened.transcript else {},
        has_recording=_has_recording(deps, opened.record),
        source_title=SOURCES[opened.transcript.source] if opened.transcript is not None else "Transcript",
        idle_s=int(deps.idle_timeout.total_seconds()),
        run_url=run_url,
        emergency=reviewer.emergency_on(opened.record),
        **note_values(reviewer, opened, against_the_chart),
    )
    return response


async def outcome(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    record: DraftRecord,
    decision: Decision | None,
    client: Client,
) -> Response:
    record_words = state_words(record)
    decided_by = await _name_of(deps, decision.decided_by) if decision is not None else None
    reasons = INTAKE_REASONS if record.workflow == "intake" else REJECTION_REASONS
    reason = reasons.get(decision.reason_code or "") if decision is not None else None
    response: Response = request.app.state.pages.render(
        request,
        "outcome.html",
        reviewer=reviewer,
        title=str(record_words["title"]),
        record=record,
        state=record_words,
        what="Intake form" if record.workflow == "intake" else f"{record.format.upper()} note",
        decision=decision,
        decided_by=decided_by,
        reason=reason,
        client_name=display_name(client),
        emergency=reviewer.emergency_on(record),
    )
    return response


def _has_recording(deps: ReviewDeps, record: DraftRecord) -> bool:
    if record.recording_id is None:
        return False
    try:
        return deps.recordings.size(record.recording_id) > 0
    except NotFound:
        return False


async def _appointment(deps: ReviewDeps, record: DraftRecord) -> Appointment | None:
    try:
        return await deps.appointments(record.appointment_id)
    except NotFound:
        return None


async def _name_of(deps: ReviewDeps, user_id: str) -> str:
    try:
        return (await deps.users(user_id)).name
    except NotFound:
        return user_id
