"""Approve, reject, send back, undo.  The decision row is what counts; its run is let go when undoing is over."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from therapyflows.core.drafts import deciding
from therapyflows.core.drafts.cosigning import needs_cosignature
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.drafts.redrafting import send_back
from therapyflows.core.drafts.undoing import undo
from therapyflows.core.errors import Conflict, NotFound, Refused
from therapyflows.core.session_note.deciding import approve as approve_note
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.web.review import desk
from therapyflows.web.review.attention import note_attention
from therapyflows.web.review.confirming import confirm
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import version_of
from therapyflows.web.review.errors import answer
from therapyflows.web.review.figures import figures_of
from therapyflows.web.review.findings import beside_the_chart
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, deny, permitted_record
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import page_of
from therapyflows.web.review.waking import Waking

router = APIRouter()

MakeDecision = Callable[[DraftRecord], Decision]


@router.post("/drafts/{draft_id}/approve")
async def approve(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    asked = await permitted_record(deps, reviewer, Verdict.APPROVE.value, draft_id)
    found: tuple[NoteFinding, ...] = ()
    if asked.state is DraftState.IN_REVIEW:
        found = await beside_the_chart(deps, await asyncio.to_thread(desk.open_draft, deps, asked))

    def make(record: DraftRecord) -> Decision:
        opened = desk.open_draft(deps, record)
        return approve_note(
            record,
            opened.working,
            machine=opened.machine,
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
            reasons=deps.reasons[record.workflow],
            by=reviewer.acting_on(record),
            now=deps.clock(),
            contents=deps.contents,
        )

    return await decide_draft(request, deps, reviewer, draft_id, form, Verdict.REJECT, make)


@router.post("/drafts/{draft_id}/redraft")
async def redraft(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    asked = await permitted_record(deps, reviewer, Verdict.REDRAFT.value, draft_id)
    if asked.workflow != "session-note":
        raise NotFound("draft_unknown", "There is no such draft for you.")

    def make(record: DraftRecord) -> Decision:
        return send_back(
            record,
            guidance=field(form, "words"),
            by=reviewer.acting_on(record),
            now=deps.clock(),
            contents=deps.contents,
            decisions=deps.decisions,
            periods=deps.retention,
        )

    return await decide_draft(request, deps, reviewer, draft_id, form, Verdict.REDRAFT, make)


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
    if verdict is Verdict.APPROVE and deps.confirm_approval:
        confirm(request, reviewer, back=page)
    await asyncio.to_thread(note_attention, deps, reviewer, record, form)
    try:
        decision = await asyncio.to_thread(record_verdict, deps, record, version, verdict, make, reviewer)
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back=page)
    waking: Waking = request.app.state.waking
    await waking.carry_on(record, decision)
    return RedirectResponse(page, 303)


@router.post("/drafts/{draft_id}/undo")
async def undo_decision(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm
) -> Response:
    """Whoever decided undoes it, while it is held; a page that shows an older decision undoes no newer one."""
    record = await permitted_record(deps, reviewer, "view", draft_id)
    page = page_of(record)
    decision = await asyncio.to_thread(deps.decisions.for_draft, record.id)
    if decision is None or decision.id != field(form, "decision"):
        return RedirectResponse(page, 303)
    await permitted_record(deps, reviewer, decision.verdict.value, draft_id)
    if decision.decided_by != reviewer.user.id:
        await deny(deps, reviewer, resource=f"draft/{record.id}", reason="not_the_decider", client_id=record.client_id)
        raise Refused("not_the_decider", "Only the person who decided can undo it.")
    try:
        await asyncio.to_thread(undo, deps.undoing, decision)
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back=page)
    return RedirectResponse(page, 303)


def record_verdict(
    deps: ReviewDeps, record: DraftRecord, version: int, verdict: Verdict, make: MakeDecision, reviewer: Reviewer
) -> Decision:
    """The recorded decision; the same verdict by the same person again (a double click) finds the first."""
    stands = deps.decisions.for_draft(record.id)
    if stands is not None and (stands.verdict, stands.decided_by) == (verdict, reviewer.user.id):
        return stands
    record = deps.drafts.get(record.id)  # among many, and behind questions to the EHR, it has changed meanwhile
    desk.editable(deps, record, version)
    decision = make(record)
    if deps.undo_for > timedelta() and verdict is not Verdict.REDRAFT:  # the run takes it up at once
        decision = replace(decision, held_until=decision.decided_at + deps.undo_for)
    try:
        return deciding.record_decision(
            decision,
            drafts=deps.drafts,
            decisions=deps.decisions,
            audit=deps.audit,
            figures=figures_of(deps, record, decision),
            version=record.version,
            cosignature=needs_cosignature(decision, reviewer.user.credential, record.workflow, deps.cosign),
        )
    except Conflict as error:
        if decision.reason_content_id is not None:
            deps.contents.delete(decision.reason_content_id)
        if error.code == "draft_changed":
            raise desk.stale(record) from error
        raise
