"""The working copy of a note beside the client's previous note."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from therapyflows.core.session_note.against_previous import Origin, compare
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import desk
from therapyflows.web.review.people import Deps, ReviewingPerson, permitted_record
from therapyflows.web.review.recording import audit_once
from therapyflows.web.review.view import display_name, section_titles

router = APIRouter()

ORIGINS = {
    Origin.NEW: "New",
    Origin.REWORDED: "Reworded",
    Origin.CARRIED_OVER: "Carried over: still true for this session?",
}


@router.get("/drafts/{draft_id}/previous")
async def previous(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    """What is new since the previous note, what was carried over, what is gone."""
    record = await permitted_record(deps, reviewer, "view", draft_id)
    opened = await asyncio.to_thread(desk.open_draft, deps, record)
    context = await deps.chart(record)
    note = context.previous_note
    await asyncio.to_thread(
        lambda: audit_once(request, deps, reviewer, record, "view", Action.DRAFT_VIEWED, what="previous_note")
    )
    response: Response = await asyncio.to_thread(
        lambda: request.app.state.pages.render(
            request,
            "previous.html",
            reviewer=reviewer,
            title="Beside the previous note",
            record=record,
            client_name=display_name(context.client),
            note=note,
            compared=compare(opened.working, note) if note is not None else None,
            titles=section_titles(opened.working.format),
            origins=ORIGINS,
            emergency=reviewer.emergency_on(record),
        )
    )
    return response
