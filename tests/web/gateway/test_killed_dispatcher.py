"""kill -9 of the dispatcher, again and again, at any point: each event leads to exactly one run."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from therapyflows.core.ports import InboxEvent
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store, open_store

EVENTS = 80


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def opened(folder: Path) -> Store:
    return open_store(
        f"sqlite:///{folder / 'store.sqlite'}",
        practice_key=b"practice key for the tests only.",
        signing_key=b"signing key for the tests only..",
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )


def started(folder: Path) -> subprocess.Popen[bytes]:
    """A dispatcher that is at work."""
    (folder / "up").unlink(missing_ok=True)
    script = Path(__file__).with_name("serve_dispatcher.py")
    process = subprocess.Popen([sys.executable, str(script), str(folder)])
    deadline = time.monotonic() + 60
    while not (folder / "up").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def test_each_event_leads_to_one_run_however_often_the_dispatcher_is_killed(
    folder: Path, make_event: Callable[..., InboxEvent]
) -> None:
    store = opened(folder)
    now = datetime.now(UTC)
    for n in range(EVENTS):
        store.inbox.store(make_event(f"evt_{n}", object_id=f"d-{n}", received_at=now, occurred_at=now))
    kills = 0
    deadline = time.monotonic() + 120
    while store.inbox.counts()["dispatched"] < EVENTS and time.monotonic() < deadline:
        process = started(folder)
        give_up_at = time.monotonic() + (random.uniform(0.05, 0.4) if kills < 4 else 30)
        while time.monotonic() < give_up_at and store.inbox.counts()["dispatched"] < EVENTS:
            time.sleep(0.01)
        process.kill()
        process.wait()
        kills += 1
    assert kills > 1
    assert store.inbox.counts()["dispatched"] == EVENTS
    runs = sqlite3.connect(folder / "runs.sqlite").execute("SELECT id, document FROM runs").fetchall()
    assert sorted(document for _, document in runs) == sorted(f"d-{n}" for n in range(EVENTS))
    entries = [chained.entry for chained in store.audit.search(limit=5000)]
    assert {entry.action for entry in entries} == {Action.EVENT_DISPATCHED}
    assert sorted(str(entry.flow_run_id) for entry in entries) == sorted(run_id for run_id, _ in runs)
    store.close()
