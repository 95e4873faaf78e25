"""kill -9 in the middle of decisions: every session ends with one decision, one audit entry and one waking."""

import contextlib
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.stores import open_test_store
from tests.web.review.conftest import World, make_deps
from tests.web.review.fakes import FakeRuns, FakeSignIn
from tests.web.review.practice import session_draft

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.session_note.review import keep_statement
from therapyflows.governance.audit.model import Action

SESSIONS = 8 if os.environ.get("THERAPYFLOWS_TEST_SIZE") == "full" else 4
"""Each is a start of the application."""


@contextlib.contextmanager
def running(folder: Path, port: int, ahead_s: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    script = Path(__file__).parent / "killed_server.py"
    process = subprocess.Popen([sys.executable, str(script), str(folder), str(port), str(ahead_s)])
    try:
        World.wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), seconds=90)
        yield process
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The rows and files that the killed processes share with the test."""
    store = open_test_store(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as found:
        base_url = f"http://127.0.0.1:{found.getsockname()[1]}"
    deps = make_deps(store, base_url, FakeRuns())
    yield World(store, deps, base_url, deps.clock, FakeSignIn(), FakeRuns(), {}, {})
    store.close()


def approve_and_kill(world: World, client: httpx.Client, process: subprocess.Popen[bytes], after_s: float) -> None:
    def post() -> None:
        with contextlib.suppress(httpx.TransportError):
            world.post(client, "approve", attested="yes")

    sending = threading.Thread(target=post)
    sending.start()
    time.sleep(after_s)
    process.kill()
    sending.join()


def test_killed_while_deciding_nothing_is_lost_and_nothing_happens_twice(world: World, tmp_path: Path) -> None:
    port = int(world.base_url.rsplit(":", 1)[1])
    clean = keep_statement(keep_statement(session_draft(), "st5"), "st9")
    drafts = [world.seed(number, "c-1", draft=clean) for number in range(SESSIONS)]
    jitter, client = random.Random(7), None
    for number, world.draft_id in enumerate(drafts):
        with running(tmp_path, port) as process:
            client = client or world.signed_in()  # the cookie outlives the process
            approve_and_kill(world, client, process, number * 0.24 / SESSIONS + jitter.uniform(0, 0.03))
    with running(tmp_path, port, ahead_s=60):
        woken = tmp_path / "resumed.txt"
        undecided = [draft_id for draft_id in drafts if world.store.decisions.for_draft(draft_id) is None]
        for world.draft_id in undecided:
            assert world.post(client, "approve", attested="yes").status_code == 303
        world.wait_until(lambda: len(world.store.drafts.in_state([DraftState.APPROVED])) == SESSIONS, seconds=60)
        world.wait_until(lambda: set(woken.read_text().split()) == {f"run-{n}" for n in range(SESSIONS)}, seconds=60)
    resources = [e.entry.resource for e in world.store.audit.search() if e.entry.action == Action.DRAFT_APPROVED]
    assert sorted(resources) == sorted(f"draft/{draft_id}" for draft_id in drafts)
