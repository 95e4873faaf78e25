"""``python -m therapyflows.web.gateway``: webhooks in, and beside them dispatcher, sync and sweeper."""

import argparse
import asyncio
from functools import partial
from importlib.resources import files

import uvicorn
import yaml

from therapyflows.app.logging import configure_logging
from therapyflows.app.settings import Settings, load_settings
from therapyflows.app.wiring import Store, ehr_of, now, open_store_of_settings, runs_of, tell_administrators
from therapyflows.core.events.routing import RoutingTable
from therapyflows.core.events.sweep import SweepDeps, sweep
from therapyflows.core.events.sync import sync_changes
from therapyflows.governance.audit.model import Actor
from therapyflows.web.gateway.app import GatewayDeps, create_gateway
from therapyflows.web.gateway.background import run_every
from therapyflows.web.gateway.dispatcher import DispatcherDeps, run_dispatcher

SWEEP_EVERY_S = 10.0


def routing_table() -> RoutingTable:
    """Which event starts which flow: a data file of ``deployments``."""
    text = files("therapyflows").joinpath("deployments/event_routing.yaml").read_text()
    return RoutingTable.model_validate(yaml.safe_load(text))


async def dispatch(settings: Settings, store: Store, wake: asyncio.Event, stop: asyncio.Event) -> None:
    async with ehr_of(settings, store, Actor("service", "dispatcher")) as ehr, runs_of() as runs:
        deps = DispatcherDeps(
            inbox=store.inbox,
            own_writes=store.own_writes,
            ehr=ehr,
            runs=runs,
            table=routing_table(),
            clock=now,
            alert=tell_administrators,
            wake=wake,
        )
        await run_dispatcher(deps, stop)


async def sync(settings: Settings, store: Store, stop: asyncio.Event) -> None:
    """Ask the EHR for what its webhooks missed."""

    async def round_of_sync() -> None:
        async with ehr_of(settings, store, Actor("service", "sync")) as ehr:
            await sync_changes(ehr, store.inbox, now())

    await run_every(settings.sync_minutes * 60, round_of_sync, stop)


async def sweep_up(store: Store, stop: asyncio.Event) -> None:
    """Restart runs that died, start those that vanished."""
    async with runs_of() as runs:
        deps = SweepDeps(
            inbox=store.inbox, drafts=store.drafts, runs=runs, audit=store.audit, alert=tell_administrators
        )

        async def round_of_sweeping() -> None:
            await sweep(deps, now())

        await run_every(SWEEP_EVERY_S, round_of_sweeping, stop)


def main() -> None:
    parser = argparse.ArgumentParser(prog="therapyflows.web.gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4270)
    args = parser.parse_args()
    configure_logging("gateway")
    settings, store = load_settings(), open_store_of_settings()
    wake = asyncio.Event()
    app = create_gateway(
        GatewayDeps(
            inbox=store.inbox,
            audit=store.audit,
            secrets=[secret.get_secret_value() for secret in settings.ehr.webhook_secrets],
            background=(
                partial(dispatch, settings, store, wake),
                partial(sync, settings, store),
                partial(sweep_up, store),
            ),
            wake=wake,
        )
    )
    uvicorn.run(app, host=args.host, port=args.port, log_level="warning", access_log=False, backlog=4096)


if __name__ == "__main__":
    main()
