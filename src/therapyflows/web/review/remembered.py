"""What the EHR says of an id, for display: remembered, asked for in the background, never waited for long.

Rights never rest on this: names and dates only.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Generic, TypeVar

import structlog

from therapyflows.core.errors import NotFound, TherapyFlowsError

log = structlog.get_logger()
T = TypeVar("T")

ASK_AT_ONCE = 4
"""Half of what the wiring asks the EHR at once, so that the rights of people are never behind names in the line."""
FRESH_FOR_S = 30 * 60.0
REST_S = 15.0
"""After a failure nothing is asked for so long: an EHR that is down is not asked fifty times by every page."""
REMEMBER_AT_MOST = 20_000


class Remembered(Generic[T]):
    """One kind of thing by id; ``now`` (seconds) is for tests."""

    def __init__(self, ask: Callable[[str], Awaitable[T]], *, now: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._now = ask, now
        self._kept: OrderedDict[str, tuple[float, T | None]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._gate = asyncio.Semaphore(ASK_AT_ONCE)
        self._rest_until = 0.0

    async def of(self, ids: Iterable[str], *, within: timedelta) -> dict[str, T | None]:
        """What is known within this time; None: the EHR knows no such thing; missing: not known yet."""
        wanted = list(dict.fromkeys(ids))
        begun = [self._begin(key) for key in wanted if self._is_due(key)]
        unknown = [task for key, task in begun if key not in self._kept]
        if unknown:
            await asyncio.wait(unknown, timeout=within.total_seconds())
        return {key: self._kept[key][1] for key in wanted if key in self._kept}

    def _is_due(self, key: str) -> bool:
        """Asked a moment ago and not answered yet is not due: the page that began to ask has waited."""
        if key in self._asking or self._now() < self._rest_until:
            return False
        return key not in self._kept or self._now() > self._kept[key][0]

    def _begin(self, key: str) -> tuple[str, "asyncio.Task[None]"]:
        task = asyncio.create_task(self._learn(key))
        self._asking[key] = task
        task.add_done_callback(lambda _: self._asking.pop(key, None))
        return key, task

    async def _learn(self, key: str) -> None:
        async with self._gate:
            if self._now() < self._rest_until:
                return
            try:
                found: T | None = await self._ask(key)
            except NotFound:
                found = None
            except TherapyFlowsError as error:
                self._rest_until = self._now() + REST_S
                log.warning("queue_lookup_failed", code=error.code)
                return
        self._kept[key] = (self._now() + FRESH_FOR_S, found)
        self._kept.move_to_end(key)
        while len(self._kept) > REMEMBER_AT_MOST:
            self._kept.popitem(last=False)
