"""Writers are killed with SIGKILL at random points; what was promised stands, and the chain verifies."""

import random
import signal
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from therapyflows.integrations.store import Store

WRITER = Path(__file__).with_name("endless_writer.py")
ROUNDS = 3
WRITERS = 2


def write_and_die(place: Any, name: str, promises: int) -> list[str]:
    """Let a writer live until it has made so many promises; returns all that it made."""
    command = [sys.executable, str(WRITER), place.url, str(place.folder), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        made = [writer.stdout.readline() for _ in range(promises)]
        writer.kill()
        made += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL, "the writer died of something else"
    return [line.rstrip("\n") for line in made if line.endswith("\n")]


def test_killed_writers_break_no_promise(place: Any) -> None:
    dice = random.Random()
    promises: list[str] = []
    place.open()
    for round_ in range(ROUNDS):
        with ThreadPoolExecutor(WRITERS) as threads:
            lives = [dice.randint(1, 60) for _ in range(WRITERS)]
            names = [f"w{round_}{i}" for i in range(WRITERS)]
            promises += [p for made in threads.map(write_and_die, [place] * WRITERS, names, lives) for p in made]
    store = place.open(now=lambda: datetime.now(UTC))
    check(store, promises)


def check(store: Store, promises: list[str]) -> None:
    made: dict[str, list[str]] = defaultdict(list)
    for promise in promises:
        kind, value = promise.split(" ", 1)
        made[kind].append(value)
    assert store.audit.verify().ok
    trail = {chained.entry.resource: chained.seq for chained in store.audit.entries()}
    for value in made["audit"]:
        seq, resource = value.split(":")
        assert trail[resource] == int(seq)
    check_inbox(store, made["event"], trail)
    for value in made["content"]:
        content_id, words = value.split(":")
        assert store.contents.get(content_id).decode() == words
    check_recordings(store, made["recording"])


def check_inbox(store: Store, promised: list[str], trail: dict[str, int]) -> None:
    """Every event that was promised is there, and each event that is there has its audit entry, and none else."""
    stored = {event.id for event in store.inbox.next_batch(100_000, lease=timedelta(minutes=1))}
    assert set(promised) <= stored
    assert {f"events/{event_id}" for event_id in stored} == {r for r in trail if r.startswith("events/")}


def check_recordings(store: Store, promised: list[str]) -> None:
    """A recording is whole: the last one that was promised, or the one after it."""
    last = dict(value.split(":") for value in promised)
    for recording_id, number in last.items():
        whole = b"".join(store.recordings.read(recording_id)).decode()
        assert whole == whole[:6] * 50_000
        assert int(whole[:6]) in (int(number), int(number) + 1)
    store.recordings.sweep_orphans(older_than=timedelta(0))
    for recording_id in last:
        assert store.recordings.size(recording_id) == 300_000
