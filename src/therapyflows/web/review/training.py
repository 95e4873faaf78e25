"""Training mode: find the errors that were put into the draft of an invented session.

A workflow of its own: nothing here is a draft, so there is nothing that could be approved or posted.
"""

import asyncio
import secrets
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.errors import NotFound, Refused
from therapyflows.core.ids import new_id
from therapyflows.core.training.exercise import KINDS, Attempt, names, next_exercise, score, seeded
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, not_theirs, require_practice_deed
from therapyflows.web.review.security import PostedForm

router = APIRouter(prefix="/training")


@router.get("")
async def overview(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await require_practice_deed(deps, reviewer, "train", resource="training")
    attempts = await asyncio.to_thread(deps.training.of, {reviewer.user.id})
    response: Response = request.app.state.pages.render(
        request,
        "training.html",
        reviewer=reviewer,
        title="Training",
        attempts=[(attempt, _title(attempt)) for attempt in attempts],
        is_on=_is_on(deps, reviewer),
    )
    return response


@router.post("")
async def begin(deps: Deps, reviewer: CurrentReviewer, form: PostedForm) -> Response:
    """A new exercise, or the one that this person has not finished."""
    await require_practice_deed(deps, reviewer, "train", resource="training")
    if not _is_on(deps, reviewer):
        raise Refused("training_off", "Training mode is not switched on for you.")
    attempts = await asyncio.to_thread(deps.training.of, {reviewer.user.id})
    unfinished = next((a for a in attempts if a.finished_at is None and a.exercise in names()), None)
    if unfinished is None:
        unfinished = await asyncio.to_thread(_begin, deps, reviewer, attempts)
    return RedirectResponse(f"/training/{unfinished.id}", 303)


@router.get("/{attempt_id}")
async def exercise(request: Request, deps: Deps, reviewer: CurrentReviewer, attempt_id: str) -> Response:
    attempt = await _own(deps, reviewer, attempt_id)
    made = seeded(attempt.exercise, attempt.seed)
    response: Response = request.app.state.pages.render(
        request,
        "training_result.html" if attempt.finished_at else "training_exercise.html",
        reviewer=reviewer,
        title="Training",
        attempt=attempt,
        exercise=made,
        sections=dict.fromkeys(line.section for line in made.lines),
        kinds=KINDS,
    )
    return response


@router.post("/{attempt_id}")
async def finish(deps: Deps, reviewer: CurrentReviewer, attempt_id: str, form: PostedForm) -> Response:
    """Once: what was marked first counts."""
    attempt = await _own(deps, reviewer, attempt_id)
    if attempt.finished_at is None:
        marked = [value for value in form.getlist("wrong") if isinstance(value, str)]
        await asyncio.to_thread(_finish, deps, reviewer, attempt, marked)
    return RedirectResponse(f"/training/{attempt.id}", 303)


def _title(attempt: Attempt) -> str:
    """Also of an exercise that an earlier version had."""
    try:
        return seeded(attempt.exercise, attempt.seed).title
    except NotFound:
        return "An exercise that is no longer used"


def _is_on(deps: ReviewDeps, reviewer: Reviewer) -> bool:
    return deps.training_for is None or reviewer.user.id in deps.training_for


def _begin(deps: ReviewDeps, reviewer: Reviewer, before: list[Attempt]) -> Attempt:
    name = next_exercise([attempt.exercise for attempt in before])
    attempt = Attempt(new_id("trn"), reviewer.user.id, name, secrets.randbelow(2**31), deps.clock())
    deps.training.begin(attempt)
    deps.audit.append(_entry(Action.TRAINING_BEGUN, reviewer, attempt))
    return attempt


def _finish(deps: ReviewDeps, reviewer: Reviewer, attempt: Attempt, marked: list[str]) -> None:
    made = seeded(attempt.exercise, attempt.seed)
    known = tuple(line.key for line in made.lines if line.key in marked)
    won = score(made, known)
    ended = replace(
        attempt,
        finished_at=deps.clock(),
        marked=known,
        errors=won.errors,
        found=won.found,
        false_alarms=won.false_alarms,
    )
    if deps.training.finish(ended) == ended:
        deps.audit.append(_entry(Action.TRAINING_FINISHED, reviewer, ended))


async def _own(deps: ReviewDeps, reviewer: Reviewer, attempt_id: str) -> Attempt:
    """Somebody else's attempt and one that does not exist look the same: NotFound."""
    await require_practice_deed(deps, reviewer, "train", resource="training")
    try:
        attempt = await asyncio.to_thread(deps.training.get, attempt_id)
    except NotFound:
        attempt = None
    if attempt is None or attempt.user_id != reviewer.user.id:
        await not_theirs(deps, reviewer, resource="training/unknown", reason="training_unknown", deed="train")
        raise NotFound("training_unknown", "There is no such exercise for you.")
    return attempt


def _entry(action: Action, reviewer: Reviewer, attempt: Attempt) -> AuditEntry:
    details: dict[str, str | int | float | bool] = {"exercise": attempt.exercise}
    if attempt.finished_at is not None:
        details |= {"errors": attempt.errors, "found": attempt.found, "false_alarms": attempt.false_alarms}
    return AuditEntry(action, reviewer.actor, f"training/{attempt.id}", details=details)
