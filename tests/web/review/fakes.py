"""The edge of the world of the review application: clock, sign-in, runs, tasks and chart that do as they are told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.web.review.practice import (
    BILLER,
    CLIENTS,
    CLINICIAN,
    COLLEAGUE,
    MANAGER,
    SUPERVISOR,
    appointment,
)

from therapyflows.app.chart_reads import EhrReads
from therapyflows.core.chart import NewTask, User
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound, Refused, Transient
from therapyflows.core.ports import SignInStart
from therapyflows.core.session_note.model import SessionContext
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.integrations.ehr.memory import MemoryEhr


@dataclass
class FakeClock:
    ahead: timedelta = timedelta()
    stopped_at: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped_at or datetime.now(UTC)) + self.ahead

    def stop(self) -> None:
        """Only ``ahead`` moves it from now on."""
        self.stopped_at = datetime.now(UTC)


@dataclass
class FakeSignIn:
    """An EHR that signs in ``user_id`` at once; ``history`` is what it was asked."""

    user_id: str = CLINICIAN.id
    history: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    refuse: bool = False

    async def begin(self, redirect_uri: str, *, fresh: bool = False) -> SignInStart:
        number = len(self.history)
        self.history.append(f"begin {redirect_uri}" + " fresh" * fresh)
        self.codes[f"code-{number}"] = self.user_id
        state = f"state-{number}"
        url = f"{redirect_uri}?code=code-{number}&state={state}"
        return SignInStart(url=url, state=state, nonce="n", code_verifier="v")

    async def finish(self, *, code: str, start: SignInStart, redirect_uri: str) -> str:
        self.history.append(f"finish {code}")
        user_id = self.codes.pop(code, None)
        if user_id is None or self.refuse:
            raise Refused("code_invalid")
        return user_id

    def logout_url(self, post_logout_redirect_uri: str | None = None) -> str | None:
        return None


@dataclass
class FakeRuns:
    """Suspended runs; ``fail_with`` scripts the next answers."""

    states: dict[str, str] = field(default_factory=dict)
    resumed: list[tuple[str, str]] = field(default_factory=list)
    started: list[tuple[str, object, str]] = field(default_factory=list)
    fail_with: list[Exception] = field(default_factory=list)

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        if self.fail_with:
            raise self.fail_with.pop(0)
        if self.states.get(flow_run_id, "PAUSED") != "PAUSED":
            return  # as the port promises: page and sweep may both wake a run
        self.resumed.append((flow_run_id, decision_id))
        self.states[flow_run_id] = "RUNNING"

    async def state_of(self, flow_run_id: str) -> str:
        if flow_run_id not in self.states:
            raise NotFound("run_unknown")
        return self.states[flow_run_id]

    async def start(self, deployment: str, parameters: object, *, idempotency_key: str) -> str:
        if self.fail_with:
            raise self.fail_with.pop(0)
        self.started.append((deployment, parameters, idempotency_key))
        return f"run-of-{idempotency_key}"

    async def retry(self, flow_run_id: str) -> bool:
        if self.states[flow_run_id] not in ("FAILED", "CRASHED", "COMPLETED"):
            return False
        self.states[flow_run_id] = "SCHEDULED"
        return True

    async def counts(self, *, since: datetime) -> dict[str, int]:
        if self.fail_with:
            raise self.fail_with.pop(0)
        return dict(Counter(self.states.values()))

    async def cancel(self, flow_run_id: str) -> None:
        raise AssertionError("the review application cancels no runs")

    async def restart(self, flow_run_id: str) -> None:
        raise AssertionError("the review application restarts no runs")


@dataclass
class FakeNotice:
    """Whom an emergency was told to is another test's matter; here, that it was told."""

    told: list[EmergencyAccess] = field(default_factory=list)
    fail_with: list[Exception] = field(default_factory=list)

    async def __call__(self, access: EmergencyAccess) -> None:
        if self.fail_with:
            raise self.fail_with.pop(0)
        self.told.append(access)


@dataclass
class FakeTasks:
    """The EHR's tasks, each once by its external id; ``fail_with`` scripts the next answers."""

    made: dict[str, NewTask] = field(default_factory=dict)
    fail_with: list[Exception] = field(default_factory=list)

    async def __call__(self, task: NewTask) -> None:
        if self.fail_with:
            raise self.fail_with.pop(0)
        self.made[task.external_id] = task


PEOPLE = (CLINICIAN, COLLEAGUE, SUPERVISOR, BILLER, MANAGER)


def everybody(users: Mapping[str, User]) -> Callable[[], Awaitable[tuple[User, ...]]]:
    async def active() -> tuple[User, ...]:
        return tuple(user for user in users.values() if user.active)

    return active


@dataclass
class FakeChart:
    """The chart as it agrees with the session, unless a test changes it or lets it fail."""

    change: Callable[[SessionContext], SessionContext] = lambda context: context
    fail_with: Exception | None = None

    async def __call__(self, record: DraftRecord) -> SessionContext:
        if self.fail_with is not None:
            raise self.fail_with
        client = next(client for client in CLIENTS if client.id == record.client_id)
        planned = appointment(record.appointment_id).model_copy(update={"client_id": client.id})
        return self.change(SessionContext(planned, client, CLINICIAN, draft_id=record.id))


@dataclass
class FakeReads:
    """Reads of a chart in memory; those named in ``slow`` never answer, those in ``failing`` fail."""

    ehr: MemoryEhr = field(default_factory=MemoryEhr)
    slow: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Callable[..., object]:
        async def ask(*args: object, **asked: object) -> object:
            if name in self.failing:
                raise Transient("ehr_unavailable")
            if name in self.slow:
                await asyncio.Event().wait()
            return await getattr(EhrReads(lambda: self.ehr), name)(*args, **asked)

        return ask
