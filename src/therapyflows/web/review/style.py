"""How this person words notes: what was learned, in plain words, to read, change and switch off.  Only their own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.errors import Conflict, Invalid, NotFound, Refused
from therapyflows.core.session_note.model import Template
from therapyflows.core.session_note.templates import is_practices, load_template, template_keys
from therapyflows.core.style import choosing, keeping
from therapyflows.core.style.in_words import KINDS, because_of, sentence_of, summary_of
from therapyflows.core.style.model import Choices, Learned, Wording, in_force
from therapyflows.core.style.preview import Preview, preview_of
from therapyflows.core.style.terms import form_titles
from therapyflows.governance.access.policy import PRACTICE, decide
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import version_of
from therapyflows.web.review.errors import answer
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, deny, deps_of
from therapyflows.web.review.security import PostedForm, field

router = APIRouter()

HabitKey = Annotated[str, Path(pattern=r"^hab_[0-9a-f]{32}$")]


@dataclass(frozen=True, slots=True)
class Habit:
    wording: Wording
    title: str
    """``Abbreviation``."""
    sentence: str
    because: str
    used: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form of line that may be left out."""

    key: str
    title: str
    because: str | None
    """``you took out 51 of 56``, where that was learned."""
    left_out: bool


@dataclass(frozen=True, slots=True)
class StyleView:
    choices: Choices
    summary: str
    learned: tuple[Habit, ...]
    own: tuple[Habit, ...]
    forms: tuple[Form, ...]
    added: tuple[str, ...]
    """Lines that they often add."""
    usual_words: int | None
    preview: tuple[Preview, ...]
    formats: tuple[tuple[Template, bool], ...]
    """Note formats, and whether the practice has its own of it."""


async def own_style(request: Request, reviewer: CurrentReviewer) -> Reviewer:
    """Somebody whose notes are drafted here.  Raises Refused."""
    access = decide(reviewer.person, "manage_style", workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps_of(request), reviewer, resource="style", reason=access.reason, deed="manage_style")
        raise Refused(access.reason, "No notes are drafted for your role in the EHR.")
    return reviewer


Stylist = Annotated[Reviewer, Depends(own_style)]


@router.get("/style")
async def show(request: Request, deps: Deps, reviewer: Stylist) -> Response:
    return await _page(request, deps, reviewer)


async def _page(
    request: Request, deps: ReviewDeps, reviewer: Reviewer, *, problem: Invalid | None = None, **typed: str
) -> Response:
    view = await asyncio.to_thread(view_of, deps, reviewer.user.id)
    response: Response = request.app.state.pages.render(
        request,
        "style.html",
        status=422 if problem else 200,
        reviewer=reviewer,
        title="How your notes are worded",
        style=view,
        problem=problem,
        typed=typed,
    )
    return response


@router.post("/style/switch")
async def switch(request: Request, deps: Deps, reviewer: Stylist, form: PostedForm) -> Response:
    on = field(form, "on") == "yes"
    return await _change(request, deps, reviewer, form, "switched_on" if on else "switched_off", choosing.switched(on))


@router.post("/style/habits/{key}/{deed}")
async def habit(
    request: Request, deps: Deps, reviewer: Stylist, key: HabitKey, deed: choosing.HabitDeed, form: PostedForm
) -> Response:
    learned = await asyncio.to_thread(keeping.learned_of, deps.contents, reviewer.user.id)
    if deed != "remove" and all(wording.key != key for wording in learned.wordings):
        raise NotFound("habit_unknown", "This was learned anew meanwhile; look at the page again.")
    return await _change(request, deps, reviewer, form, f"habit_{deed}", choosing.habit(key, deed))


@router.post("/style/wordings")
async def add(request: Request, deps: Deps, reviewer: Stylist, form: PostedForm) -> Response:
    at_start = field(form, "at_start") == "yes"
    drafted, instead = field(form, "drafted"), field(form, "instead")
    try:
        change = choosing.with_own(drafted, instead, at_start=at_start)
    except Invalid as error:
        return await _page(request, deps, reviewer, problem=error, drafted=drafted, instead=instead)
    return await _change(request, deps, reviewer, form, "wording_added", change)


@router.post("/style/lines")
async def lines(request: Request, deps: Deps, reviewer: Stylist, form: PostedForm) -> Response:
    left_out = [value for value in form.getlist("left_out") if isinstance(value, str)]
    try:
        change = choosing.lines(left_out, field(form, "words_a_line"), risk_first=field(form, "risk_first") == "yes")
    except Invalid as error:
        return await _page(request, deps, reviewer, problem=error)
    return await _change(request, deps, reviewer, form, "lines_chosen", change)


async def _change(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    form: PostedForm,
    what: str,
    change: Callable[[Choices], Choices],
) -> Response:
    try:
        await asyncio.to_thread(_save, deps, reviewer, version_of(form), what, change)
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back="/style")
    return RedirectResponse("/style", 303)


def _save(deps: ReviewDeps, reviewer: Reviewer, version: int, what: str, change: Callable[[Choices], Choices]) -> None:
    contents, user_id = deps.contents, reviewer.user.id
    before = keeping.choices_of(contents, user_id)
    changed = change(before)
    if changed == before:
        return
    keeping.keep_choices(contents, user_id, replace(changed, version=version + 1))
    entry = AuditEntry(
        Action.STYLE_CHANGED,
        reviewer.actor,
        f"style/{user_id}",
        details={
            "change": what,
            "version": version + 1,
            "style": in_force(keeping.learned_of(contents, user_id), changed).reference,
        },
    )
    deps.audit.append(entry)


def view_of(deps: ReviewDeps, user_id: str) -> StyleView:
    choices, learned = keeping.choices_of(deps.contents, user_id), keeping.learned_of(deps.contents, user_id)
    return StyleView(
        choices=choices,
        summary=summary_of(learned),
        learned=tuple(_habit(w, used=w.key not in choices.off) for w in learned.wordings),
        own=tuple(_habit(w, used=True) for w in choices.own),
        forms=_forms(choices, learned),
        added=tuple(added.text for added in learned.added),
        usual_words=learned.words_a_line,
        preview=preview_of(in_force(learned, choices)),
        formats=tuple((load_template(key), is_practices(key)) for key in template_keys()),
    )


def _habit(wording: Wording, *, used: bool) -> Habit:
    return Habit(wording, KINDS[wording.kind], sentence_of(wording), because_of(wording), used)


def _forms(choices: Choices, learned: Learned) -> tuple[Form, ...]:
    seen = {dropped.form: f"you took out {dropped.seen} of {dropped.of}" for dropped in learned.dropped}
    return tuple(Form(key, title, seen.get(key), key in choices.taken_out) for key, title in form_titles().items())
