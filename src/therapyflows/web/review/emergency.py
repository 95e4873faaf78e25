"""Emergency access: ask for it with a reason, look, end it; and administrators judge each use afterwards."""

import asyncio
from dataclasses import dataclass
from re import fullmatch

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.emergency import steps
from therapyflows.core.emergency.steps import EmergencyPorts
from therapyflows.core.errors import Invalid, NotFound, Refused, TherapyFlowsError
from therapyflows.governance.access.emergency import EmergencyAccess, reasons
from therapyflows.governance.access.policy import PRACTICE, Deed, decide
from therapyflows.governance.audit.model import ChainedEntry
from therapyflows.web.review.confirming import ConfirmedPerson
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.outcome import STATES
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, deny, may, not_theirs
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import display_name

router = APIRouter()
log = structlog.get_logger()

_CLIENT_ID = r"[A-Za-z0-9._-]{1,64}"
MAX_DRAFTS = 50
MAX_ENTRIES = 100_000
"""Of one person about one client: more than anybody makes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One use as an administrator sees it: who, when, why, what was looked at; the client by number only."""

    access: EmergencyAccess
    person: str
    reason: str
    words: str
    comment: str | None
    uses: tuple[ChainedEntry, ...]
    is_open: bool
    may_judge: bool


# --- the person in an emergency ---


@router.get("/emergency")
async def ask(request: Request, deps: Deps, reviewer: ConfirmedPerson) -> Response:
    await _require(deps, reviewer, "break_glass")
    return _page(
        request,
        "emergency_ask.html",
        reviewer=reviewer,
        title="Emergency access",
        reasons=reasons(),
        hours=deps.emergency_lasts.total_seconds() / 3600,
        accesses=reviewer.emergencies,
    )


@router.post("/emergency")
async def open_access(request: Request, deps: Deps, reviewer: ConfirmedPerson, form: PostedForm) -> Response:
    await _require(deps, reviewer, "break_glass")
    client_id = field(form, "client_id").strip()
    await _known_client(deps, reviewer, client_id)
    if client_id in reviewer.person.caseload:
        raise Invalid("client_is_yours", "This client is on your caseload: you need no emergency access.")
    access = await asyncio.to_thread(
        lambda: steps.open_access(
            ports_of(deps),
            by=reviewer.actor,
            client_id=client_id,
            reason_code=field(form, "reason_code"),
            words=field(form, "words"),
        )
    )
    if access.notified_at is None:
        await _tell(deps, access)
    return RedirectResponse(f"/emergency/{access.id}", 303)


@router.get("/emergency/{access_id}")
async def opened(request: Request, deps: Deps, reviewer: CurrentReviewer, access_id: str) -> Response:
    """The drafts of the client, while the access lasts and for whoever opened it."""
    access = await _own_access(deps, reviewer, access_id)
    client = await deps.ehr_client(access.client_id)
    records = await asyncio.to_thread(deps.drafts.for_client, access.client_id)
    await asyncio.to_thread(deps.audit.append, reviewer.looking_by(access))
    visible = [record for record in reversed(records) if may(reviewer, "view", record)]
    return _page(
        request,
        "emergency_open.html",
        reviewer=reviewer,
        title="Emergency access",
        client_name=display_name(client),
        access=access,
        emergency=access,
        drafts=[(record, _state_of(record)) for record in visible[:MAX_DRAFTS]],
    )


@router.post("/emergency/{access_id}/end")
async def end(deps: Deps, reviewer: CurrentReviewer, access_id: str, form: PostedForm) -> Response:
    access = await _own_access(deps, reviewer, access_id)
    await asyncio.to_thread(lambda: steps.end_access(ports_of(deps), access, by=reviewer.actor))
    return RedirectResponse("/", 303)


# --- the administrators afterwards ---


