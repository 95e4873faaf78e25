"""One draft: the note beside its transcript, or, once decided, what became of it."""

import asyncio
from collections.abc import Sequence

import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.chart import Appointment, Client
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import NotFound
from therapyflows.core.session_note.model import SourceKind
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.web.review import desk
from therapyflows.web.review.asking import sent_back_notice
from therapyflows.web.review.confirming import is_confirmed
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.desk import OpenDraft
from therapyflows.web.review.findings import beside_the_chart
from therapyflows.web.review.keys import SHORTCUTS
from therapyflows.web.review.outcome import is_unsigned, outcome, state_words
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, may, permitted_record
from therapyflows.web.review.tour import tour_for
from therapyflows.web.review.view import URGENT, display_name, note_view, notices, page_of

router = APIRouter()
log = structlog.get_logger()

SOURCES = {
    SourceKind.RECORDING: "Transcript",
    SourceKind.DICTATION: "Dictation",
    SourceKind.TRANSCRIPT: "Uploaded transcript",
    SourceKind.SESSION_FIELDS: "Session fields",
}


SPEAKERS = {"therapist": "Therapist", "client": "Client", "unknown": "Speaker"}


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
    decision = await asyncio.to_thread(desk.decision_of, deps, record)
    unsigned = await asyncio.to_thread(is_unsigned, deps, decision)
    return JSONResponse(state_words(record, decision, unsigned=unsigned))


def note_values(
    deps: ReviewDeps, reviewer: Reviewer, opened: OpenDraft, against_the_chart: Sequence[NoteFinding]
) -> dict[str, object]:
    """What the note pane alone needs; also rendered after every change."""
    record = opened.record
    return {
        "note": note_view(opened, against_the_chart, reviewer.user.id),
        "record": record,
        "can_edit": may(reviewer, "edit", record),
        "can_decide": may(reviewer, "approve", record),
        "reasons": deps.reasons[record.workflow],
        "confirm_first": deps.confirm_approval and not is_confirmed(deps, reviewer),
        "clash": None,
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
    response: Response = request.app.state.pages.render(
        request,
        "draft.html",
        reviewer=reviewer,
        title=f"{opened.machine.format.upper()} note",
        client_name=display_name(client),
        pronouns=client.pronouns,
        appointment=appointment,
        opened=opened,
        notices=(*sent_back_notice(deps, opened.record), *notices(opened)),
        urgent=URGENT,
        shortcuts=SHORTCUTS,
        tour=tour_for(deps, reviewer, "draft"),
        withheld={w.segment_id: w.wall.value for w in opened.transcript.withheld} if opened.transcript else {},
        has_recording=_has_recording(deps, opened.record),
        speakers=SPEAKERS,
        source_title=SOURCES[opened.transcript.source] if opened.transcript is not None else "Transcript",
        idle_s=int(deps.idle_timeout.total_seconds()),
        run_url=run_url_of(deps, opened.record),
        emergency=reviewer.emergency_on(opened.record),
        **note_values(deps, reviewer, opened, against_the_chart),
    )
    return response


def run_url_of(deps: ReviewDeps, record: DraftRecord) -> str | None:
    """The page of the run in Prefect."""
    if not deps.prefect_ui_url or not record.flow_run_id:
        return None
    return f"{deps.prefect_ui_url.rstrip('/')}/runs/flow-run/{record.flow_run_id}"


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
