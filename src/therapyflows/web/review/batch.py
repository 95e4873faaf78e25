"""Approve several drafts at once, where the policy allows it.  One that may not be among them stops all of them."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from therapyflows.core.drafts.approving_many import AT_MOST, approve_as_it_stands, may_be_among_many
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.errors import Conflict, Invalid, NotFound, Refused
from therapyflows.web.review.confirming import confirm
from therapyflows.web.review.deciding import record_verdict
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import version_in
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, deny, permitted_record
from therapyflows.web.review.queue import permitted_queue
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.waking import Waking

router = APIRouter()


@router.post("/queues/{queue}/approve")
async def approve_many(
    request: Request, deps: Deps, reviewer: CurrentReviewer, queue: str, form: PostedForm
) -> Response:
    """``draft``: id and version of each, as the page showed it.  Nothing is decided before all were checked."""
    await permitted_queue(deps, reviewer, queue)
    chosen = _chosen([str(value) for value in form.getlist("draft")])
    records = [await permitted_record(deps, reviewer, "view", draft_id) for draft_id in chosen]
    for record in records:
        await _require(deps, reviewer, record)
    if field(form, "attested") != "yes":
        raise Invalid("attestation_missing", "Please confirm that you have read what you approve.")
    if deps.confirm_approval:
        confirm(request, reviewer, back=f"/queues/{records[0].workflow}")
    waking: Waking = request.app.state.waking
    left: list[DraftRecord] = []
    for record in records:
        try:
            decision = await asyncio.to_thread(_approve, deps, reviewer, record, chosen[record.id])
            await waking.carry_on(record, decision)
        except (Conflict, NotFound):
            left.append(record)
    return request.app.state.pages.render(  # type: ignore[no-any-return]
        request,
        "batch.html",
        reviewer=reviewer,
        title="Approved together",
        approved=len(records) - len(left),
        left=len(left),
        back=f"/queues/{records[0].workflow}",
    )


def _chosen(values: list[str]) -> dict[str, int]:
    """Draft id to version.  Raises HTTPException (422), Invalid."""
    if not values:
        raise Invalid("nothing_chosen", "Please choose what you approve.")
    if len(values) > AT_MOST:
        raise Invalid("too_many_chosen", f"At most {AT_MOST} can be approved at once.")
    chosen: dict[str, int] = {}
    for value in values:
        draft_id, _, version = value.partition(" ")
        chosen[draft_id] = version_in(version)
    return chosen


async def _require(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord) -> None:
    access = may_be_among_many(reviewer.person, record)
    if access.allowed:
        return
    about = {"resource": f"draft/{record.id}", "client_id": record.client_id, "deed": "approve_batch"}
    await deny(deps, reviewer, reason=access.reason, **about)
    raise Refused(access.reason, "Drafts of this kind are read and approved one by one. Nothing was approved.")


def _approve(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord, version: int) -> Decision:
    def make(found: DraftRecord) -> Decision:
        return approve_as_it_stands(
            found,
            by=reviewer.acting_on(found),
            now=deps.clock(),
            contents=deps.contents,
            periods=deps.retention,
        )

    return record_verdict(deps, record, version, Verdict.APPROVE, make, reviewer)
