"""Delivers events: reads the durable outbox, signs, posts, retries on the schedule of Standard Webhooks.

A delivery is `waiting` until it was answered with 2xx (`delivered`), the schedule is used up (`failed`) or the
subscription is gone (`cancelled`).  A killed process leaves it `waiting`, so the next one sends it again.
"""

import asyncio
import math
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import structlog
from standardwebhooks import Webhook

from therapyflows.simulator.database import Database
from therapyflows.simulator.faults import Fault, Faults
from therapyflows.simulator.records import Records

RETRY_AFTER_S = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
BATCH = 200
IDLE_S = 5.0
log = structlog.get_logger()


@dataclass(frozen=True)
class Due:
    number: int
    event_id: str
    body: str
    attempts: int
    subscription_id: str
    url: str
    secrets: tuple[str, ...]
    """Live secrets, newest first."""


class Deliveries:
    """The outbox rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def due(self, *, excluding: set[int]) -> tuple[list[Due], float | None]:
        """What is due now, and when the next one will be."""
        now = time.time()
        with self._db.reading() as connection:
            rows = connection.execute(
                "SELECT d.*, e.body AS event_body FROM deliveries d JOIN events e ON e.id = d.event_id"
                " WHERE d.state = 'waiting' AND d.due_at <= ? ORDER BY d.due_at, d.number LIMIT ?",
                (now, BATCH + len(excluding)),
            ).fetchall()
            later: float | None = connection.execute(
                "SELECT min(due_at) FROM deliveries WHERE state = 'waiting' AND due_at > ?", (now,)
            ).fetchone()[0]
            targets = self._targets(connection, now)
        gone: tuple[str, tuple[str, ...]] = ("", ())
        found = [
            Due(
                row["number"],
                row["event_id"],
                row["event_body"],
                row["attempts"],
                row["subscription_id"],
                *targets.get(row["subscription_id"], gone),
            )
            for row in rows
            if row["number"] not in excluding
        ]
        return found, later

    def _targets(self, connection: sqlite3.Connection, now: float) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Address and live secrets, newest first, of every active subscription."""
        live = connection.execute(
            "SELECT subscription_id, secret FROM secrets WHERE expires_at IS NULL OR expires_at > ?"
            " ORDER BY number DESC",
            (now,),
        ).fetchall()
        return {
            hook["id"]: (hook["url"], tuple(row["secret"] for row in live if row["subscription_id"] == hook["id"]))
            for hook in Records(connection, self._db.stamp).all("webhooks")
            if hook["status"] == "active"
        }

    def settle(self, number: int, state: str, status: int | None) -> None:
        with self._db.writing(quiet=True) as connection:
            connection.execute(
                "UPDATE deliveries SET state = ?, attempts = attempts + 1, last_status = ?, done_at = ?"
                " WHERE number = ?",
                (state, status, self._db.stamp(), number),
            )

    def postpone(self, number: int, delay_s: float, status: int | None) -> None:
        with self._db.writing(quiet=True) as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1, last_status = ?, due_at = ? WHERE number = ?",
                (status, time.time() + delay_s, number),
            )

    def disable(self, subscription_id: str) -> None:
        with self._db.writing() as connection:
            Records(connection, self._db.stamp).update("webhooks", subscription_id, {"status": "disabled"})
            connection.execute(
                "UPDATE deliveries SET state = 'cancelled' WHERE subscription_id = ? AND state = 'waiting'",
                (subscription_id,),
            )


