"""What the review application asks the chart for, with a short memory."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import TypeVar

from therapyflows.app.settings import Settings
from therapyflows.app.wiring import ehr_of, emergency_ports
from therapyflows.core.chart import Appointment, Client, User
from therapyflows.core.emergency.steps import tell
from therapyflows.core.errors import NotFound
from therapyflows.core.ports import Ehr
from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.model import Draft, DraftRecord, SessionContext, Transcript
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.core.session_note.whole import with_findings
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.audit.model import Actor
from therapyflows.integrations.store import Store

T = TypeVar("T")
CHART_FOR_S = 300.0
COMPARED_FOR_S = 20.0
"""What a draft is compared with: short, because somebody may be correcting the chart in another window."""


class ChartLookup:
    """Reads users, clients and appointments for display and for access checks.

    An EHR that does not answer raises Transient once what is kept is too old: nobody gets in on old rights.
    ``open_ehr`` and ``now`` (seconds) are for tests.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        open_ehr: Callable[[], AbstractAsyncContextManager[Ehr]] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._users_for_s = settings.review.roles_cache_s
        self._emergency = emergency_ports(settings, store)
        self._open = open_ehr or (lambda: ehr_of(settings, store, Actor("service", "review")))
        self._now = now
        self._kept: dict[tuple[str, str], tuple[float, object]] = {}
        self._gate = asyncio.Semaphore(8)

    async def user(self, user_id: str) -> User:
        return await self._read("user", user_id, self._users_for_s, lambda ehr: ehr.get_user(user_id))

    async def client(self, client_id: str) -> Client:
        return await self._read("client", client_id, CHART_FOR_S, lambda ehr: ehr.get_client(client_id))

    async def appointment(self, appointment_id: str) -> Appointment:
        return await self._read(
            "appointment", appointment_id, CHART_FOR_S, lambda ehr: ehr.get_appointment(appointment_id)
        )

    async def tell_emergency(self, access: EmergencyAccess) -> None:
        """Urgent tasks for everybody who has to know of it.  Raises Transient."""
        async with self._open() as ehr:
            await tell(self._emergency, ehr, access)

    async def chart(self, record: DraftRecord) -> SessionContext:
        return await self._read("chart", record.id, COMPARED_FOR_S, lambda ehr: load_context(ehr, record))

    async def _read(self, kind: str, key: str, keep_s: float, read: Callable[[Ehr], Awaitable[T]]) -> T:
        until, value = self._kept.get((kind, key), (0.0, None))
        if self._now() < until:
            return value  # type: ignore[return-value]  # stored under its own kind
        asked_at = self._now()  # what the EHR says may be as old as the question
        try:
            async with self._gate, self._open() as ehr:
                value = await read(ehr)
        except NotFound:
            self._kept.pop((kind, key), None)
            raise
        self._kept[kind, key] = (asked_at + keep_s, value)
        return value


def recheck(draft: Draft, transcript: Transcript) -> Draft:
    """Check the draft again, e.g. after the reviewer swapped the speakers; a judge heard another transcript."""
    unjudged = replace(draft, statements=tuple(replace(s, judged=None) for s in draft.statements))
    return with_findings(check_draft(unjudged, transcript, None), transcript, None)
