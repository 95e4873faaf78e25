"""What waits for this person: drafts of clients they are responsible for, oldest first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.session_note.model import DraftRecord
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.desk import open_draft
from therapyflows.web.review.intake_desk import open_intake
from therapyflows.web.review.intake_view import intake_counts
from therapyflows.web.review.menu import menu_of
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, may, require_reviewer
from therapyflows.web.review.view import counts_view, display_name, page_of

router = APIRouter()
log = structlog.get_logger()
T = TypeVar("T")

ASK_AT_ONCE = 8
"""Names and dates asked from the EHR at the same time."""


@dataclass(frozen=True, slots=True)
class Row:
    record: DraftRecord
    client_name: str
    session_at: datetime | None
    counts: tuple[tuple[str, str, int], ...]
    overdue: bool
    page: str
    what: str
    """``SOAP``, ``Intake form``."""


@router.get("/")
async def queue(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    menu = menu_of(reviewer.person)
    if menu and menu[0].path != "/":
        return RedirectResponse(menu[0].path, 303)
    await require_reviewer(request, reviewer)
    clients = await responsible_for(deps, reviewer)
    waiting = await asyncio.to_thread(lambda: deps.drafts.waiting(client_ids=sorted(clients)))
    records = [record for record in waiting if may(reviewer, "view", record)]
    gate = asyncio.Semaphore(ASK_AT_ONCE)
    rows = await asyncio.gather(*(_row(deps, record, gate) for record in records))
    return request.app.state.pages.render(  # type: ignore[no-any-return]
        request, "queue.html", reviewer=reviewer, title="Waiting for you", rows=rows
    )


async def responsible_for(deps: ReviewDeps, reviewer: Reviewer) -> set[str]:
    """The person's own caseload and the caseloads of the people they supervise."""
    clients = set(reviewer.user.caseload)
    for supervised in await asyncio.gather(*(or_none(deps.users, user_id) for user_id in reviewer.user.supervises)):
        if supervised is not None:
            clients.update(supervised.caseload)
    return clients


async def _row(deps: ReviewDeps, record: DraftRecord, gate: asyncio.Semaphore) -> Row:
    async with gate:
        client = await or_none(deps.ehr_client, record.client_id)
        appointment = await or_none(deps.appointments, record.appointment_id) if record.appointment_id else None
        counts = await asyncio.to_thread(_counts, deps, record)
    overdue = record.deadline is not None and record.deadline < deps.clock()
    name = display_name(client) if client is not None else "Name not available"
    what = "Intake form" if record.workflow == "intake" else record.format.upper()
    start = appointment.start if appointment is not None else None
    return Row(record, name, start, counts, overdue, page_of(record), what)


def _counts(deps: ReviewDeps, record: DraftRecord) -> tuple[tuple[str, str, int], ...]:
    try:
        if record.workflow == "intake":
            return intake_counts(open_intake(deps, record).working)
        return counts_view(open_draft(deps, record).working)
    except NotFound:
        return ()


async def or_none(ask: Callable[[str], Awaitable[T]], key: str) -> T | None:
    """A queue with one name missing is better than no queue."""
    try:
        return await ask(key)
    except TherapyFlowsError as error:
        log.warning("queue_lookup_failed", code=error.code)
        return None
