"""A sign of life on the draft's row, so that a sweeper can tell a working run from a dead one within a minute."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.drafts.taking_over import LEASE

BEAT_S = LEASE.total_seconds() / 4


@asynccontextmanager
async def heartbeat(draft_id: str) -> AsyncIterator[None]:
    """Touch the draft every quarter of its lease while the block runs."""
    beating = asyncio.create_task(_beat(draft_id))
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _beat(draft_id: str) -> None:
    store = open_store_of_settings()
    while True:
        await asyncio.sleep(BEAT_S)
        await asyncio.to_thread(store.drafts.update, draft_id)
