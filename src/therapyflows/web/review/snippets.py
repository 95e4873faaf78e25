"""The page where people keep their snippets and the practice its templates; what the draft page can insert of them."""

import asyncio
import contextlib
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.errors import NotFound, Refused
from therapyflows.core.snippets import shelf
from therapyflows.core.snippets.model import PRACTICE_OWNER, filled, new_snippet, person_owner
from therapyflows.governance.access.policy import PRACTICE, Deed, decide
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.pages import day
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, ReviewingPerson, deny, permitted_record
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import display_name

router = APIRouter()

Whose = Literal["own", "practice"]
_DEEDS: dict[Whose, Deed] = {"own": "keep_snippets", "practice": "keep_practice_snippets"}


@router.get("/snippets")
async def page(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await _require_any(deps, reviewer)
    own = await asyncio.to_thread(shelf.snippets_of, deps.contents, person_owner(reviewer.user.id))
    practice = await asyncio.to_thread(shelf.snippets_of, deps.contents, PRACTICE_OWNER)
    response: Response = request.app.state.pages.render(
        request,
        "snippets.html",
        reviewer=reviewer,
        title="Snippets",
        shelves=(
            ("own", "Yours", own, _may(reviewer, "own")),
            ("practice", "Of the practice", practice, _may(reviewer, "practice")),
        ),
    )
    return response


@router.post("/snippets/{whose}")
async def keep(request: Request, deps: Deps, reviewer: CurrentReviewer, whose: Whose, form: PostedForm) -> Response:
    """Save one, in place of the one with the same name, or remove it."""
    await _require(deps, reviewer, whose)
    owner, name = _owner(reviewer, whose), field(form, "name")
    removes = field(form, "deed") == "remove"
    if removes:
        await asyncio.to_thread(shelf.remove, deps.contents, owner, name)
    else:
        snippet = new_snippet(name, field(form, "text"), by=reviewer.user.id)
        await asyncio.to_thread(shelf.keep, deps.contents, owner, snippet)
    await asyncio.to_thread(_audit, deps, reviewer, whose, "removed" if removes else "saved")
    return RedirectResponse("/snippets", 303)


@router.get("/drafts/{draft_id}/snippets")
async def for_draft(deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    """What can be inserted into this draft, placeholders filled in."""
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    client = await deps.ehr_client(record.client_id)
    values = {"client": display_name(client)}
    with contextlib.suppress(NotFound):  # then the placeholder stays, for the person to fill in
        values["date"] = day((await deps.appointments(record.appointment_id)).start)
    found = await asyncio.to_thread(shelf.for_person, deps.contents, reviewer.user.id)
    return JSONResponse({"snippets": [{"name": one.name, "text": filled(one, values)} for one in found]})


def _owner(reviewer: Reviewer, whose: Whose) -> str:
    return PRACTICE_OWNER if whose == "practice" else person_owner(reviewer.user.id)


def _may(reviewer: Reviewer, whose: Whose) -> bool:
    return decide(reviewer.person, _DEEDS[whose], workflow=PRACTICE, client_id=None, clinician_id=None).allowed


async def _require_any(deps: ReviewDeps, reviewer: Reviewer) -> None:
    if not (_may(reviewer, "own") or _may(reviewer, "practice")):
        await _require(deps, reviewer, "own")


async def _require(deps: ReviewDeps, reviewer: Reviewer, whose: Whose) -> None:
    """Raises Refused, with an entry in the trail, for a role that may not."""
    access = decide(reviewer.person, _DEEDS[whose], workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource=f"snippets/{whose}", reason=access.reason, deed=_DEEDS[whose])
        raise Refused(access.reason, "Your role in the EHR does not keep these snippets.")


def _audit(deps: ReviewDeps, reviewer: Reviewer, whose: Whose, change: str) -> None:
    entry = AuditEntry(Action.SNIPPETS_CHANGED, reviewer.actor, f"snippets/{whose}", details={"change": change})
    deps.audit.append(entry)
