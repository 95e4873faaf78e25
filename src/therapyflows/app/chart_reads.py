"""What the page before a session asks the chart for.  Nothing is remembered: the person wants what stands there now."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TypeVar

from therapyflows.core.chart import Appointment, Assessment, Document, Note, Task, TreatmentPlan
from therapyflows.core.ports import Ehr

T = TypeVar("T")
AT_ONCE = 12
"""Two people opening the page do not wait for one another; more do, and the EHR is not flooded."""


class EhrReads:
    """``ChartReads`` over the EHR."""

    def __init__(self, open_ehr: Callable[[], AbstractAsyncContextManager[Ehr]]) -> None:
        self._open = open_ehr
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def appointments(
        self, *, start: datetime, end: datetime, clinician_id: str | None = None, client_id: str | None = None
    ) -> tuple[Appointment, ...]:
        asked = {"start": start, "end": end}
        return await self._read(
            lambda ehr: _all(ehr.list_appointments(**asked, clinician_id=clinician_id, client_id=client_id))
        )

    async def notes(self, client_id: str, *, since: datetime) -> tuple[Note, ...]:
        return await self._read(lambda ehr: _all(ehr.list_notes(client_id, since=since)))

    async def plans(self, client_id: str) -> tuple[TreatmentPlan, ...]:
        return await self._read(lambda ehr: _all(ehr.list_treatment_plans(client_id)))

    async def assessments(self, client_id: str) -> tuple[Assessment, ...]:
        return await self._read(lambda ehr: _all(ehr.list_assessments(client_id)))

    async def tasks(self, client_id: str) -> tuple[Task, ...]:
        return await self._read(lambda ehr: _all(ehr.list_tasks(client_id)))

    async def documents(self, client_id: str) -> tuple[Document, ...]:
        return await self._read(lambda ehr: _all(ehr.list_documents(client_id)))

    async def _read(self, ask: Callable[[Ehr], Awaitable[T]]) -> T:
        async with self._gate, self._open() as ehr:
            return await ask(ehr)


async def _all(found: AsyncIterator[T]) -> tuple[T, ...]:
    return tuple([one async for one in found])
