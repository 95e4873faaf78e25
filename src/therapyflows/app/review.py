"""What the review application asks the chart for, with a short memory."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import BinaryIO, TypeVar

from therapyflows.app.chart_reads import EhrReads
from therapyflows.app.settings import Settings
from therapyflows.app.wiring import ehr_of, emergency_ports
from therapyflows.core.chart import Appointment, Client, NewTask, User
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.drafts.reasons import Reasons, default_reasons, practice_reasons
from therapyflows.core.emergency.steps import tell
from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.intake.examining import Beside, read_beside
from therapyflows.core.ports import Ehr
from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.model import Draft, SessionContext, Transcript
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.core.session_note.styling import plain, styled_again
from therapyflows.core.session_note.waveform import Waveform
from therapyflows.core.session_note.whole import with_findings
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.audit.model import Actor
from therapyflows.integrations.store import Store

T = TypeVar("T")
CHART_FOR_S = 300.0
KEPT_AT_MOST = 2_000
"""Answers; whole charts are among them.  A practice has fewer clients waiting at once."""
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
        self._kept: OrderedDict[tuple[str, str], tuple[float, object]] = OrderedDict()
        self._gate = asyncio.Semaphore(8)
        self.reads = EhrReads(self._open)

    async def user(self, user_id: str) -> User:
        return await self._read("user", user_id, self._users_for_s, lambda ehr: ehr.get_user(user_id))

    async def colleagues(self) -> tuple[User, ...]:
        """Everybody who is active."""

        async def listed(ehr: Ehr) -> tuple[User, ...]:
            return tuple([user async for user in ehr.list_users() if user.active])

        return await self._read("colleagues", "", self._users_for_s, listed)

    async def create_task(self, task: NewTask) -> None:
        """Once by its external id.  Raises Transient."""
        async with self._open() as ehr:
            await ehr.create_task(task)

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

    async def beside_form(self, record: DraftRecord) -> Beside:
        """What the form of an intake is compared with: every client of the practice."""
        return await self._read("beside_form", record.id, COMPARED_FOR_S, lambda ehr: read_beside(ehr, record))

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
        self._keep(kind, key, asked_at + keep_s, value)
        return value

    def _keep(self, kind: str, key: str, until: float, value: object) -> None:
        """Instead of what is too old to be believed, and at the most so much."""
        now = self._now()
        for old in [kept for kept, (at, _) in self._kept.items() if at <= now]:
            del self._kept[old]
        if until > now:
            self._kept[kind, key] = (until, value)
        while len(self._kept) > KEPT_AT_MOST:
            self._kept.popitem(last=False)


def reasons_of(settings: Settings) -> Mapping[str, Reasons]:
    """Why a draft may be rejected, by workflow.  Raises Invalid for a file of the practice that cannot be used."""
    path = settings.review.rejection_reasons
    if path is None:
        return default_reasons()
    try:
        return practice_reasons(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Invalid("rejection_reasons_unusable", "The list of reasons for a rejection cannot be read.") from None


def recheck(draft: Draft, transcript: Transcript) -> Draft:
    """Check the draft again, e.g. after the reviewer swapped the speakers; a judge heard another transcript."""
    unjudged = replace(draft, statements=tuple(replace(s, judged=None) for s in draft.statements))
    checked = check_draft(plain(unjudged), transcript, None)
    return with_findings(styled_again(checked, unjudged), transcript, None)


def waveform_of(source: BinaryIO) -> Waveform:
    """Decoded here, so that an application in which nobody listens loads no decoder."""
    from therapyflows.integrations.speech.peaks import waveform

    return waveform(source)
