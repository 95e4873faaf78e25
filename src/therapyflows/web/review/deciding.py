"""Approve or reject.  The decision row is the point of no return; waking the run may fail and is made up for later."""

import asyncio
from collections.abc import Callable

import structlog
from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from therapyflows.core.errors import Conflict, NotFound, TherapyFlowsError
from therapyflows.core.session_note import deciding
from therapyflows.core.session_note.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import version_of
from therapyflows.web.review.errors import answer
from therapyflows.web.review.findings import beside_the_chart
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, permitted_record
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import page_of

router = APIRouter()
log = structlog.get_logger()

MakeDecision = Callable[[DraftRecord], Decision]


@router.post("/drafts/{draft_id}/approve")
async def approve(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    asked = await permitted_record(deps, reviewer, Verdict.APPROVE.value, draft_id)
    found: tuple[NoteFinding, ...] = ()
    if asked.state is DraftState.IN_REVIEW:
        found = await beside_the_chart(deps, await asyncio.to_thread(desk.open_draft, deps, asked))

    def make(record: DraftRecord) -> Decision:
        return deciding.approve(
            record,
            desk.open_draft(deps, record).working,
            against_the_chart=found,
            by=reviewer.acting_on(record),
            attested=field(form, "attested") == "yes",
            now=deps.clock(),
            contents=deps.contents,
            periods=deps.retention,
        )

    return await decide_draft(request, deps, reviewer, draft_id, form, Verdict.APPROVE, make)


@router.post("/drafts/{draft_id}/reject")
async def reject(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    asked = await permitted_record(deps, reviewer, Verdict.REJECT.value, draft_id)
    if asked.workflow != "session-note":
        raise NotFound("draft_unknown", "There is no such draft for you.")

    def make(record: DraftRecord) -> Decision:
        return deciding.reject(
            record,
            reason_code=field(form, "reason_code"),
            words=field(form, "words"),
            by=reviewer.acting_on(record),
            now=deps.clock(),
            contents=deps.contents,
        )

    return await decide_draft(request, deps, reviewer, draft_id, form, Verdict.REJECT, make)


async def decide_draft(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    draft_id: str,
    form: FormData,
    verdict: Verdict,
    make: MakeDecision,
) -> Response:
    record = await permitted_record(deps, reviewer, verdict.value, draft_id)
    version, page = version_of(form), page_of(record)
    try:
        decision = await asyncio.to_thread(_record, deps, record, version, verdict, make, reviewer)
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, text=field(form, "words"), back=page)
    await _wake(deps, record, decision)
    return RedirectResponse(page, 303)


def _record(
    deps: ReviewDeps, record: DraftRecord, version: int, verdict: Verdict, make: MakeDecision, reviewer: Reviewer
) -> Decision:
    """The recorded decision; the same verdict by the same person again (a double click) finds the first."""
    stands = deps.decisions.for_draft(record.id)
    if stands is not None and (stands.verdict, stands.decided_by) == (verdict, reviewer.user.id):
        return stands
    desk.editable(deps, record, version)
    decision = make(record)
    try:
        return deciding.record_decision(decision, drafts=deps.drafts, decisions=deps.decisions, audit=deps.audit)
    except Conflict:
        if decision.reason_content_id is not None:
            deps.contents.delete(decision.reason_content_id)
        raise


async def _wake(deps: ReviewDeps, record: DraftRecord, decision: Decision) -> None:
    """Wake the run now; if that fails, the sweep does it."""
    if record.flow_run_id is None:
        return
    try:
        await deps.runs.resume(record.flow_run_id, decision.id)
    except TherapyFlowsError as error:
        log.warning("run_not_woken_yet", code=error.code, flow_run_id=record.flow_run_id)
