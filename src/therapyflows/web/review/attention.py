"""Whether drafts are read before they are approved: the page measures, the person and the practice see.

A clinician sees themselves, a supervisor also whom they supervise, an administrator everybody.
"""

import asyncio
import re
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from therapyflows.core.attention.model import Reviewing
from therapyflows.core.attention.rules import Warning, thresholds, warnings_of
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import TherapyFlowsError
from therapyflows.core.training.exercise import Attempt
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.operations import whose
from therapyflows.web.review.people import (
    CurrentReviewer,
    Deps,
    Reviewer,
    ReviewingPerson,
    permitted_record,
    require_practice_deed,
)
from therapyflows.web.review.security import PostedForm, field

router = APIRouter()

MAX_IDS = 500
_ID = re.compile(r"[\w.:-]{1,80}")


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the page."""

    name: str
    figures: Reviewing
    warnings: tuple[Warning, ...]
    trained: Attempt | None
    """The latest exercise that the person finished."""


@router.post("/drafts/{draft_id}/attention")
async def measured(deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    """Every few seconds from the page of whoever may decide."""
    record = await permitted_record(deps, reviewer, "approve", draft_id)
    await asyncio.to_thread(note_attention, deps, reviewer, record, form)
    return Response(status_code=204)


def note_attention(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord, form: FormData) -> None:
    """What the page measured since it told last; nothing when it has no script, or the draft is decided."""
    told = field(form, "active_s")
    if not (told.isascii() and told.isdigit()) or record.state is not DraftState.IN_REVIEW:
        return
    seen = {name for name in field(form, "seen").split()[:MAX_IDS] if _ID.fullmatch(name)}
    deps.attention.add(record.id, reviewer.user.id, active_s=int(told[:6]), seen=seen, at=deps.clock())


@router.get("/attention")
async def attention(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await require_practice_deed(deps, reviewer, "view_attention", resource="attention")
    rules, of = thresholds(), whose(reviewer)
    found = await asyncio.to_thread(lambda: deps.figures.reviewing(now=deps.clock(), of=of, rules=rules))
    trained = await asyncio.to_thread(_latest, deps, of)
    people = {figures.user_id: figures for figures in found}
    lines = [
        Line(await _name_of(deps, user_id), figures, warnings_of(figures, rules), trained.get(user_id))
        for user_id in people.keys() | trained.keys()
        for figures in [people.get(user_id, Reviewing(user_id))]
    ]
    response: Response = request.app.state.pages.render(
        request,
        "attention.html",
        reviewer=reviewer,
        title="How drafts are read",
        lines=sorted(lines, key=lambda line: (not line.warnings, line.name)),
        rules=rules,
        alone=of is not None and of == {reviewer.user.id},
    )
    return response


def _latest(deps: ReviewDeps, of: frozenset[str] | None) -> dict[str, Attempt]:
    """By person; attempts come newest first."""
    finished = [attempt for attempt in deps.training.of(of) if attempt.finished_at is not None]
    return {attempt.user_id: attempt for attempt in reversed(finished)}


async def _name_of(deps: ReviewDeps, user_id: str) -> str:
    try:
        return (await deps.users(user_id)).name
    except TherapyFlowsError:
        return user_id
