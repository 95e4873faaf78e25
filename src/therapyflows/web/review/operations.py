"""How drafts and runs fare: for administrators the whole practice, for supervisors the people they supervise.

Counts, times and ids; no client is named.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.chart import Role
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.retrying import may_be_retried, retry
from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.operations.failures import FailureWords, words_of
from therapyflows.core.operations.model import AGES
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer, may, permitted_record, require_practice_deed
from therapyflows.web.review.security import PostedForm

router = APIRouter()
log = structlog.get_logger()

PERIODS = (7, 30, 90)
MAX_FAILURES = 50
MAX_SILENT = 20
SILENT_AFTER = timedelta(minutes=15)
STATES: Mapping[DraftState, str] = {
    DraftState.PREPARING: "being prepared",
    DraftState.IN_REVIEW: "waiting for a person",
    DraftState.APPROVED: "approved, being filed",
    DraftState.POSTED: "filed",
    DraftState.REJECTED: "rejected",
    DraftState.EXPIRED: "expired",
    DraftState.CANCELLED: "withdrawn or superseded",
    DraftState.FAILED: "failed",
    DraftState.INCIDENT: "differs from the chart",
}
RUN_STATES = {
    "SCHEDULED": "scheduled",
    "PENDING": "about to start",
    "RUNNING": "at work",
    "PAUSED": "waiting for a person",
    "COMPLETED": "completed",
    "FAILED": "failed",
    "CRASHED": "crashed",
    "CANCELLING": "being cancelled",
    "CANCELLED": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One line of the list."""

    record: DraftRecord
    words: FailureWords
    run_url: str | None
    can_retry: bool


@router.get("/operations")
async def operations(
    request: Request, deps: Deps, reviewer: CurrentReviewer, days: Literal["7", "30", "90"] = "30"
) -> Response:
    await require_practice_deed(deps, reviewer, "view_operations", resource="operations")
    of, since = whose(reviewer), deps.clock() - timedelta(days=int(days))
    runs = await _runs(deps, since) if of is None else None
    failures = await _failures(deps, reviewer, of, since)
    figures = deps.figures
    waiting = await asyncio.to_thread(
        lambda: figures.waiting(of=of, now=deps.clock(), review_within=deps.review_within)
    )
    response: Response = request.app.state.pages.render(
        request,
        "operations.html",
        reviewer=reviewer,
        title="Operations",
        days=await asyncio.to_thread(lambda: figures.by_day(since=since, of=of, utc_offset=_utc_offset(deps.clock()))),
        period=int(days),
        periods=PERIODS,
        everybody=of is None,
        states=[(STATES[state], n) for state, n in (await asyncio.to_thread(lambda: figures.states(of=of))).items()],
        runs=[(RUN_STATES.get(state, state.lower()), n) for state, n in runs.items()] if runs is not None else None,
        prefect_url=f"{deps.prefect_ui_url.rstrip('/')}/runs" if deps.prefect_ui_url else None,
        failures=failures,
        waiting=waiting,
        ages=[(AGES[key][0], number) for key, number in waiting.ages.items()],
    )
    return response


@router.post("/operations/drafts/{draft_id}/retry")
async def try_again(deps: Deps, reviewer: CurrentReviewer, draft_id: str, form: PostedForm) -> Response:
    record = await permitted_record(deps, reviewer, "retry_run", draft_id)
    await retry(deps.retrying, record, by=reviewer.acting_on(record))
    return RedirectResponse("/operations#failures", 303)


def whose(reviewer: Reviewer) -> frozenset[str] | None:
    """The clinicians whose drafts this person may know the counts of; None: everybody's."""
    if Role.PRACTICE_ADMINISTRATOR.value in reviewer.person.roles:
        return None
    return reviewer.person.supervises | {reviewer.user.id}


async def _runs(deps: ReviewDeps, since: datetime) -> Mapping[str, int] | None:
    """None when Prefect does not answer: the page has more to say."""
    try:
        return await deps.runs.counts(since=since)
    except TherapyFlowsError as error:
        log.warning("operations_without_prefect", code=error.code)
        return None


async def _failures(deps: ReviewDeps, reviewer: Reviewer, of: frozenset[str] | None, since: datetime) -> list[Failure]:
    """What failed, and what nobody has touched for a while because its run is dead."""
    failed = await asyncio.to_thread(lambda: deps.figures.failures(since=since, of=of, limit=MAX_FAILURES))
    before = deps.clock() - SILENT_AFTER
    silent = await asyncio.to_thread(lambda: deps.figures.silent(before=before, of=of, limit=MAX_SILENT))
    dead = await asyncio.gather(*(_is_dead(deps, record) for record in silent))
    stuck = [record for record, is_dead in zip(silent, dead, strict=True) if is_dead]
    return [_failure(deps, reviewer, record) for record in (*stuck, *failed)]


async def _is_dead(deps: ReviewDeps, record: DraftRecord) -> bool:
    try:
        return record.flow_run_id is not None and await deps.runs.state_of(record.flow_run_id) in ("FAILED", "CRASHED")
    except NotFound:
        return True
    except TherapyFlowsError:
        return False


def _failure(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord) -> Failure:
    over = record.state in (DraftState.FAILED, DraftState.INCIDENT)
    run = record.flow_run_id
    return Failure(
        record,
        words_of(record.failure_code if over else "run_failed"),
        f"{deps.prefect_ui_url.rstrip('/')}/runs/flow-run/{run}" if deps.prefect_ui_url and run else None,
        record.state is not DraftState.INCIDENT and may_be_retried(record) and may(reviewer, "retry_run", record),
    )


def _utc_offset(now: datetime) -> timedelta:
    """Of the practice's time zone (the server's), today."""
    return now.astimezone().utcoffset() or timedelta()
