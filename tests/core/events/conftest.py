"""A chart, an orchestrator and a clock with a state of their own, beside the real store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.stores import open_test_store

from therapyflows.core.chart import Appointment, Client, Consent, Document, EhrChange
from therapyflows.core.errors import NotFound
from therapyflows.core.events.routing import RoutingTable
from therapyflows.core.ports import InboxEvent
from therapyflows.integrations.store import Store

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TABLE = Path(__file__).parents[3] / "src/therapyflows/deployments/event_routing.yaml"


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@dataclass
class FakeEhr:
    """A chart in memory; ``errors`` are raised, one a call, before anything is answered."""

    appointments: dict[str, Appointment] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    changes: list[EhrChange] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)

    def _answer(self, objects: Mapping[str, Any], key: str) -> Any:
        if self.errors:
            raise self.errors.pop(0)
        if key not in objects:
            raise NotFound("not_in_chart", id=key)
        return objects[key]

    async def get_appointment(self, appointment_id: str) -> Appointment:
        return self._answer(self.appointments, appointment_id)  # type: ignore[no-any-return]

    async def get_document(self, document_id: str) -> Document:
        return self._answer(self.documents, document_id)  # type: ignore[no-any-return]

    async def get_client(self, client_id: str) -> Client:
        return self._answer(self.clients, client_id)  # type: ignore[no-any-return]

    async def list_documents(self, client_id: str) -> AsyncIterator[Document]:
        for document in self.documents.values():
            if document.client_id == client_id:
                yield document

    async def changes_since(self, since: datetime) -> AsyncIterator[EhrChange]:
        self.asked_since.append(since)
        for change in sorted(self.changes, key=lambda change: change.updated_at):
            if self.errors:
                raise self.errors.pop(0)
            if change.updated_at >= since:
                yield change

    def add_appointment(self, appointment_id: str = "a-1", client_id: str = "c-1", **other: Any) -> Appointment:
        values: dict[str, Any] = {"clinician_id": "u-1", "start": START, "end": START, "status": "completed"} | other
        self.appointments[appointment_id] = Appointment(id=appointment_id, client_id=client_id, **values)
        return self.appointments[appointment_id]

    def add_document(self, document_id: str = "d-1", client_id: str = "c-1", **other: Any) -> Document:
        values: dict[str, Any] = {"kind": "recording", "appointment_id": "a-1"} | other
        self.documents[document_id] = Document(
            id=document_id,
            client_id=client_id,
            file_name="session.opus",
            content_type="audio/ogg",
            size_bytes=1,
            sha256="0" * 64,
            **values,
        )
        return self.documents[document_id]

    def add_client(
        self, client_id: str = "c-1", consents: Sequence[Consent] = (), *, ai_opt_out: bool = False
    ) -> Client:
        self.clients[client_id] = Client(
            id=client_id, first_name="Test", last_name="Person", consents=tuple(consents), ai_opt_out=ai_opt_out
        )
        return self.clients[client_id]


@dataclass
class FakeRuns:
    """An orchestrator with idempotency keys; ``errors`` are raised, one a call, after the run was created."""

    by_key: dict[str, str] = field(default_factory=dict)
    started: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    restarted: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0

    async def start(self, deployment: str, parameters: Mapping[str, str | None], *, idempotency_key: str) -> str:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        if idempotency_key not in self.by_key:
            self.by_key[idempotency_key] = f"run-{len(self.by_key) + 1}"
            self.started.append((deployment, dict(parameters)))
            self.states[self.by_key[idempotency_key]] = "SCHEDULED"
        if self.errors:
            raise self.errors.pop(0)
        return self.by_key[idempotency_key]

    async def state_of(self, flow_run_id: str) -> str:
        if flow_run_id not in self.states:
            raise NotFound("flow_run_unknown")
        return self.states[flow_run_id]

    async def unfinished(self, deployment: str) -> Mapping[str, str]:
        return {run: state for run, state in self.states.items() if state in ("PENDING", "RUNNING", "CRASHED")}

    async def restart(self, flow_run_id: str) -> None:
        self.restarted.append(flow_run_id)
        self.states[flow_run_id] = "SCHEDULED"


def new_event(event_id: str = "evt_1", **other: Any) -> InboxEvent:
    values: dict[str, Any] = {
        "type": "document.created",
        "object_id": "d-1",
        "client_id": "c-1",
        "occurred_at": START,
        "received_at": START,
        "origin": "webhook",
        "state": "new",
        "attempts": 0,
    }
    return InboxEvent(id=event_id, **values | other)


@pytest.fixture
def make_event() -> Callable[..., InboxEvent]:
    return new_event


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ehr() -> FakeEhr:
    return FakeEhr()


@pytest.fixture
def runs() -> FakeRuns:
    return FakeRuns()


@pytest.fixture(scope="session")
def table() -> RoutingTable:
    """The table that is shipped."""
    return RoutingTable.model_validate(yaml.safe_load(TABLE.read_text()))


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = open_test_store(tmp_path, now=clock)
    yield store
    store.close()
