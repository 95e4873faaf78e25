"""What waits for this person: one queue per workflow, the most urgent first, alive while it is looked at.

A look is two statements of SQL over rows and counts; nothing is decrypted for it, and the EHR is never waited for.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound, Refused, TherapyFlowsError
from therapyflows.core.queue.facts import facts_of
from therapyflows.core.queue.model import Asked, Facts, Look, Place, made_of
from therapyflows.governance.access.policy import PRACTICE, decide, load_policy
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.menu import home_of
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, deny, require_reviewer
from therapyflows.web.review.queue_view import TITLES, Known, QueueView, pages_of, queue_view
from therapyflows.web.review.remembered import Remembered
from therapyflows.web.review.tour import tour_for
from therapyflows.web.review.view import display_name

router = APIRouter()
log = structlog.get_logger()
T = TypeVar("T")

ALL = "all"
COUNTED_AT_ONCE = 4
"""Rows of a page that are counted on the spot; more are left to :func:`keep_counting`."""
COUNTING_PAUSE_S = 0.02
FORGET_EVERY = 200
"""Rounds after which counts of drafts that wait no more are removed."""
ASK_AT_ONCE = 8
"""Names and dates asked from the EHR at the same time."""

PageNumber = Annotated[int, Query(ge=1, le=100_000)]


class Lookups:
    """Names and dates of this process, as the EHR has told them."""

    def __init__(self, deps: ReviewDeps) -> None:
        self._within = deps.names_within

        async def name(client_id: str) -> str:
            return display_name(await deps.ehr_client(client_id))

        async def start(appointment_id: str) -> datetime:
            return (await deps.appointments(appointment_id)).start

        async def person(user_id: str) -> str:
            return (await deps.users(user_id)).name

        self._clients, self._sessions, self._people = Remembered(name), Remembered(start), Remembered(person)

    async def of(self, look: Look, asked: Asked) -> Known:
        records = [row.record for row in look.rows]
        people = {group.holder for group in look.groups} | {asked.holder or asked.person.user_id}
        dated = (r.appointment_id for r in records if r.session_at is None and r.appointment_id)
        clients, sessions, named = await asyncio.gather(
            self._clients.of((r.client_id for r in records if not r.is_prospect), within=self._within),
            self._sessions.of(dated, within=self._within),
            self._people.of(sorted(people), within=self._within),
        )
        return Known(clients, sessions, named)


@router.get("/")
async def everything(
    request: Request,
    deps: Deps,
    reviewer: CurrentReviewer,
    place: Place = Place.WAITING,
    holder: str | None = None,
    page: PageNumber = 1,
) -> Response:
    home = home_of(reviewer.person)
    if home is not None and home != "/":
        return RedirectResponse(home, 303)
    await require_reviewer(request, reviewer)
    return await _show(request, deps, _asked(deps, reviewer, None, place, holder, page), reviewer)


@router.get("/queues/{queue}")
async def one_queue(
    request: Request,
    deps: Deps,
    reviewer: CurrentReviewer,
    queue: str,
    place: Place = Place.WAITING,
    holder: str | None = None,
    page: PageNumber = 1,
) -> Response:
    workflow = await permitted_queue(deps, reviewer, queue)
    return await _show(request, deps, _asked(deps, reviewer, workflow, place, holder, page), reviewer)


@router.get("/queues/{queue}/state")
async def state(
    request: Request,
    deps: Deps,
    reviewer: CurrentReviewer,
    queue: str,
    place: Place = Place.WAITING,
    holder: str | None = None,
    page: PageNumber = 1,
) -> Response:
    """The list anew, when it is not what the page has (``If-None-Match``); the page asks by itself."""
    workflow = await permitted_queue(deps, reviewer, queue)
    view = await _view(request, deps, _asked(deps, reviewer, workflow, place, holder, page))
    etag = f'"{view.mark}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    html = request.app.state.pages.text(request, "_queue.html", reviewer=reviewer, view=view)
    return JSONResponse({"html": html, "total": view.total, "urgent": view.urgent}, headers={"ETag": etag})


def _asked(
    deps: ReviewDeps, reviewer: Reviewer, workflow: str | None, place: Place, holder: str | None, page: int
) -> Asked:
    unsigned = deps.cosign.needing(reviewer.user.credential)
    return Asked(reviewer.person, deps.clock(), workflow, place, holder, page, needs_cosignature=unsigned)


async def keep_counting(deps: ReviewDeps) -> None:
    """Count what waits and was not counted, one draft at a time, so that nobody's page waits for it.  Never ends."""
    for round_ in itertools.count():
        try:
            if round_ % FORGET_EVERY == 0:
                await asyncio.to_thread(deps.queue.forget_closed)
            for record in await asyncio.to_thread(deps.queue.uncounted, 200):
                await asyncio.to_thread(_count, deps, record)
                await asyncio.sleep(COUNTING_PAUSE_S)
        except Exception as error:  # as for every loop beside the requests: it outlives what one round meets
            log.error("queue_counting_failed", error_type=type(error).__name__)
        await asyncio.sleep(deps.sweep_every.total_seconds())