@router.get("/emergency-reviews")
async def reviews(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await _require(deps, reviewer, "review_break_glass")
    waiting = await asyncio.to_thread(deps.emergencies.unreviewed)
    judged = await asyncio.to_thread(deps.emergencies.reviewed)
    return _page(
        request,
        "emergency_reviews.html",
        reviewer=reviewer,
        title="Emergency reviews",
        waiting=[await _judged(deps, reviewer, access) for access in waiting],
        judged=[await _judged(deps, reviewer, access) for access in judged],
    )


@router.post("/emergency-reviews/{access_id}")
async def judge(deps: Deps, reviewer: CurrentReviewer, access_id: str, form: PostedForm) -> Response:
    await _require(deps, reviewer, "review_break_glass")
    access = await asyncio.to_thread(deps.emergencies.get, access_id)
    verdict, comment = field(form, "verdict"), field(form, "comment")
    await asyncio.to_thread(
        lambda: steps.judge(ports_of(deps), access, by=reviewer.actor, verdict=verdict, comment=comment)
    )
    return RedirectResponse("/emergency-reviews", 303)


def ports_of(deps: ReviewDeps) -> EmergencyPorts:
    return EmergencyPorts(deps.emergencies, deps.contents, deps.audit, deps.clock, lasts=deps.emergency_lasts)


async def _require(deps: ReviewDeps, reviewer: Reviewer, deed: Deed) -> None:
    access = decide(reviewer.person, deed, workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource="emergency", reason=access.reason, deed=deed)
        raise Refused(access.reason, "Your role in the EHR does not allow this.")


async def _known_client(deps: ReviewDeps, reviewer: Reviewer, client_id: str) -> None:
    """Raises NotFound, in the words of every other thing that is not there or not theirs."""
    try:
        if fullmatch(_CLIENT_ID, client_id) is None:
            raise NotFound("client_unknown")
        await deps.ehr_client(client_id)
    except NotFound:
        await not_theirs(deps, reviewer, resource="clients/unknown", reason="client_unknown", deed="break_glass")
        raise NotFound("client_unknown", "There is no such client for you.") from None


async def _own_access(deps: ReviewDeps, reviewer: Reviewer, access_id: str) -> EmergencyAccess:
    """Somebody else's, one that is over and one that never was look the same."""
    found = next((access for access in reviewer.emergencies if access.id == access_id), None)
    if found is None:
        await not_theirs(deps, reviewer, resource="emergency/unknown", reason="emergency_unknown", deed="break_glass")
        raise NotFound("emergency_unknown", "There is no such emergency access for you, or it is over.")
    return found


async def _tell(deps: ReviewDeps, access: EmergencyAccess) -> None:
    """Nobody waits for help because a task could not be written: the watch makes up for it."""
    try:
        await deps.tell_emergency(access)
    except TherapyFlowsError as error:
        log.warning("emergency_not_told_yet", code=error.code)


async def _judged(deps: ReviewDeps, reviewer: Reviewer, access: EmergencyAccess) -> Judged:
    return Judged(
        access=access,
        person=await _name_of(deps, access.user_id),
        reason=reasons().get(access.reason_code, access.reason_code),
        words=await asyncio.to_thread(_words_of, deps, access.words_content_id),
        comment=await asyncio.to_thread(_words_of, deps, access.comment_content_id) if access.verdict else None,
        uses=tuple(await asyncio.to_thread(_uses, deps, access)),
        is_open=access.is_open(deps.clock()),
        may_judge=access.verdict is None and access.may_be_reviewed_by(reviewer.user.id),
    )


def _words_of(deps: ReviewDeps, content_id: str | None) -> str:
    try:
        return deps.contents.get(content_id or "").decode()
    except NotFound:
        return "(no longer kept)"


def _uses(deps: ReviewDeps, access: EmergencyAccess) -> list[ChainedEntry]:
    """What was looked at or listened to by it."""
    told = deps.audit.search(client_id=access.client_id, actor_id=access.user_id, limit=MAX_ENTRIES)
    return [found for found in told if found.entry.details.get("emergency") == access.id]


def _state_of(record: DraftRecord) -> str:
    return STATES[record.state][0] if record.state.is_final else "In review"


async def _name_of(deps: ReviewDeps, user_id: str) -> str:
    try:
        return (await deps.users(user_id)).name
    except TherapyFlowsError:
        return user_id


def _page(request: Request, template: str, **values: object) -> Response:
    response: Response = request.app.state.pages.render(request, template, **values)
    return response
