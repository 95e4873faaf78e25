"""Read what the chart knows about one client, part by part: what is slow or fails leaves the other parts alone."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Literal, Protocol, TypeVar

import structlog

from therapyflows.core.chart import Appointment, Assessment, Document, Note, Task, TreatmentPlan
from therapyflows.core.errors import TherapyFlowsError

log = structlog.get_logger()
T = TypeVar("T")

LOOK_BACK = timedelta(days=365)
LOOK_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What was read, or why it could not be."""

    value: T | None
    trouble: Literal["slow", "failed"] | None = None


class ChartReads(Protocol):
    """The reads of the chart that a prepared session needs.  They raise what the ``Ehr`` port raises."""

    async def appointments(
        self, *, start: datetime, end: datetime, clinician_id: str | None = None, client_id: str | None = None
    ) -> tuple[Appointment, ...]: ...
    async def notes(self, client_id: str, *, since: datetime) -> tuple[Note, ...]: ...
    async def plans(self, client_id: str) -> tuple[TreatmentPlan, ...]: ...
    async def assessments(self, client_id: str) -> tuple[Assessment, ...]: ...
    async def tasks(self, client_id: str) -> tuple[Task, ...]: ...
    async def documents(self, client_id: str) -> tuple[Document, ...]: ...


@dataclass(frozen=True, slots=True)
class ChartParts:
    """One client's chart as far as it could be read."""

    appointments: Part[tuple[Appointment, ...]]
    notes: Part[tuple[Note, ...]]
    plans: Part[tuple[TreatmentPlan, ...]]
    assessments: Part[tuple[Assessment, ...]]
    tasks: Part[tuple[Task, ...]]
    documents: Part[tuple[Document, ...]]


async def read_chart(reads: ChartReads, client_id: str, now: datetime, *, within_s: float) -> ChartParts:
    """All parts at once; none is waited for longer than ``within_s``."""
    since = now - LOOK_BACK
    parts = await asyncio.gather(
        part(reads.appointments(start=since, end=now + LOOK_AHEAD, client_id=client_id), within_s),
        part(reads.notes(client_id, since=since), within_s),
        part(reads.plans(client_id), within_s),
        part(reads.assessments(client_id), within_s),
        part(reads.tasks(client_id), within_s),
        part(reads.documents(client_id), within_s),
    )
    return ChartParts(*parts)


async def part(asked: Awaitable[T], within_s: float) -> Part[T]:
    """The answer, or why there is none."""
    try:
        return Part(await asyncio.wait_for(asked, within_s))
    except TimeoutError:
        log.warning("chart_part_slow", seconds=within_s)
        return Part(None, "slow")
    except TherapyFlowsError as error:
        log.warning("chart_part_failed", code=error.code)
        return Part(None, "failed")