class DeliveryWorker:
    """One task that keeps up to ``concurrency`` deliveries in flight."""

    def __init__(self, db: Database, faults: Faults, *, retry_scale: float, timeout_s: float, concurrency: int) -> None:
        self._deliveries = Deliveries(db)
        self._faults = faults
        self._retry_scale = retry_scale
        self._timeout_s = timeout_s
        self._concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._wake = asyncio.Event()
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._held: list[Due] = []
        self._held_until = 0.0

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; what is in flight then is sent again by the next process."""
        limits = httpx.Limits(max_connections=self._concurrency, max_keepalive_connections=self._concurrency)
        async with httpx.AsyncClient(timeout=self._timeout_s, limits=limits, follow_redirects=False) as http:
            try:
                while True:
                    await self._round(http)
            finally:
                for task in self._in_flight.values():
                    task.cancel()

    async def _round(self, http: httpx.AsyncClient) -> None:
        self._wake.clear()
        self._drop_overdue_holds()
        excluding = {*self._in_flight, *(held.number for held in self._held)}
        due, later = await asyncio.to_thread(self._deliveries.due, excluding=excluding)
        for delivery in due:
            await self._slots.acquire()
            task = asyncio.create_task(self._deliver(http, delivery))
            self._in_flight[delivery.number] = task
            task.add_done_callback(partial(self._landed, delivery.number))
        if len(due) < BATCH:
            wait_s = min(IDLE_S, max(0.001, (later or math.inf) - time.time()))
            if self._held:
                wait_s = min(wait_s, max(0.001, self._held_until - time.monotonic()))
            try:
                await asyncio.wait_for(self._wake.wait(), wait_s)
            except TimeoutError:
                return

    def _landed(self, number: int, task: asyncio.Task[None]) -> None:
        self._in_flight.pop(number, None)

    async def _deliver(self, http: httpx.AsyncClient, due: Due) -> None:
        released = [due]
        try:
            released = await self._misbehave(http, due)
            for delivery in released:
                await self._attempt(http, delivery)
        except Exception as error:  # the outbox keeps the delivery; one bad row must not stop the others
            log.error("delivery_broke", delivery=due.number, error=type(error).__name__)
            await asyncio.to_thread(self._deliveries.postpone, due.number, 1.0, None)
        finally:
            self._slots.release()

    async def _attempt(self, http: httpx.AsyncClient, due: Due) -> None:
        if not due.url or not due.secrets:
            await asyncio.to_thread(self._deliveries.settle, due.number, "cancelled", None)
            return
        status, retry_after_s = await self._post(http, due, datetime.now(UTC))
        if status is not None and 200 <= status < 300:
            await asyncio.to_thread(self._deliveries.settle, due.number, "delivered", status)
        elif status == 410:
            await asyncio.to_thread(self._deliveries.settle, due.number, "failed", status)
            await asyncio.to_thread(self._deliveries.disable, due.subscription_id)
        elif due.attempts >= len(RETRY_AFTER_S):
            log.warning("delivery_given_up", delivery=due.number, attempts=due.attempts + 1)
            await asyncio.to_thread(self._deliveries.settle, due.number, "failed", status)
        else:
            delay_s = max(RETRY_AFTER_S[due.attempts], retry_after_s) * self._retry_scale
            await asyncio.to_thread(self._deliveries.postpone, due.number, delay_s, status)
            self.wake()

    async def _post(
        self, http: httpx.AsyncClient, due: Due, at: datetime, *, secrets: tuple[str, ...] | None = None
    ) -> tuple[int | None, float]:
        """Status (None when there was no answer) and the Retry-After in seconds."""
        live = secrets or due.secrets
        headers = {
            "webhook-id": due.event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(due.event_id, at, due.body) for secret in live),
            "content-type": "application/json",
        }
        try:
            answer = await http.post(due.url, content=due.body, headers=headers)
        except httpx.HTTPError:
            return None, 0.0
        named = answer.headers.get("retry-after", "")
        return answer.status_code, float(named) if named.isdigit() else 0.0

    async def _misbehave(self, http: httpx.AsyncClient, due: Due) -> list[Due]:
        """Act out the armed webhook faults; returns the deliveries to attempt now."""
        if self._faults.take("webhook_forged"):
            await self._post(http, due, datetime.now(UTC), secrets=("whsec_" + "Zm9yZ2VkIGJ5IHNvbWVib2R5IGVsc2Uh",))
        if self._faults.take("webhook_stale"):
            await self._post(http, due, datetime.now(UTC) - timedelta(minutes=10))
        if self._faults.take("webhook_duplicate"):
            await self._post(http, due, datetime.now(UTC))
        late = self._faults.take("webhook_late")
        if late:
            await asyncio.sleep(late.ms / 1000)
        return self._reorder(due, self._faults.take("webhook_reordered"))

    def _reorder(self, due: Due, fault: Fault | None) -> list[Due]:
        if fault is None:
            return [due]
        self._held.append(due)
        self._held_until = time.monotonic() + fault.ms / 1000
        if fault.count > 0:
            self.wake()  # so that the worker waits no longer than the hold
            return []
        released, self._held = self._held[::-1], []
        return released

    def _drop_overdue_holds(self) -> None:
        """Held events whose companions never came are due again like any other."""
        if self._held and time.monotonic() > self._held_until:
            self._held = []


def delivery_report(db: Database, subscription_id: str | None = None) -> dict[str, Any]:
    """Counts by state and the latest rows, of one subscription or of all, for tests and the demo."""
    with db.reading() as connection:
        counts = connection.execute(
            "SELECT state, count(*) AS n FROM deliveries WHERE subscription_id = coalesce(?1, subscription_id)"
            " GROUP BY state",
            (subscription_id,),
        ).fetchall()
        rows = connection.execute(
            "SELECT d.number, d.event_id, e.type, d.subscription_id, d.state, d.attempts, d.last_status"
            " FROM deliveries d JOIN events e ON e.id = d.event_id"
            " WHERE d.subscription_id = coalesce(?1, d.subscription_id) ORDER BY d.number DESC LIMIT 200",
            (subscription_id,),
        ).fetchall()
        events = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    return {
        "counts": {row["state"]: row["n"] for row in counts},
        "events": events,
        "latest": [dict(row) for row in rows],
    }
