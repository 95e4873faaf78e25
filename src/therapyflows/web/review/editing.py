"""Corrections, each saved at once as the next working copy: edit, keep, remove, restore, add, findings, codes,
speakers."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.errors import Conflict
from therapyflows.core.session_note import review
from therapyflows.core.session_note.model import Draft, DraftRecord
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.draft import note_values
from therapyflows.web.review.errors import answer, wants_json
from therapyflows.web.review.findings import beside_the_chart, deed_on_finding
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, permitted_record
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import section_titles

router = APIRouter()

StatementDeed = Literal["edit", "keep", "unkeep", "remove", "restore"]
FindingDeed = Literal["add", "excuse", "unexcuse"]
FindingKey = Annotated[str, Path(pattern=r"^[a-z_]{1,60}-[0-9a-f]{12}$")]
StatementId = Annotated[str, Path(max_length=100)]


@router.post("/drafts/{draft_id}/statements")
async def add(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    section, text = field(form, "section"), field(form, "text")

    def deed(working: Draft, _: Draft) -> Draft:
        return review.add_statement(working, section, text, known=section_titles(working.format))

    return await _apply(request, deps, reviewer, draft_id, form, deed, "statement_added")


@router.post("/drafts/{draft_id}/statements/{statement_id}/{deed}")
async def statement(
    request: Request,
    deps: Deps,
    reviewer: ReviewingPerson,
    draft_id: str,
    statement_id: StatementId,
    deed: StatementDeed,
    form: PostedForm,
) -> Response:
    change = _statement_change(deed, statement_id, field(form, "text"))
    return await _apply(request, deps, reviewer, draft_id, form, change, f"statement_{deed}", statement_id=statement_id)


@router.post("/drafts/{draft_id}/findings/{key}/{deed}")
async def finding(
    request: Request,
    deps: Deps,
    reviewer: ReviewingPerson,
    draft_id: str,
    key: FindingKey,
    deed: FindingDeed,
    form: PostedForm,
) -> Response:
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    opened = await asyncio.to_thread(desk.open_draft, deps, record)
    found = await beside_the_chart(deps, opened) if deed == "excuse" else ()
    change = deed_on_finding(deed, key, field(form, "text"), found)
    code = key.rsplit("-", 1)[0]
    return await _apply(request, deps, reviewer, draft_id, form, change, f"finding_{deed}", finding=code)


@router.post("/drafts/{draft_id}/codes")
async def codes(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    chosen = {value for value in form.getlist("code") if isinstance(value, str)}

    def deed(working: Draft, machine: Draft) -> Draft:
        return review.choose_codes(working, machine, chosen)

    return await _apply(request, deps, reviewer, draft_id, form, deed, "codes_chosen")


@router.post("/drafts/{draft_id}/speakers")
async def speakers(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm
) -> Response:
    record = await permitted_record(deps, reviewer, "swap_speakers", draft_id)
    try:
        await asyncio.to_thread(desk.swap_speakers, deps, record, version_of(form), by=reviewer.acting_on(record))
    except Conflict as error:
        return await conflict(request, deps, reviewer, draft_id, error, "")
    if wants_json(request):
        return JSONResponse({"reload": True})
    return RedirectResponse(f"/drafts/{record.id}", 303)


def version_of(form: FormData) -> int:
    """The version of the draft that the page was made from."""
    text = field(form, "version")
    if not text.isdigit() or len(text) > 9:
        raise HTTPException(422)
    return int(text)


async def conflict(
    request: Request, deps: ReviewDeps, reviewer: Reviewer, draft_id: str, error: Conflict, text: str
) -> Response:
    """Say that the draft moved on, hand back the person's words, and show the draft as it is now."""
    if not wants_json(request):
        return answer(request, 409, error.message, code=error.code, text=text, back=f"/drafts/{draft_id}")
    more: dict[str, object] = {}
    if error.code == "draft_changed":
        record = await permitted_record(deps, reviewer, "edit", draft_id)
        more = await _pane(request, deps, reviewer, await asyncio.to_thread(desk.open_draft, deps, record))
    return answer(request, 409, error.message, code=error.code, **more)


def _statement_change(deed: StatementDeed, statement_id: str, text: str) -> desk.Change:
    changes: dict[str, Callable[[Draft, Draft], Draft]] = {
        "edit": lambda working, machine: review.edit_statement(working, machine, statement_id, text),
        "keep": lambda working, _: review.keep_statement(working, statement_id),
        "unkeep": lambda working, _: review.keep_statement(working, statement_id, kept=False),
        "remove": lambda working, _: review.remove_statement(working, statement_id),
        "restore": lambda working, machine: review.restore_statement(working, machine, statement_id),
    }
    return changes[deed]


async def _apply(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    draft_id: str,
    form: FormData,
    change: desk.Change,
    what: str,
    **about: str,
) -> Response:
    record: DraftRecord = await permitted_record(deps, reviewer, "edit", draft_id)
    version = version_of(form)
    try:
        opened = await asyncio.to_thread(
            lambda: desk.change(deps, record, version, change, by=reviewer.acting_on(record), what=what, **about)
        )
    except Conflict as error:
        return await conflict(request, deps, reviewer, draft_id, error, field(form, "text"))
    if not wants_json(request):
        return RedirectResponse(f"/drafts/{record.id}", 303)
    return JSONResponse(await _pane(request, deps, reviewer, opened))


async def _pane(request: Request, deps: ReviewDeps, reviewer: Reviewer, opened: desk.OpenDraft) -> dict[str, object]:
    found = await beside_the_chart(deps, opened)
    html = await asyncio.to_thread(
        lambda: request.app.state.pages.text(request, "_note.html", **note_values(reviewer, opened, found))
    )
    return {"version": opened.record.version, "html": html}
