"""The supervisor's page under an associate's approval: what was approved, what the machine wrote, sign or send back."""

import asyncio
from dataclasses import replace

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.drafts import cosign_back
from therapyflows.core.drafts.cosignature import CosignState
from therapyflows.core.drafts.cosigning import may_cosign, sign
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Invalid, NotFound, TherapyFlowsError
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import DRAFT
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.web.review import desk
from therapyflows.web.review.confirming import confirm, is_confirmed
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.desk import OpenDraft
from therapyflows.web.review.errors import answer
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, not_theirs
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import display_name, note_view, notices, page_of
from therapyflows.web.review.waking import Waking

router = APIRouter(prefix="/drafts/{draft_id}/cosign")
MACHINE_DRAFT_GONE = "What the machine wrote is no longer kept, so it is not shown beside what was approved."
log = structlog.get_logger()


@router.get("")
async def read(request: Request, deps: Deps, reviewer: CurrentReviewer, draft_id: str) -> Response:
    record, decision = await _permitted(deps, reviewer, draft_id)
    if not await asyncio.to_thread(_waits, deps, record, decision):
        return RedirectResponse(page_of(record), 303)
    client = await deps.ehr_client(record.client_id)
    opened = await asyncio.to_thread(_approved, deps, record, decision)
    await asyncio.to_thread(_audit_view, deps, record, decision, _acting(reviewer))
    return request.app.state.pages.render(  # type: ignore[no-any-return]
        request,
        "cosign.html",
        reviewer=reviewer,
        title="Co-sign",
        record=record,
        decision=decision,
        confirm_first=deps.confirm_approval and not is_confirmed(deps, reviewer),
        client_name=display_name(client),
        decided_by=(await deps.users(decision.decided_by)),
        note=note_view(opened, (), reviewer.user.id),
        machine=opened.machine,
        notices=notices(opened),
        own=frozenset(s.id for s in opened.working.statements) - frozenset(s.id for s in opened.machine.statements),
    )


@router.post("")
async def cosign(request: Request, deps: Deps, reviewer: CurrentReviewer, draft_id: str, form: PostedForm) -> Response:
    record, decision = await _permitted(deps, reviewer, draft_id)
    if deps.confirm_approval:
        confirm(request, reviewer, back=f"{page_of(record)}/cosign")
    if field(form, "attested") != "yes":
        raise Invalid("attestation_missing", "Please confirm that you have read this note.")
    try:
        await asyncio.to_thread(_sign, deps, record, decision, field(form, "decision"), _acting(reviewer))
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back=page_of(record))
    waking: Waking = request.app.state.waking
    await waking.carry_on(record, decision)
    return RedirectResponse("/?place=cosign", 303)


@router.post("/send-back")
async def send_back(
    request: Request, deps: Deps, reviewer: CurrentReviewer, draft_id: str, form: PostedForm
) -> Response:
    record, decision = await _permitted(deps, reviewer, draft_id)
    words = field(form, "comment")
    try:
        await asyncio.to_thread(_send_back, deps, record, decision, field(form, "decision"), words, _acting(reviewer))
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back=page_of(record))
    try:
        await cosign_back.settle(deps.undoing, decision, deps.create_task)
    except TherapyFlowsError as error:  # it waits on top of the associate's queue all the same; the sweep goes on
        log.warning("sent_back_not_settled_yet", code=error.code, draft_id=record.id)
    return RedirectResponse("/?place=cosign", 303)


async def _permitted(deps: ReviewDeps, reviewer: Reviewer, draft_id: str) -> tuple[DraftRecord, Decision]:
    """The draft and its approval, when this person may answer for it; else it does not exist.  Raises NotFound.

    Also an approval that is gone: who comes second is told so, and is no intruder.
    """
    try:
        record = await asyncio.to_thread(deps.drafts.get, draft_id)
        decision = await asyncio.to_thread(deps.decisions.approval_of, record.id)
    except NotFound:
        record, decision = None, None
    if record is None or decision is None:
        await not_theirs(deps, reviewer, resource="draft/unknown", reason="draft_unknown", deed="cosign")
        raise NotFound("draft_unknown", "There is no such draft for you.")
    access = may_cosign(reviewer.user, record, decision, deps.cosign)
    if not access.allowed:
        about = {"resource": f"draft/{record.id}", "client_id": record.client_id}
        await not_theirs(deps, reviewer, reason=access.reason, deed="cosign", **about)
        raise NotFound("draft_unknown", "There is no such draft for you.")
    return record, decision


def _acting(reviewer: Reviewer) -> Actor:
    return Actor("person", reviewer.user.id, "Supervisor")


def _audit_view(deps: ReviewDeps, record: DraftRecord, decision: Decision, by: Actor) -> None:
    desk.audit(deps, record, Action.DRAFT_VIEWED, by, version=record.version, decision_id=decision.id)


def _waits(deps: ReviewDeps, record: DraftRecord, decision: Decision) -> bool:
    found = deps.decisions.cosignatures.of(decision.id)
    if decision.is_held:  # whoever approved can still undo it
        return False
    return found is not None and found.state is CosignState.WAITING and record.state is DraftState.APPROVED


def _approved(deps: ReviewDeps, record: DraftRecord, decision: Decision) -> OpenDraft:
    """What was approved, in place of the working copy; beside itself, where the machine's draft is gone."""
    approved = DRAFT.validate_json(deps.contents.get(decision.content_id or ""))
    try:
        return replace(desk.open_draft(deps, record), working=approved)
    except NotFound:
        kept = replace(approved, warnings=(*approved.warnings, Notice("machine_draft_deleted", MACHINE_DRAFT_GONE)))
        return OpenDraft(record, machine=kept, working=approved, transcript=None)


def _require_seen(deps: ReviewDeps, record: DraftRecord, decision: Decision, seen: str) -> None:
    """Raises Conflict unless the approval that the page showed is the one that waits."""
    if seen != decision.id or not _waits(deps, record, decision):
        raise Conflict("cosigned_already", "This approval was undone, signed or sent back meanwhile.", draft=record.id)


def _sign(deps: ReviewDeps, record: DraftRecord, decision: Decision, seen: str, by: Actor) -> None:
    _require_seen(deps, record, decision, seen)
    sign(record, decision, by=by, decisions=deps.decisions, audit=deps.audit)


def _send_back(deps: ReviewDeps, record: DraftRecord, decision: Decision, seen: str, words: str, by: Actor) -> None:
    _require_seen(deps, record, decision, seen)
    deadline = deps.clock() + deps.review_within
    cosign_back.send_back(deps.undoing, record, decision, words, by=by, deadline=deadline)
