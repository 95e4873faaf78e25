"""One thread writes the inbox: all requests that wait share one transaction, and each is answered after its commit.

A commit costs a disk flush; a thousand webhooks at once would cost a thousand.  While one batch is being flushed the
next one gathers, so a lone webhook waits for nobody and a burst needs a handful of flushes.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final

import structlog

from therapyflows.core.errors import Transient
from therapyflows.core.ports import Inbox, InboxEvent
from therapyflows.governance.audit.model import AuditEntry

log = structlog.get_logger()

MAX_BATCH: Final = 500
MAX_WAITING: Final = 5000
"""More than this and the sender is told to come back: memory is bounded, and nothing was promised."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: InboxEvent
    entry: AuditEntry
    stored: asyncio.Future[bool]


class InboxWriter:
    """Use as an async context manager on the loop that serves the requests."""

    def __init__(self, inbox: Inbox, on_stored: Callable[[], None] = lambda: None) -> None:
        self._inbox = inbox
        self._on_stored = on_stored
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()

    async def __aenter__(self) -> "InboxWriter":
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._write_until_closed, name="inbox-writer", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def store(self, event: InboxEvent, entry: AuditEntry) -> bool:
        """Returns once the event is durable; False when its id was known.  Raises Transient."""
        if self._queue.qsize() >= MAX_WAITING:
            raise Transient("inbox_busy", retry_after_s=5)
        waiting = _Waiting(event, entry, self._loop.create_future())
        self._queue.put(waiting)
        return await waiting.stored

    def _write_until_closed(self) -> None:
        closing = False
        while not closing:
            batch, closing = self._gather()
            if batch:
                self._write(batch)

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """Everything that waits, at least one; True when the writer was closed."""
        batch: list[_Waiting] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) >= MAX_BATCH or self._queue.empty():
                return batch, False
            item = self._queue.get()
        return batch, True

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            stored = self._inbox.store_many([item.event for item in batch], [item.entry for item in batch])
        except Exception as error:
            log.error("inbox_write_failed", count=len(batch), kind=type(error).__name__)
            self._answer(batch, [False] * len(batch), failed=True)
        else:
            self._answer(batch, stored, failed=False)

    def _answer(self, batch: list[_Waiting], stored: list[bool], *, failed: bool) -> None:
        def on_loop() -> None:
            for item, new in zip(batch, stored, strict=True):
                if item.stored.done():  # the request was cancelled meanwhile
                    continue
                if failed:
                    item.stored.set_exception(Transient("inbox_unavailable", retry_after_s=5))
                else:
                    item.stored.set_result(new)
            if any(stored):
                self._on_stored()

        self._loop.call_soon_threadsafe(on_loop)
