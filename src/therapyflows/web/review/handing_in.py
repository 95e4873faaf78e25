"""The form of somebody who stands in no chart yet, handed in by the clinician who takes the person on."""

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from therapyflows.core.errors import Invalid, Refused, Transient
from therapyflows.core.intake.handing_in import HandingIn, begin, objection
from therapyflows.governance.access.policy import PROSPECT
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.errors import answer
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, deny
from therapyflows.web.review.security import PostedFile

router = APIRouter(prefix="/intake-forms")
NOT_STARTED = "The form is kept. It cannot be read at the moment; that begins by itself as soon as it can."


@router.get("")
async def ask(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await _require(deps, reviewer)
    response: Response = request.app.state.pages.render(
        request, "handing_in.html", reviewer=reviewer, title="New intake form"
    )
    return response


@router.post("")
async def take_in(request: Request, deps: Deps, reviewer: CurrentReviewer, form: PostedFile) -> Response:
    """Keep the form encrypted and start its run; the same file again is the same intake."""
    await _require(deps, reviewer)
    file = form.get("form")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        raise Invalid("no_file", "No file came with this, or an empty one. Choose the form once more.")
    ports = HandingIn(deps.drafts, deps.contents, deps.audit, deps.retention)
    try:
        record = await begin(ports, deps.runs, content, reviewer.user, by=reviewer.actor, now=deps.clock())
    except Transient:
        return answer(request, 503, NOT_STARTED, code="intake_not_started")
    return RedirectResponse(f"/intakes/{record.id}", 303)


async def _require(deps: ReviewDeps, reviewer: Reviewer) -> None:
    """Raises Refused for who may not, or does not want to, take somebody on here."""
    code = objection(reviewer.user, f"{PROSPECT}new", deps.clock())
    if code is not None:
        await deny(deps, reviewer, resource="intake-forms", reason=code, deed="start_run")
        raise Refused(code, "Only a clinician who works with this system can hand in the form of a new client.")
