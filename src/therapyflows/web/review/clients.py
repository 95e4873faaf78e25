"""Two pages about one client, without clinical content: what AI did, what is kept until when, what was deleted, who
looked, what left.  One in plain words to hand to the client, one with names, runs and proofs for the practice."""

import asyncio
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from therapyflows.core.chart import Client
from therapyflows.core.client_page.account import Account, account_of
from therapyflows.core.disclosure.accounting import accounting_of
from therapyflows.core.disclosure.model import AccountedDisclosure
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import NotFound
from therapyflows.governance.access.emergency import reasons
from therapyflows.governance.access.policy import AccessDecision, decide_for_client
from therapyflows.governance.audit.model import Action
from therapyflows.governance.disclosure.policy import purposes, years_before
from therapyflows.governance.retention.kinds import Fate, kind_rules
from therapyflows.web.review.client_words import ClientWords
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import ClientId, CurrentReviewer, Deps, Reviewer, permitted_client
from therapyflows.web.review.queue import ASK_AT_ONCE, or_none
from therapyflows.web.review.view import display_name

router = APIRouter()

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

PLAIN_REASONS = {
    "retention_ended": "time_over",
    "end_of_retention": "time_over",
    "off_record": "off_record",
    "draft_closed": "stopped",
    "superseded_by_recording": "replaced",
    "client_opted_out": "opted_out_client",
    "clinician_opted_out": "opted_out_clinician",
    "client_request": "client",
    "court_order": "court",
    "wrong_client": "mistake",
    "practice_closes": "closing",
}


@router.get("/clients/{client_id}")
async def handout(request: Request, deps: Deps, reviewer: CurrentReviewer, client_id: ClientId) -> Response:
    """In plain words, to be read with the client and printed for them: roles and no names of staff."""
    client, access, account = await _opened(deps, reviewer, client_id)
    disclosed = await asyncio.to_thread(_disclosed, deps, reviewer, client)
    return _page(
        request,
        "client.html",
        reviewer=reviewer,
        title=deps.client_words("title"),
        client=client,
        client_name=display_name(client),
        w=deps.client_words,
        practice=deps.practice_name,
        contact=deps.practice_contact,
        account=account,
        disclosed=disclosed,
        purposes=purposes(),
        reason_of=reason_of,
        withdrawal=withdrawal_of(deps.client_words),
        sessions=await _sessions(deps, account),
        now=deps.clock(),
        emergency=reviewer.emergency_about(client_id, access),
    )


@router.get("/clients/{client_id}/details")
async def details(request: Request, deps: Deps, reviewer: CurrentReviewer, client_id: ClientId) -> Response:
    """The same for the practice: runs, digests, numbers of entries, names of staff."""
    client, access, account = await _opened(deps, reviewer, client_id)
    return _page(
        request,
        "client_details.html",
        reviewer=reviewer,
        title="What was done for this client",
        client_name=display_name(client),
        client_id=client.id,
        may_see_disclosures=_may_see_disclosures(reviewer, client),
        account=account,
        names=await _names(deps, account),
        sessions=await _sessions(deps, account),
        states=STATES,
        consents=CONSENTS,
        statuses=STATUSES,
        why=why,
        reasons=reasons(),
        now=deps.clock(),
        emergency=reviewer.emergency_about(client_id, access),
    )


async def _opened(deps: ReviewDeps, reviewer: Reviewer, client_id: str) -> tuple[Client, AccessDecision, Account]:
    """What both pages show, for whom it may concern; that it was opened is told first."""
    client, access = await permitted_client(deps, reviewer, "view_client_page", client_id)
    await asyncio.to_thread(deps.audit.append, reviewer.viewing(Action.CLIENT_VIEWED, client_id, access))
    return client, access, await asyncio.to_thread(account_of, client, deps, deps.clock())


def _disclosed(deps: ReviewDeps, reviewer: Reviewer, client: Client) -> tuple[AccountedDisclosure, ...] | None:
    """What was given to others, six years back; None for who may not see that."""
    if not _may_see_disclosures(reviewer, client):
        return None
    until = deps.clock()
    found = accounting_of(
        deps.audit,
        deps.contents,
        client.id,
        since=years_before(until),
        until=until + timedelta(seconds=1),
        viewer=reviewer.actor,
    )
    return tuple(line for line in found.disclosures if line.accountable)


def withdrawal_of(words: ClientWords) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kinds of content that a withdrawal deletes and those that stay, in words for a client."""
    known = [rule for rule in kind_rules().values() if words.has("kinds", rule.kind)]
    gone = tuple(words.one_of("kinds", r.kind) for r in known if r.on_withdrawal is Fate.SHRED)
    return gone, tuple(words.one_of("kinds", r.kind) for r in known if r.on_withdrawal is Fate.KEEP)


def reason_of(reason: str) -> str:
    """The plain reason that a constant stands for, as ``client_words`` knows it."""
    if any(reason.startswith(f"{kind}_consent_") for kind in CONSENTS):
        return "consent_gone"
    return PLAIN_REASONS.get(reason, "other")


def _page(request: Request, template: str, **values: object) -> Response:
    response: Response = request.app.state.pages.render(request, template, **values)
    return response


def why(reason: str) -> str:
    """The reason of a deletion in words."""
    for kind, words in CONSENTS.items():
        if reason.startswith(f"{kind}_consent_"):
            ended = STATUSES.get(reason.removeprefix(f"{kind}_consent_"), "missing")
            return f"consent “{words}” was {ended}"
    return REASONS.get(reason, reason.replace("_", " ") or "not recorded")


def _may_see_disclosures(reviewer: Reviewer, client: Client) -> bool:
    return decide_for_client(
        reviewer.person, "view_disclosures", client_id=client.id, clinician_ids=client.assigned_clinicians
    ).allowed


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

    people = sorted(
        {look.who for look in account.looks}
        | {use.who for use in account.emergencies}
        | {line.by for line in account.deleted}
    )
    services = {"retention", "consent-change", "worker", "cli"}
    asked = [user_id for user_id in people if user_id not in services]
    return dict(zip(asked, await asyncio.gather(*map(name, asked)), strict=True)) | dict.fromkeys(
        services, "the system"
    )
