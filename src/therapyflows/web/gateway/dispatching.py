"""``python -m therapyflows.web.gateway.dispatching``: starts runs for what the gateway stored.

A process of its own, so that a slow Prefect or EHR never delays the answer to a webhook::

    dispatcher (events to runs) ∥ sync (what webhooks missed) ∥ sweeper (runs that died)
"""

import asyncio
import signal
from datetime import timedelta
from functools import partial
from importlib.resources import files

import yaml

from therapyflows.app.logging import configure_logging
from therapyflows.app.settings import Settings, load_settings
from therapyflows.app.wiring import Store, ehr_of, now, open_store_of_settings, runs_of, tell_administrators
from therapyflows.core.events.routing import RoutingTable
from therapyflows.core.events.sweep import SweepDeps, sweep
from therapyflows.core.events.sync import sync_changes
from therapyflows.governance.audit.model import Actor
from therapyflows.web.gateway.background import run_every, run_in_background
from therapyflows.web.gateway.dispatcher import DispatcherDeps, run_dispatcher

SWEEP_EVERY_S = 10.0
POLL_S = 0.5


def routing_table() -> RoutingTable:
    """Which event starts which flow: a data file of ``deployments``."""
    text = files("therapyflows").joinpath("deployments/event_routing.yaml").read_text()
    return RoutingTable.model_validate(yaml.safe_load(text))


async def dispatch(settings: Settings, store: Store, stop: asyncio.Event) -> None:
    """Events of the inbox become flow runs."""
    async with ehr_of(settings, store, Actor("service", "dispatcher")) as ehr, runs_of() as runs:
        deps = DispatcherDeps(
            inbox=store.inbox,
            own_writes=store.own_writes,
            ehr=ehr,
            runs=runs,
            table=routing_table(),
            clock=now,
            alert=tell_administrators,
            poll_s=POLL_S,
            lease=timedelta(seconds=settings.recovery.event_lease_s),
        )
        await run_dispatcher(deps, stop)


async def sync(settings: Settings, store: Store, stop: asyncio.Event) -> None:
    """Ask the EHR for what its webhooks missed."""

    async def round_of_sync() -> None:
        async with ehr_of(settings, store, Actor("service", "sync")) as ehr:
            await sync_changes(ehr, store.inbox, now())

    await run_every(settings.sync_minutes * 60, round_of_sync, stop)


async def sweep_up(settings: Settings, store: Store, stop: asyncio.Event) -> None:
    """Restart runs that died, start those that vanished."""
    async with runs_of() as runs:
        deps = SweepDeps(
            inbox=store.inbox,
            drafts=store.drafts,
            runs=runs,
            audit=store.audit,
            alert=tell_administrators,
            patience=timedelta(seconds=settings.recovery.run_patience_s),
            patience_unclaimed=timedelta(seconds=2 * settings.recovery.run_patience_s),
        )

        async def round_of_sweeping() -> None:
            await sweep(deps, now())

        await run_every(SWEEP_EVERY_S, round_of_sweeping, stop)


async def run_until_told() -> None:
    """All three, until the process is told to end; what is in flight is finished first."""
    settings, store = load_settings(), open_store_of_settings()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    loops = [partial(dispatch, settings, store), partial(sync, settings, store), partial(sweep_up, settings, store)]
    async with run_in_background(loops):
        await told.wait()


def main() -> None:
    configure_logging("dispatcher")
    asyncio.run(run_until_told())


if __name__ == "__main__":
    main()