async def permitted_queue(deps: ReviewDeps, reviewer: Reviewer, queue: str) -> str | None:
    """The workflow of this queue; None: all of them.  Raises NotFound, Refused (with an entry in the trail)."""
    workflow = "session-note" if queue == ALL else queue
    if workflow == PRACTICE or workflow not in load_policy().workflows:
        raise NotFound("queue_unknown", "There is no such queue.")
    access = decide(reviewer.person, "view_queue", workflow=workflow, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource=f"queue/{queue}", reason=access.reason)
        raise Refused(access.reason, "Your role in the EHR does not work with this queue.")
    return None if queue == ALL else workflow


async def _show(request: Request, deps: ReviewDeps, asked: Asked, reviewer: Reviewer) -> Response:
    view = await _view(request, deps, asked)
    tour = await asyncio.to_thread(tour_for, deps, reviewer, "queue")
    title = TITLES.get(asked.workflow or "", "Waiting for you")
    return request.app.state.pages.render(  # type: ignore[no-any-return]
        request, "queue.html", reviewer=reviewer, title=title, view=view, tour=tour
    )


async def _view(request: Request, deps: ReviewDeps, asked: Asked) -> QueueView:
    look = await asyncio.to_thread(_look, deps, asked)
    pages = pages_of(look, asked)
    if asked.page > pages:  # the last rows of the last page were decided meanwhile
        asked = replace(asked, page=pages)
        look = await asyncio.to_thread(_look, deps, asked)
    lookups: Lookups = request.app.state.lookups
    return queue_view(look, asked, await lookups.of(look, asked))


def _look(deps: ReviewDeps, asked: Asked) -> Look:
    """One look; a few rows that were not counted yet are counted first, because a risk among them goes to the top."""
    look = deps.queue.look(asked)
    stale = [row.record for row in look.rows if row.facts is None or row.facts.made_of != made_of(row.record)]
    if not 0 < len(stale) <= COUNTED_AT_ONCE:
        return look
    for record in stale:
        _count(deps, record)
    return deps.queue.look(asked)


def _count(deps: ReviewDeps, record: DraftRecord) -> None:
    """A draft that cannot be read shows nothing, once and for all, and holds up no other."""
    try:
        facts = facts_of(record, deps.contents)
    except Exception as error:  # its text may hold content
        log.error("draft_not_counted", draft_id=record.id, error_type=type(error).__name__)
        facts = Facts(record.id, made_of(record), False, 0)
    deps.queue.put_facts(facts)


async def or_none(ask: Callable[[str], Awaitable[T]], key: str) -> T | None:
    """A page with one name missing is better than no page."""
    try:
        return await ask(key)
    except TherapyFlowsError as error:
        log.warning("queue_lookup_failed", code=error.code)
        return None
