"""Loops that live beside the requests: started with the process, started again when they fail, stopped with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

log = structlog.get_logger()

_RESTART_AFTER_S: Final = 2.0
_GRACE_S: Final = 10.0


@asynccontextmanager
async def run_in_background(loops: Sequence[Callable[[asyncio.Event], Awaitable[None]]]) -> AsyncIterator[None]:
    """Each loop gets an event that is set at the end, and ten seconds to heed it."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(_keep_running(loop, stop)) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _keep_running(loop: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await loop(stop)
        except Exception as error:
            log.error("background_loop_failed", kind=type(error).__name__, code=getattr(error, "code", None))
            await pause(stop, _RESTART_AFTER_S)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait that long, or until the end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def run_every(seconds: float, job: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """The job again and again with a pause between; a round that fails is logged and does not end the loop."""
    while not stop.is_set():
        try:
            await job()
        except Exception as error:
            log.warning("background_round_failed", kind=type(error).__name__, code=getattr(error, "code", None))
        await pause(stop, seconds)
