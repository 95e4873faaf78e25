"""The page of one client: what was done with their sessions, what is kept until when, what was deleted, who looked.

Made to be read with the client and printed for them: plain words, dates, no clinical content.
"""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from therapyflows.core.chart import Client
from therapyflows.core.client_page.account import Account, account_of
from therapyflows.core.errors import NotFound
from therapyflows.core.session_note.model import DraftState
from therapyflows.governance.access.policy import AccessDecision, decide_for_client
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, not_theirs
from therapyflows.web.review.queue import ASK_AT_ONCE, or_none
from therapyflows.web.review.view import display_name

router = APIRouter()

ClientId = Annotated[str, Path(max_length=100, pattern=r"^[\w.-]+$")]

CONSENTS = {
    "recording": "Recording the session",
    "ai_processing": "Use of artificial intelligence to prepare notes",
    "telehealth": "Sessions by video or telephone",
    "part2_tpo": "Use and disclosure of substance-use records (42 CFR Part 2)",
}
STATUSES = {
    "unknown": "not valid yet",
    "offered": "asked for, not answered",
    "granted": "given",
    "declined": "refused",
    "withdrawn": "withdrawn",
    "expired": "ended",
}
STATES = {
    DraftState.PREPARING: "being prepared",
    DraftState.IN_REVIEW: "waiting for the clinician’s decision",
    DraftState.APPROVED: "approved, on its way into the chart",
    DraftState.REJECTED: "rejected, nothing was filed",
    DraftState.POSTED: "filed in the chart",
    DraftState.EXPIRED: "ended undecided, nothing was filed",
    DraftState.CANCELLED: "stopped, nothing was filed",
    DraftState.FAILED: "could not be finished, nothing was filed",
    DraftState.INCIDENT: "filed; the chart differs from what was approved",
}
SESSIONS_LOOKED_UP = 60
"""Newest sessions whose date is asked from the EHR; older ones are named by their id."""
REASONS = {
    "retention_ended": "its time was over",
    "off_record": "it was taken off the record",
    "draft_closed": "the draft was cancelled while it was being made",
    "superseded_by_recording": "a recording replaced the typed notes",
    "client_opted_out": "the client opted out",
    "clinician_opted_out": "the clinician opted out",
    "client_request": "the client asked for it",
    "court_order": "a court ordered it",
    "wrong_client": "it was filed under the wrong client",
    "end_of_retention": "its time was over",
    "practice_closes": "the practice closes",
}


@router.get("/clients/{client_id}")
async def show(request: Request, deps: Deps, reviewer: CurrentReviewer, client_id: ClientId) -> Response:
    client, access = await _permitted_client(deps, reviewer, client_id)
    await asyncio.to_thread(deps.audit.append, _viewed(reviewer, client_id, access))
    account = await asyncio.to_thread(account_of, client, deps, deps.clock())
    names = await _names(deps, account)
    emergency = next((e for e in reviewer.emergencies if e.client_id == client_id), None)
    response: Response = request.app.state.pages.render(
        request,
        "client.html",
        reviewer=reviewer,
        title="What was done for this client",
        client_name=display_name(client),
        client_id=client.id,
        may_see_disclosures=_may_see_disclosures(reviewer, client),
        account=account,
        names=names,
        sessions=await _sessions(deps, account),
        states=STATES,
        consents=CONSENTS,
        statuses=STATUSES,
        why=why,
        now=deps.clock(),
        emergency=emergency if access.reason == "allowed_emergency" else None,
    )
    return response


def why(reason: str) -> str:
    """The reason of a deletion in words."""
    for kind, words in CONSENTS.items():
        if reason.startswith(f"{kind}_consent_"):
            ended = STATUSES.get(reason.removeprefix(f"{kind}_consent_"), "missing")
            return f"consent “{words}” was {ended}"
    return REASONS.get(reason, reason.replace("_", " ") or "not recorded")


async def _permitted_client(deps: ReviewDeps, reviewer: Reviewer, client_id: str) -> tuple[Client, AccessDecision]:
    """The client, when this person may see what was done for them; a stranger's and an unknown one look the same."""
    try:
        client = await deps.ehr_client(client_id)
    except NotFound:
        await not_theirs(deps, reviewer, resource="clients/unknown", reason="client_unknown", deed="view_client_page")
        raise _unknown() from None
    access = decide_for_client(
        reviewer.person, "view_client_page", client_id=client.id, clinician_ids=client.assigned_clinicians
    )
    if not access.allowed:
        resource = f"clients/{client.id}"
        await not_theirs(
            deps, reviewer, resource=resource, reason=access.reason, client_id=client.id, deed="view_client_page"
        )
        raise _unknown()
    return client, access


def _may_see_disclosures(reviewer: Reviewer, client: Client) -> bool:
    return decide_for_client(
        reviewer.person, "view_disclosures", client_id=client.id, clinician_ids=client.assigned_clinicians
    ).allowed


def _unknown() -> NotFound:
    return NotFound("client_unknown", "There is no such client for you.")


def _viewed(reviewer: Reviewer, client_id: str, access: AccessDecision) -> AuditEntry:
    emergency = next((e.id for e in reviewer.emergencies if e.client_id == client_id), "")
    details = {"emergency": emergency} if access.reason == "allowed_emergency" else {}
    return AuditEntry(Action.CLIENT_VIEWED, reviewer.actor, f"clients/{client_id}", client_id, details=details)


async def _sessions(deps: ReviewDeps, account: Account) -> dict[str, datetime]:
    """When the sessions were, as far as the EHR says."""
    gate = asyncio.Semaphore(ASK_AT_ONCE)

    async def start(appointment_id: str) -> datetime | None:
        async with gate:
            appointment = await or_none(deps.appointments, appointment_id)
        return appointment.start if appointment is not None else None

    named = (line.record.appointment_id for line in account.drafts)
    ids = list(dict.fromkeys(appointment_id for appointment_id in named if appointment_id))[:SESSIONS_LOOKED_UP]
    starts = await asyncio.gather(*map(start, ids))
    return {appointment_id: at for appointment_id, at in zip(ids, starts, strict=True) if at is not None}


async def _names(deps: ReviewDeps, account: Account) -> dict[str, str]:
    """Names of the people on the page; whom the EHR no longer knows keeps the id."""

    async def name(user_id: str) -> str:
        try:
            return (await deps.users(user_id)).name
        except NotFound:
            return user_id

    people = sorted({look.who for look in account.looks} | {line.by for line in account.deleted})
    services = {"retention", "consent-change", "worker", "cli"}
    asked = [user_id for user_id in people if user_id not in services]
    return dict(zip(asked, await asyncio.gather(*map(name, asked)), strict=True)) | dict.fromkeys(
        services, "the system"
    )
