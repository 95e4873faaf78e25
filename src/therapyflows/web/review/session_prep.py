"""Before a session: the appointments of today and tomorrow, and one page about a client to read and to print."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from therapyflows.core.chart import Appointment, Client, Note, User
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Refused
from therapyflows.core.session_prep.assembling import prepare
from therapyflows.core.session_prep.reading import Part, part, read_chart
from therapyflows.governance.access.policy import PRACTICE, AccessDecision, decide, decide_for_client
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import (
    ClientId,
    CurrentReviewer,
    Deps,
    Reviewer,
    deny,
    may,
    permitted_client,
    unknown_client,
)
from therapyflows.web.review.queue import ASK_AT_ONCE, or_none
from therapyflows.web.review.trend_plot import plot_of
from therapyflows.web.review.view import display_name, page_of

router = APIRouter()

DAYS = 2
MAX_CLINICIANS = 20
"""Whose appointments one page lists: the person's own and those of the people they supervise."""
SECTIONS_SHOWN, WORDS_SHOWN = 6, 420
"""Of the last note at first, and on paper: sections, and letters of each."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One appointment in the list."""

    appointment: Appointment
    client_name: str
    leads_on: bool
    """Whether the person may open the page about this client; else the name is not shown either."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """The appointments of one clinician by day."""

    clinician: str
    own: bool
    trouble: Literal["slow", "failed"] | None
    days: tuple[tuple[datetime, tuple[Slot, ...]], ...]


@router.get("/sessions")
async def agenda(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    access = decide(reviewer.person, "view_appointments", workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource="appointments", reason=access.reason, deed="view_appointments")
        raise Refused(access.reason, "Your role in the EHR has no sessions to prepare.")
    entry = AuditEntry(Action.APPOINTMENTS_VIEWED, reviewer.actor, "appointments")
    await asyncio.to_thread(deps.audit.append, entry)
    gate = asyncio.Semaphore(ASK_AT_ONCE)
    clinicians = (reviewer.user.id, *reviewer.user.supervises)[:MAX_CLINICIANS]
    return _page(
        request,
        "sessions.html",
        reviewer=reviewer,
        title="Sessions",
        agendas=await asyncio.gather(*(_agenda(deps, reviewer, clinician, gate) for clinician in clinicians)),
    )


@router.get("/clients/{client_id}/prep")
async def prep(request: Request, deps: Deps, reviewer: CurrentReviewer, client_id: ClientId) -> Response:
    client, access = await _client(deps, reviewer, client_id)
    entry = reviewer.viewing(Action.SESSION_PREP_VIEWED, client_id, access)
    await asyncio.to_thread(deps.audit.append, entry)
    now = deps.clock()
    chart = await read_chart(deps.chart_reads, client_id, now, within_s=deps.chart_part_s)
    prepared = prepare(client, chart, now)
    return _page(
        request,
        "session_prep.html",
        reviewer=reviewer,
        title="Before the session",
        client_id=client_id,
        client_name=display_name(client.value) if client.value is not None else "Name not available",
        pronouns=client.value.pronouns if client.value is not None else None,
        prep=prepared,
        plots=[(trend, plot_of(trend)) for trend in prepared.trends.value or ()],
        note_is_cut=_is_cut(prepared.note.value),
        sections_shown=SECTIONS_SHOWN,
        words_shown=WORDS_SHOWN,
        drafts=await asyncio.to_thread(_open_drafts, deps, reviewer, client_id),
        page_of=page_of,
        now=now,
        emergency=reviewer.emergency_about(client_id, access),
    )


async def _client(deps: ReviewDeps, reviewer: Reviewer, client_id: str) -> tuple[Part[Client], AccessDecision]:
    """The client as far as the EHR answers, when this person may prepare a session with them.

    For one's own client the caseload is enough; whom one supervises is known only with the client.
    """
    access = decide_for_client(reviewer.person, "view_session_prep", client_id=client_id, clinician_ids=())
    if not access.allowed:
        client, access = await permitted_client(deps, reviewer, "view_session_prep", client_id)
        return Part(client), access
    return await part(_known(deps, client_id), deps.chart_part_s), access


async def _known(deps: ReviewDeps, client_id: str) -> Client:
    client = await deps.ehr_client(client_id)
    if client.id != client_id:
        raise unknown_client()
    return client


async def _agenda(deps: ReviewDeps, reviewer: Reviewer, clinician_id: str, gate: asyncio.Semaphore) -> Agenda:
    today = deps.clock().astimezone().date()
    days = [datetime.combine(today + timedelta(days=number), time()).astimezone() for number in range(DAYS + 1)]
    asked = deps.chart_reads.appointments(start=days[0], end=days[-1], clinician_id=clinician_id)
    found = await part(asked, deps.chart_part_s)
    slots = await asyncio.gather(*(_slot(deps, reviewer, one, gate) for one in found.value or ()))
    by_day = tuple((day, _on(day, slots)) for day in days[:DAYS])
    own = clinician_id == reviewer.user.id
    clinician: User | None = reviewer.user if own else await or_none(deps.users, clinician_id)
    return Agenda(clinician.name if clinician is not None else clinician_id, own, found.trouble, by_day)


def _on(day: datetime, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    mine = (slot for slot in slots if slot.appointment.start.astimezone().date() == day.date())
    return tuple(sorted(mine, key=lambda slot: (slot.appointment.start, slot.appointment.id)))


async def _slot(deps: ReviewDeps, reviewer: Reviewer, appointment: Appointment, gate: asyncio.Semaphore) -> Slot:
    async with gate:
        found = await part(deps.ehr_client(appointment.client_id), deps.chart_part_s)
    assigned = found.value.assigned_clinicians if found.value is not None else ()
    access = decide_for_client(
        reviewer.person, "view_session_prep", client_id=appointment.client_id, clinician_ids=assigned
    )
    if found.value is None:
        return Slot(appointment, "Name not available", access.allowed)
    return Slot(appointment, display_name(found.value) if access.allowed else "Not on your caseload", access.allowed)


def _open_drafts(deps: ReviewDeps, reviewer: Reviewer, client_id: str) -> list[DraftRecord]:
    records = deps.drafts.for_client(client_id)
    return [record for record in records if not record.state.is_final and may(reviewer, "view", record)]


def _is_cut(note: Note | None) -> bool:
    if note is None:
        return False
    sections = note.draft_content
    return len(sections) > SECTIONS_SHOWN or any(len(section.text) > WORDS_SHOWN for section in sections)


def _page(request: Request, template: str, **values: object) -> Response:
    response: Response = request.app.state.pages.render(request, template, **values)
    return response
