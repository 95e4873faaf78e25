"""The whole way from webhooks to runs on PostgreSQL: two gateways and three dispatchers share one inbox."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.postgres import running_cluster

from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store, migrate, open_store
from therapyflows.web.gateway.app import GatewayDeps, create_gateway
from therapyflows.web.gateway.dispatcher import DispatcherDeps, run_dispatcher


@pytest.fixture
def stores(tmp_path: Path, clock: Any) -> Iterator[list[Store]]:
    """The same database, opened as two processes would."""
    with running_cluster() as cluster:
        url = cluster.url(cluster.new_database())
        migrate(url)
        opened = [
            open_store(
                url,
                practice_key=b"practice key for the tests only.",
                signing_key=b"signing key for the tests only..",
                recordings_dir=tmp_path / "recordings",
                checkpoint_dir=tmp_path / "checkpoints",
                now=clock,
            )
            for _ in range(2)
        ]
        yield opened
        for store in opened:
            store.close()


async def test_two_gateways_and_three_dispatchers_lose_nothing_and_start_nothing_twice(
    stores: list[Store],
    clock: Any,
    secret: str,
    delivery: Callable[..., tuple[bytes, dict[str, str]]],
    ehr: Any,
    runs: Any,
    table: Any,
) -> None:
    async def no_alert(resource: str, code: str) -> None:
        raise AssertionError((resource, code))

    ehr.add_appointment()
    for n in range(150):
        ehr.add_document(f"d-{n}")
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        clients = []
        for store in stores:
            app = create_gateway(GatewayDeps(store.inbox, store.audit, [secret], clock))
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            clients.append(
                await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://gateway"))
            )
        dispatchers = [
            asyncio.create_task(
                run_dispatcher(
                    DispatcherDeps(store.inbox, store.own_writes, ehr, runs, table, clock, no_alert, poll_s=0.02),
                    stop,
                )
            )
            for store in [*stores, stores[0]]
        ]
        sent = [delivery(f"msg_{n}", clock(), object_id=f"d-{n}") for n in range(150)] * 2
        answers = await asyncio.gather(
            *(
                clients[n % 2].post("/webhooks/ehr", content=body, headers=headers)
                for n, (body, headers) in enumerate(sent)
            )
        )
        assert {answer.status_code for answer in answers} == {202}
        async with asyncio.timeout(120):
            while stores[0].inbox.counts()["dispatched"] < 150:
                await asyncio.sleep(0.05)
        stop.set()
        await asyncio.gather(*dispatchers)
    assert sorted(run["document_id"] for _, run in runs.started) == sorted(f"d-{n}" for n in range(150))
    actions = [chained.entry.action for chained in stores[0].audit.search(limit=5000)]
    assert actions.count(Action.EVENT_RECEIVED) == actions.count(Action.EVENT_DISPATCHED) == 150
