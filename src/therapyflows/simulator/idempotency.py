"""``Idempotency-Key``: the same request twice has one effect and one answer, also across a kill."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem


class RunningKeys:
    """Keys whose first request has not been answered yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def claim(self, owner: str, key: str) -> Iterator[None]:
        """Raises a 409 while another request with this key is running."""
        with self._lock:
            if (owner, key) in self._keys:
                raise Problem(409, "idempotency_key_running", headers={"Retry-After": "1"})
            self._keys.add((owner, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((owner, key))


def fingerprint(method: str, path: str, body: Any) -> str:
    text = json.dumps([method, path, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def earlier_answer(db: sqlite3.Connection, owner: str, key: str, print_: str) -> Json | None:
    """The stored answer.  Raises a 422 when the key was used for something else."""
    row = db.execute("SELECT fingerprint, answer FROM idempotency WHERE owner = ? AND key = ?", (owner, key)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != print_:
        raise Problem(422, "idempotency_key_reused")
    answer: Json = json.loads(row["answer"])
    return answer


def remember(db: sqlite3.Connection, owner: str, key: str, print_: str, answer: Json, at: str) -> None:
    """In the transaction of the object itself, so that both exist or neither."""
    db.execute("INSERT INTO idempotency VALUES (?, ?, ?, ?, ?)", (owner, key, print_, json.dumps(answer), at))
