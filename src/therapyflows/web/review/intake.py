"""An intake form beside its pages: compare, correct, settle what the checks found, decide."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.drafts.deciding import reject as rejection
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.errors import Conflict, NotFound, Refused
from therapyflows.core.intake import content_ids, deciding, review
from therapyflows.core.intake.draft import IntakeDraft
from therapyflows.core.intake.rights import access_to_known
from therapyflows.governance.access.policy import Deed
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import desk
from therapyflows.web.review.confirming import is_confirmed
from therapyflows.web.review.deciding import decide_draft
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.draft import audit_view
from therapyflows.web.review.editing import version_of
from therapyflows.web.review.errors import answer
from therapyflows.web.review.intake_desk import IntakeChange, change_intake, open_intake
from therapyflows.web.review.intake_view import intake_view, name_on
from therapyflows.web.review.outcome import outcome
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, deny, may, permitted_record
from therapyflows.web.review.recording import audit_once
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import display_name

router = APIRouter(prefix="/intakes/{draft_id}")

FieldDeed = Literal["accept", "correct", "unreadable"]
PageNumber = Annotated[int, Path(ge=1, le=999)]


async def intake_record(deps: ReviewDeps, reviewer: Reviewer, deed: Deed, draft_id: str) -> DraftRecord:
    """The row, when it is an intake and this person may do this to it.  Raises NotFound."""
    record = await permitted_record(deps, reviewer, deed, draft_id)
    if record.workflow != "intake":
        raise NotFound("draft_unknown", "There is no such draft for you.")
    return record


@router.get("")
async def show(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    record = await intake_record(deps, reviewer, "view", draft_id)
    decision = await asyncio.to_thread(desk.decision_of, deps, record)
    client = None if record.is_prospect else await deps.ehr_client(record.client_id)
    emergency = reviewer.emergency_on(record)
    closed = record.state != DraftState.IN_REVIEW or decision is not None
    if not closed or emergency is not None:
        await asyncio.to_thread(audit_view, deps, reviewer, record, emergency)
    if closed:
        return await outcome(request, deps, reviewer, record, decision, client)
    opened = await asyncio.to_thread(open_intake, deps, record)
    response: Response = await asyncio.to_thread(
        lambda: request.app.state.pages.render(
            request,
            "intake.html",
            reviewer=reviewer,
            title="Intake form",
            emergency=emergency,
            client_name=display_name(client) if client else name_on(opened.working.form),
            record=record,
            draft=opened.working,
            view=intake_view(opened.working),
            page_numbers=range(1, opened.working.form.page_count + 1),
            can_edit=may(reviewer, "edit", record),
            can_decide=may(reviewer, "approve", record),
            reasons=deps.reasons["intake"],
            confirm_first=deps.confirm_approval and not is_confirmed(deps, reviewer),
            idle_s=int(deps.idle_timeout.total_seconds()),
        )
    )
    return response


@router.get("/pages/{number}")
async def page_image(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, number: PageNumber
) -> Response:
    """Also of a form that was decided, and to whoever asks for the image alone: so it is an entry of its own."""
    record = await intake_record(deps, reviewer, "view", draft_id)
    await asyncio.to_thread(
        lambda: audit_once(request, deps, reviewer, record, "view", Action.DRAFT_VIEWED, what="page_images")
    )
    content = await asyncio.to_thread(deps.contents.get, content_ids.page_id(record.id, number))
    return Response(content, media_type="image/jpeg")


@router.post("/fields/{deed}")
async def change_field(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, deed: FieldDeed, form: PostedForm
) -> Response:
    path, typed = field(form, "path"), field(form, "value")
    record = await intake_record(deps, reviewer, "edit", draft_id)
    if deed == "accept":
        accepted: IntakeChange = lambda draft: review.accept_field(draft, path)  # noqa: E731
        return await _apply(request, deps, reviewer, draft_id, form, accepted, "field_accept", path)
    recheck = await deps.recheck_intake(record)

    def change(draft: IntakeDraft) -> IntakeDraft:
        if deed == "unreadable":
            return review.mark_unreadable(draft, path, recheck)
        return review.correct_field(draft, path, typed, recheck)

    return await _apply(request, deps, reviewer, draft_id, form, change, f"field_{deed}", path)


@router.post("/findings")
async def settle(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    key, reason = field(form, "key"), field(form, "reason")
    change: IntakeChange = lambda draft: review.settle_finding(draft, key, reason)  # noqa: E731
    return await _apply(request, deps, reviewer, draft_id, form, change, "finding_settled", "open-points")


@router.post("/duplicate")
async def duplicate(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm
) -> Response:
    said, client_id = field(form, "answer"), field(form, "client") or None
    if said not in ("somebody_else", "same_person"):
        raise HTTPException(422)
    if said == "same_person" and client_id is not None:
        await _require_right_to(deps, reviewer, draft_id, client_id)

    def change(draft: IntakeDraft) -> IntakeDraft:
        return review.answer_duplicate(draft, "somebody_else" if said == "somebody_else" else "same_person", client_id)

    return await _apply(request, deps, reviewer, draft_id, form, change, f"duplicate_{said}", "open-points")


@router.post("/welcome")
async def welcome(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    subject, body = field(form, "subject"), field(form, "body")
    change: IntakeChange = lambda draft: review.change_welcome(draft, subject, body)  # noqa: E731
    return await _apply(request, deps, reviewer, draft_id, form, change, "welcome_changed", "welcome")


@router.post("/approve")
async def approve(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    await intake_record(deps, reviewer, "approve", draft_id)

    def make(record: DraftRecord) -> Decision:
        opened = open_intake(deps, record)
        return deciding.approve(
            record,
            opened.working,
            machine=opened.machine,
            by=reviewer.acting_on(record),
            attested=field(form, "attested") == "yes",
            now=deps.clock(),
            contents=deps.contents,
            periods=deps.retention,
        )

    return await decide_draft(request, deps, reviewer, draft_id, form, Verdict.APPROVE, make)


@router.post("/reject")
async def reject(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    await intake_record(deps, reviewer, "reject", draft_id)

    def make(record: DraftRecord) -> Decision:
        return rejection(
            record,
            reason_code=field(form, "reason_code"),
            words=field(form, "words"),
            by=reviewer.acting_on(record),
            now=deps.clock(),
            contents=deps.contents,
            reasons=deps.reasons["intake"],
        )

    return await decide_draft(request, deps, reviewer, draft_id, form, Verdict.REJECT, make)


async def _require_right_to(deps: ReviewDeps, reviewer: Reviewer, draft_id: str, client_id: str) -> None:
    """Only who is responsible for a client may have a form of somebody without a chart change that client's record."""
    record = await intake_record(deps, reviewer, "edit", draft_id)
    opened = await asyncio.to_thread(open_intake, deps, record)
    if client_id not in {candidate.client_id for candidate in opened.working.duplicates}:
        raise review.candidate_unknown()
    access = access_to_known(reviewer.person, "edit", await deps.ehr_client(client_id))
    if not access.allowed:
        await deny(
            deps, reviewer, resource=f"draft/{record.id}", reason=access.reason, client_id=client_id, deed="edit"
        )
        raise Refused(
            access.reason, "That client is not yours. Have them assigned to you in the EHR, or reject the form."
        )


async def _apply(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    draft_id: str,
    form: PostedForm,
    change: IntakeChange,
    what: str,
    place: str,
) -> Response:
    """Save the change and show the page at the same place; what was typed is never lost to a conflict."""
    record = await intake_record(deps, reviewer, "edit", draft_id)
    actor = reviewer.acting_on(record)
    path = place if what.startswith("field_") else ""
    page = f"/intakes/{record.id}"
    try:
        await asyncio.to_thread(change_intake, deps, record, version_of(form), change, by=actor, what=what, path=path)
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back=page)
    return RedirectResponse(f"{page}#{place}", 303)
