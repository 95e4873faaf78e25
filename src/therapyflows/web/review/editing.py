"""Corrections, each saved at once as the next working copy: edit, keep, remove, restore, add, findings, codes,
speakers."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict
from therapyflows.core.session_note import review
from therapyflows.core.session_note.model import Draft
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import desk, words
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.draft import note_values
from therapyflows.web.review.errors import answer, wants_json
from therapyflows.web.review.findings import beside_the_chart, deed_on_finding
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, permitted_record
from therapyflows.web.review.recording import audit_once
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import Clash, clash_of, mark_of, section_titles

router = APIRouter()

_ATTEMPTS = 4

StatementDeed = Literal["edit", "keep", "unkeep", "remove", "restore"]
FindingDeed = Literal["add", "excuse", "unexcuse"]
FindingKey = Annotated[str, Path(pattern=r"^[a-z_]{1,60}-[0-9a-f]{12}$")]
StatementId = Annotated[str, Path(max_length=100)]


@dataclass(frozen=True, slots=True)
class _Change:
    """A deed on the working copy, and how it is told."""

    deed: desk.Change
    what: str
    fits: Callable[[Draft], bool] = lambda _: False
    """Whether it still means the same on a copy that somebody changed meanwhile."""
    place: str | None = None
    """The box whose words it puts into the note."""
    about: Mapping[str, str] = dataclass_field(default_factory=dict)


@router.post("/drafts/{draft_id}/statements")
async def add(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    section, text = field(form, "section"), field(form, "text")

    def deed(working: Draft, _: Draft) -> Draft:
        return review.add_statement(working, section, text, known=section_titles(working.format))

    change = _Change(deed, "statement_added", fits=lambda _: True, place=f"add:{section}")
    return await _apply(request, deps, reviewer, draft_id, form, change)


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
    seen = field(form, "seen")
    change = _Change(
        _statement_change(deed, statement_id, field(form, "text")),
        f"statement_{deed}",
        fits=lambda working: seen == mark_of(review.find(working, statement_id)),
        place=f"statement:{statement_id}" if deed == "edit" else None,
        about={"statement_id": statement_id},
    )
    return await _apply(request, deps, reviewer, draft_id, form, change)


@router.get("/drafts/{draft_id}/note")
async def note(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    """The note pane as it is now, after somebody else changed it."""
    record = await permitted_record(deps, reviewer, "view", draft_id)
    opened = await asyncio.to_thread(desk.open_draft, deps, record)
    await asyncio.to_thread(
        lambda: audit_once(request, deps, reviewer, record, "view", Action.DRAFT_VIEWED, what="note")
    )
    return JSONResponse(await _pane(request, deps, reviewer, opened))


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
    change = _Change(
        deed_on_finding(deed, key, field(form, "text"), found),
        f"finding_{deed}",
        place=f"finding:{key}" if deed == "excuse" else None,
        about={"finding": key.rsplit("-", 1)[0]},
    )
    return await _apply(request, deps, reviewer, draft_id, form, change)


@router.post("/drafts/{draft_id}/codes")
async def codes(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    chosen = {value for value in form.getlist("code") if isinstance(value, str)}

    def deed(working: Draft, machine: Draft) -> Draft:
        return review.choose_codes(working, machine, chosen)

    return await _apply(request, deps, reviewer, draft_id, form, _Change(deed, "codes_chosen"))


@router.post("/drafts/{draft_id}/history/{step}")
async def history(
    request: Request,
    deps: Deps,
    reviewer: ReviewingPerson,
    draft_id: str,
    step: Literal["undo", "redo"],
    form: PostedForm,
) -> Response:
    """Take the person's own last change back, or make it again."""
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    move = desk.undo if step == "undo" else desk.redo
    try:
        opened = await asyncio.to_thread(lambda: move(deps, record, version_of(form), by=reviewer.acting_on(record)))
    except Conflict as error:
        return await conflict(request, deps, reviewer, draft_id, error, "")
    if not wants_json(request):
        return RedirectResponse(f"/drafts/{record.id}", 303)
    if opened.record.transcript_id != record.transcript_id:
        return JSONResponse({"reload": True})
    return JSONResponse(await _pane(request, deps, reviewer, opened))


def version_of(form: FormData) -> int:
    """The version of the draft that the page was made from."""
    return version_in(field(form, "version"))


def version_in(text: str) -> int:
    """Raises HTTPException (422) for what is no version: also digits that are none, and more than any row counts."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise HTTPException(422)
    return int(text)


async def conflict(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    draft_id: str,
    error: Conflict,
    text: str,
    statement_id: str | None = None,
) -> Response:
    """Say that the draft moved on, hand back the person's words beside the present ones, and show the draft as it is.

    Both texts are shown with what differs; nothing is written until the person chooses.
    """
    opened = None
    if error.code == "draft_changed":
        record = await permitted_record(deps, reviewer, "edit", draft_id)
        opened = await asyncio.to_thread(desk.open_draft, deps, record)
    clash = clash_of(opened.working, statement_id, text) if opened is not None and statement_id and text else None
    if not wants_json(request):
        back = f"/drafts/{draft_id}"
        return answer(request, 409, error.message, code=error.code, back=back, clash=clash)
    more = await _pane(request, deps, reviewer, opened, clash) if opened is not None else {}
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
    request: Request, deps: ReviewDeps, reviewer: Reviewer, draft_id: str, form: FormData, change: _Change
) -> Response:
    version = version_of(form)
    try:
        opened = await _saved(deps, reviewer, draft_id, version, change)
    except Conflict as error:
        statement_id = change.about.get("statement_id") if change.place else None
        return await conflict(request, deps, reviewer, draft_id, error, field(form, "text"), statement_id)
    if not wants_json(request):
        return RedirectResponse(f"/drafts/{opened.record.id}", 303)
    return JSONResponse(await _pane(request, deps, reviewer, opened))


async def _saved(deps: ReviewDeps, reviewer: Reviewer, draft_id: str, version: int, change: _Change) -> desk.OpenDraft:
    """The draft with the change in it; somebody who saves in the same moment only makes it look once more."""
    for attempt in range(_ATTEMPTS):
        record: DraftRecord = await permitted_record(deps, reviewer, "edit", draft_id)
        try:
            return await asyncio.to_thread(_change_once, deps, record, version, change, reviewer)
        except Conflict:
            if attempt == _ATTEMPTS - 1 or not await _fits_now(deps, draft_id, change):
                raise
    raise AssertionError("the last attempt returns or raises")


def _change_once(
    deps: ReviewDeps, record: DraftRecord, version: int, change: _Change, reviewer: Reviewer
) -> desk.OpenDraft:
    by = reviewer.acting_on(record)
    opened = desk.change(deps, record, version, change.deed, by=by, what=change.what, fits=change.fits, **change.about)
    if change.place is not None:
        words.forget(deps, record, reviewer.user.id, change.place)
    return opened


async def _fits_now(deps: ReviewDeps, draft_id: str, change: _Change) -> bool:
    record = await asyncio.to_thread(deps.drafts.get, draft_id)
    if record.state != DraftState.IN_REVIEW:
        return False
    return change.fits((await asyncio.to_thread(desk.open_draft, deps, record)).working)


async def _pane(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    opened: desk.OpenDraft,
    clash: Clash | None = None,
) -> dict[str, object]:
    found = await beside_the_chart(deps, opened)
    values = note_values(deps, reviewer, opened, found) | {"clash": clash}
    html = await asyncio.to_thread(lambda: request.app.state.pages.text(request, "_note.html", **values))
    return {"version": opened.record.version, "html": html}
