"""Creating exactly once at an EHR that may forget idempotency keys and does not keep external ids unique."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from therapyflows.core.errors import Conflict, UnknownOutcome
from therapyflows.integrations.ehr.therapynotes._call import StillRunning, unknown_outcome
from therapyflows.integrations.ehr.therapynotes._patience import Patience

V = TypeVar("V")


class Once:
    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._running: dict[str, asyncio.Lock] = {}

    async def create(self, key: str, look_up: Callable[[], Awaitable[V | None]], post: Callable[[], Awaitable[V]]) -> V:
        """What stands in the EHR under this key, created now if it was not there.

        ``look_up`` and ``post`` are single calls.  ``post`` leaves again only after a failure that shows that nothing
        happened (429, unreachable), and only after another look-up.  Raises UnknownOutcome when nobody can tell.
        """

        async def attempt() -> V:
            found = await look_up()
            return found if found is not None else await self._post_and_settle(look_up, post)

        # One creation per key at a time: two at once would both find nothing and both post.
        async with self._running.setdefault(key, asyncio.Lock()):
            return await self._patience.repeat(attempt)

    async def _post_and_settle(self, look_up: Callable[[], Awaitable[V | None]], post: Callable[[], Awaitable[V]]) -> V:
        try:
            return await post()
        except (UnknownOutcome, StillRunning) as error:
            unknown = error
        except Conflict:
            # Perhaps because it is there already.
            found = await look_up()
            if found is None:
                raise
            return found
        found = await self._patience.settle(look_up)
        if found is not None:
            return found
        raise unknown_outcome(unknown)
