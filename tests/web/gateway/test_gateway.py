"""The edge: what is kept, what is refused, and what the trail says about it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from therapyflows.core.errors import Invalid, Transient
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store
from therapyflows.web.gateway.app import GatewayDeps, create_gateway

Delivery = Callable[..., tuple[bytes, dict[str, str]]]
OTHER_SECRET = "whsec_" + "b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw=="


@pytest.fixture
async def client(store: Store, clock: Any, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    async for client in served(GatewayDeps(store.inbox, store.audit, [secret], clock)):
        yield client


async def served(deps: GatewayDeps) -> AsyncIterator[httpx.AsyncClient]:
    app = create_gateway(deps)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        yield client


async def deliver(client: httpx.AsyncClient, sent: tuple[bytes, dict[str, str]]) -> httpx.Response:
    return await client.post("/webhooks/ehr", content=sent[0], headers=sent[1])


def stored(store: Store) -> list[str]:
    return [event.id for event in store.inbox.next_batch(10_000, lease=timedelta(0))]


def trail(store: Store) -> list[tuple[Action, str]]:
    return [(chained.entry.action, chained.entry.outcome) for chained in store.audit.search()]


async def test_a_genuine_event_is_kept_with_its_audit_entry(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    answer = await deliver(client, delivery("msg_1", clock(), appointmentId="a-1"))
    assert (answer.status_code, answer.content) == (202, b"")
    (event,) = store.inbox.next_batch(5, lease=timedelta(0))
    assert (event.id, event.object_id, event.appointment_id, event.client_id) == ("msg_1", "d-1", "a-1", "c-1")
    assert trail(store) == [(Action.EVENT_RECEIVED, "ok")]
    assert store.audit.search(client_id="c-1")


async def test_a_repetition_is_welcome_and_changes_nothing(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    answers = await asyncio.gather(*(deliver(client, delivery("msg_1", clock())) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert stored(store) == ["msg_1"]
    assert trail(store) == [(Action.EVENT_RECEIVED, "ok")]


async def test_an_old_event_signed_afresh_is_a_repetition(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    await deliver(client, delivery("msg_1", clock()))
    store.inbox.mark("msg_1", "dispatched", flow_run_id="run-1")
    clock.forward(minutes=11)
    assert (await deliver(client, delivery("msg_1", clock()))).status_code == 202
    assert store.inbox.counts()["new"] == 0


async def test_a_recorded_delivery_replayed_later_is_stale(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    sent = delivery("msg_1", clock())
    clock.forward(minutes=10)
    answer = await deliver(client, sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_stale")
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored(store) == []
    assert trail(store) == [(Action.EVENT_REFUSED, "signature_stale")]


async def test_a_forgery_is_refused_and_nothing_of_it_is_kept(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    answer = await deliver(client, delivery("msg_1", clock(), secret=OTHER_SECRET, object_id="d-forged"))
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_wrong")
    assert stored(store) == []
    assert "forged" not in repr(store.audit.search())


async def test_two_secrets_are_good_during_a_rotation(
    store: Store, clock: Any, secret: str, delivery: Delivery
) -> None:
    async for client in served(GatewayDeps(store.inbox, store.audit, [OTHER_SECRET, secret], clock)):
        assert (await deliver(client, delivery("msg_1", clock()))).status_code == 202
        assert (await deliver(client, delivery("msg_2", clock(), secret=OTHER_SECRET))).status_code == 202


async def test_a_flood_of_forgeries_is_a_few_lines_in_the_trail(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    for _ in range(3):
        forged = delivery("msg_1", clock(), secret=OTHER_SECRET)
        await asyncio.gather(*(deliver(client, forged) for _ in range(100)))
        clock.forward(seconds=61)
    entries = [chained.entry for chained in store.audit.search()]
    assert len(entries) <= 4
    assert {entry.outcome for entry in entries} == {"signature_wrong"}


async def test_every_forgery_is_counted_in_the_end(store: Store, clock: Any, secret: str, delivery: Delivery) -> None:
    async for client in served(GatewayDeps(store.inbox, store.audit, [secret], clock)):
        for seconds in (0, 10, 70, 0, 0):
            clock.forward(seconds=seconds)
            await deliver(client, delivery("msg_1", clock(), secret=OTHER_SECRET))
    assert sum(int(chained.entry.details["count"]) for chained in store.audit.search()) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"not json",
        json.dumps({"type": "x.y", "timestamp": "now", "data": {"id": "Ann Quillfeather"}}).encode(),
    ],
)
async def test_what_is_signed_but_no_event_is_refused_in_constant_words(
    body: bytes, client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    answer = await deliver(client, delivery("msg_1", clock(), body=body))
    assert (answer.status_code, answer.json()["code"]) == (400, "event_invalid")
    assert b"Quillfeather" not in answer.content
    assert "Quillfeather" not in repr(store.audit.search())


async def test_a_body_of_more_than_20_kb_is_refused_unread(
    client: httpx.AsyncClient, store: Store, clock: Any, delivery: Delivery
) -> None:
    big = delivery("msg_1", clock(), body=b"x" * 20_001)
    assert (await deliver(client, big)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 1000

    unannounced = await client.post("/webhooks/ehr", content=pieces(), headers=big[1])
    assert unannounced.status_code == 413
    assert stored(store) == []


async def test_a_store_that_is_away_means_come_again(store: Store, clock: Any, secret: str, delivery: Delivery) -> None:
    class AwayOnce:
        def __init__(self) -> None:
            self.away = True

        def store_many(self, events: Any, entries: Any) -> list[bool]:
            if self.away:
                raise Transient("store_unavailable")
            return store.inbox.store_many(events, entries)

        def counts(self) -> Any:
            if self.away:
                raise Transient("store_unavailable")
            return store.inbox.counts()

    inbox = AwayOnce()
    async for client in served(GatewayDeps(inbox, store.audit, [secret], clock)):  # type: ignore[arg-type]
        answer = await deliver(client, delivery("msg_1", clock()))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        inbox.away = False
        assert (await deliver(client, delivery("msg_1", clock()))).status_code == 202
        assert (await client.get("/readyz")).json() == {"status": "ok", "waiting": 1}
    assert stored(store) == ["msg_1"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/webhooks/ehr", 405), ("GET", "/docs", 404)])
async def test_everything_else_is_a_problem(method: str, path: str, status: int, client: httpx.AsyncClient) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("secrets", [[], ["whsec_"], ["whsec_c2hvcnQ="]])
def test_a_gateway_without_a_proper_secret_does_not_start(secrets: list[str], store: Store) -> None:
    with pytest.raises(Invalid):
        create_gateway(GatewayDeps(store.inbox, store.audit, secrets))


async def test_a_loop_beside_the_requests_is_started_again_when_it_fails(
    store: Store, clock: Any, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("therapyflows.web.gateway.background._RESTART_AFTER_S", 0.0)
    lives: list[int] = []

    async def loop(stop: asyncio.Event) -> None:
        lives.append(1)
        if len(lives) < 3:
            raise RuntimeError
        await stop.wait()
        lives.append(2)

    async for _ in served(GatewayDeps(store.inbox, store.audit, [secret], clock, background=[loop])):
        async with asyncio.timeout(20):
            while len(lives) < 3:
                await asyncio.sleep(0.01)
    assert lives == [1, 1, 1, 2]


async def test_storing_wakes_whoever_waits(store: Store, clock: Any, secret: str, delivery: Delivery) -> None:
    wake = asyncio.Event()
    async for client in served(GatewayDeps(store.inbox, store.audit, [secret], clock, wake=wake)):
        await deliver(client, delivery("msg_1", clock(), secret=OTHER_SECRET))
        assert not wake.is_set()
        await deliver(client, delivery("msg_1", clock()))
        assert wake.is_set()
