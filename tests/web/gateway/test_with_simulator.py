"""From the end of a session in the simulated EHR to the start of a run, over HTTP, with all that goes wrong."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.integrations.ehr.live import CONTROL, LiveSimulator, simulator

from therapyflows.core.events.sync import SyncWindow, sync_changes
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store
from therapyflows.web.gateway.app import GatewayDeps, create_gateway
from therapyflows.web.gateway.dispatcher import DispatcherDeps, dispatch_once

TYPES = ["document.created", "appointment.completed", "client.updated"]
SESSIONS = 12


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveSimulator]:
    with simulator(tmp_path, "--retry-scale", "0.001") as running:
        yield running


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: datetime.now(UTC)


@asynccontextmanager
async def listening(deps: GatewayDeps) -> AsyncIterator[str]:
    """A gateway on a real socket; yields the webhook's address."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen(512)
        server = uvicorn.Server(uvicorn.Config(create_gateway(deps), log_level="warning", access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[place]))
        yield f"http://127.0.0.1:{place.getsockname()[1]}/webhooks/ehr"
        server.should_exit = True
        await serving


def dispatcher(store: Store, ehr: Any, runs: Any, table: Any, clock: Any) -> DispatcherDeps:
    async def no_alert(resource: str, code: str) -> None:
        raise AssertionError((resource, code))

    return DispatcherDeps(store.inbox, store.own_writes, ehr, runs, table, clock, no_alert)


def appointments_to_end(live: LiveSimulator) -> list[str]:
    """Sessions of the seeded practice that nobody has completed."""
    token = httpx.post(
        f"{live.url}/oauth/token",
        data={"grant_type": "client_credentials", "scope": "appointments.read"},
        auth=("therapyflows", "demo-only-service-secret"),
    ).json()["access_token"]
    page = httpx.get(
        f"{live.url}/v1/appointments?limit=200&status=scheduled", headers={"Authorization": f"Bearer {token}"}
    ).json()
    return [item["id"] for item in page["items"] if item["status"] == "scheduled"][:SESSIONS]


def end_sessions(live: LiveSimulator, recording: Path) -> list[str]:
    recording.write_bytes(b"not really sound")
    ended = appointments_to_end(live)
    assert len(ended) == SESSIONS
    for number, appointment_id in enumerate(ended):
        source = {"notes": "Worked on sleep."} if number % 3 == 0 else {"recordingPath": str(recording)}
        live.control("/_control/complete_session", {"appointmentId": appointment_id, "actualMinutes": 45} | source)
    return ended


def expected(ended: list[str]) -> list[tuple[str, bool]]:
    return sorted((appointment_id, number % 3 != 0) for number, appointment_id in enumerate(ended))


def started(runs: Any) -> list[tuple[str, bool]]:
    return sorted((run["appointment_id"], run["document_id"] is not None) for _, run in runs.started)


async def test_every_session_starts_one_run_whatever_the_webhooks_do(
    live: LiveSimulator, store: Store, secret: str, runs: Any, table: Any, clock: Any, tmp_path: Path
) -> None:
    deps = GatewayDeps(store.inbox, store.audit, [secret], clock)
    async with live.adapter() as ehr, listening(deps) as url:
        await ehr.subscribe(url, TYPES, secret)
        for kind in ("webhook_duplicate", "webhook_forged", "webhook_stale"):
            live.fault(kind, count=5)
        live.fault("webhook_reordered", count=6, ms=500)
        ended = await asyncio.to_thread(end_sessions, live, tmp_path / "session.opus")
        await until_delivered(live)
        work = dispatcher(store, ehr, runs, table, clock)
        while await dispatch_once(work):
            pass
        assert started(runs) == expected(ended)
        found = await sync_changes(ehr, store.inbox, clock(), SyncWindow(first_run=timedelta(minutes=5)))
        assert found.seen >= SESSIONS
        while await dispatch_once(work):
            pass
    assert started(runs) == expected(ended)
    entries = [chained.entry for chained in store.audit.search(limit=5000)]
    refused = {entry.outcome for entry in entries if entry.action is Action.EVENT_REFUSED}
    assert refused == {"signature_wrong", "signature_stale"}


async def test_what_no_webhook_reported_is_found_by_the_sync(
    live: LiveSimulator, store: Store, runs: Any, table: Any, clock: Any, tmp_path: Path
) -> None:
    begin = clock()
    ended = await asyncio.to_thread(end_sessions, live, tmp_path / "session.opus")
    async with live.adapter() as ehr:
        window = SyncWindow(first_run=clock() - begin + timedelta(minutes=1), overlap=timedelta(minutes=1))
        first = await sync_changes(ehr, store.inbox, clock(), window)
        again = await sync_changes(ehr, store.inbox, clock(), window)
        work = dispatcher(store, ehr, runs, table, clock)
        while await dispatch_once(work):
            pass
    assert (first.found >= SESSIONS, again.found) == (True, 0)
    assert started(runs) == expected(ended)


async def until_delivered(live: LiveSimulator) -> None:
    async with asyncio.timeout(60):
        while True:
            async with httpx.AsyncClient() as http:
                report = (await http.get(f"{live.url}/_control/deliveries", headers=CONTROL)).json()
            if not report["counts"].get("waiting"):
                return
            await asyncio.sleep(0.1)
