"""What a person does to a draft from the queue without deciding it: put it aside, hand it to a colleague."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.drafts.handing_over import colleagues_for, hand_over
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, NotFound, Refused
from therapyflows.core.queue.facts import facts_of
from therapyflows.core.queue.snoozing import snooze, wake
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import version_of
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, deny, permitted_record
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.sessions import local_path
from therapyflows.web.review.view import display_name, page_of

router = APIRouter(prefix="/drafts/{draft_id}")


@router.post("/snooze")
async def later(deps: Deps, reviewer: CurrentReviewer, draft_id: str, form: PostedForm) -> Response:
    record = await permitted_record(deps, reviewer, "snooze", draft_id)

    def put_aside() -> None:
        snooze(
            record,
            field(form, "until"),
            by=reviewer.acting_on(record),
            now=deps.clock(),
            urgent=facts_of(record, deps.contents).urgent,
            queue=deps.queue,
            audit=deps.audit,
        )

    await asyncio.to_thread(put_aside)
    return RedirectResponse(local_path(field(form, "back")), 303)


@router.post("/wake")
async def now_after_all(deps: Deps, reviewer: CurrentReviewer, draft_id: str, form: PostedForm) -> Response:
    record = await permitted_record(deps, reviewer, "snooze", draft_id)
    await asyncio.to_thread(wake, record, by=reviewer.acting_on(record), queue=deps.queue, audit=deps.audit)
    return RedirectResponse(local_path(field(form, "back")), 303)


@router.get("/hand-over")
async def choose(request: Request, deps: Deps, reviewer: CurrentReviewer, draft_id: str) -> Response:
    record = await permitted_record(deps, reviewer, "hand_over", draft_id)
    if record.state is not DraftState.IN_REVIEW:
        return RedirectResponse(page_of(record), 303)
    client = await deps.ehr_client(record.client_id)
    return request.app.state.pages.render(  # type: ignore[no-any-return]
        request,
        "hand_over.html",
        reviewer=reviewer,
        title="Hand over",
        record=record,
        client_name=display_name(client),
        holder=(await deps.users(record.holder)).name,
        colleagues=colleagues_for(record, await deps.colleagues()),
    )


@router.post("/hand-over")
async def give(deps: Deps, reviewer: CurrentReviewer, draft_id: str, form: PostedForm) -> Response:
    record = await permitted_record(deps, reviewer, "hand_over", draft_id)
    try:
        to = await deps.users(field(form, "to"))
    except NotFound:
        raise Conflict("colleague_unknown", "Please choose a colleague.", draft=record.id) from None
    try:
        await hand_over(
            record,
            to,
            by=reviewer.acting_on(record),
            version=version_of(form),
            drafts=deps.drafts,
            audit=deps.audit,
            create_task=deps.create_task,
        )
    except Refused as error:
        await _refused(deps, reviewer, record, error.code)
        raise
    return RedirectResponse(local_path(field(form, "back")), 303)


async def _refused(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord, reason: str) -> None:
    """Somebody tried to give the draft to a person without the right; the page offers no such choice."""
    resource = f"draft/{record.id}"
    await deny(deps, reviewer, resource=resource, reason=reason, client_id=record.client_id, deed="hand_over")
