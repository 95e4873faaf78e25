"""Who and what made a draft: run, drafter, each call of a model, what was redacted, and the text as it was sent."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.made_by import Making, making_of
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.draft import run_url_of
from therapyflows.web.review.people import Deps, ReviewingPerson, may, permitted_record
from therapyflows.web.review.recording import audit_once
from therapyflows.web.review.view import display_name

router = APIRouter()

CallId = Annotated[str, Path(pattern=r"^mdl_[0-9a-f]{1,40}$")]


@router.get("/drafts/{draft_id}/made")
async def made(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    record = await permitted_record(deps, reviewer, "view", draft_id)
    opened = await asyncio.to_thread(desk.open_draft, deps, record)
    making = await asyncio.to_thread(making_of, deps.audit, record)
    client = await deps.ehr_client(record.client_id)
    await asyncio.to_thread(
        lambda: audit_once(request, deps, reviewer, record, "view", Action.DRAFT_VIEWED, what="making")
    )
    response: Response = request.app.state.pages.render(
        request,
        "made.html",
        reviewer=reviewer,
        title="What made this draft",
        record=record,
        opened=opened,
        making=making,
        client_name=display_name(client),
        run_url=run_url_of(deps, record),
        may_read=may(reviewer, "edit", record),
        sent=None,
        emergency=reviewer.emergency_on(record),
    )
    return response


@router.get("/drafts/{draft_id}/made/{call_id}")
async def sent(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, call_id: CallId) -> Response:
    """The text of one call as it left, identifiers replaced by tokens; for who may also edit the draft."""
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    making = await asyncio.to_thread(making_of, deps.audit, record)
    text = await asyncio.to_thread(_text_sent, deps, record, making, call_id)
    client = await deps.ehr_client(record.client_id)
    await asyncio.to_thread(
        lambda: audit_once(request, deps, reviewer, record, "edit", Action.DRAFT_VIEWED, model_call=call_id)
    )
    response: Response = request.app.state.pages.render(
        request,
        "sent.html",
        reviewer=reviewer,
        title="As it was sent",
        record=record,
        client_name=display_name(client),
        text=text,
    )
    return response


def _text_sent(deps: ReviewDeps, record: DraftRecord, making: Making, call_id: str) -> tuple[tuple[str, str], ...]:
    """(what, words).  Raises NotFound for a call of another draft, or one whose text is no longer kept."""
    if call_id not in {call.id for call in making.calls}:
        raise NotFound("call_unknown", "There is no such call of a language model for this draft.")
    shown = json.loads(deps.contents.get(derived_id("cnt", call_id, "prompt")))
    return (("Instructions", str(shown.get("system", ""))), ("Text", str(shown.get("user", ""))))
