"""kill -9 in the middle of withdrawals, again and again: nothing is left, and each deletion is proved once."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import running_cluster

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.session_note import content_ids
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import migrate

SCRIPT = Path(__file__).with_name("withdraw_everything.py")
FULL = os.environ.get("THERAPYFLOWS_TEST_SIZE") == "full"
CLIENTS = [f"c-{n}" for n in range(40 if FULL else 8)]
KILLS = 12 if FULL else 3
KINDS = ("transcript", "draft", "edited_draft", "prompt", "completion")

_spec = spec_from_file_location("withdraw_everything", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
script = module_from_spec(_spec)
_spec.loader.exec_module(script)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite'}"
        return
    with running_cluster() as cluster:
        url = cluster.url(cluster.new_database())
        migrate(url)
        yield url


def seed(store: Any) -> set[str]:
    """A waiting draft of each client with everything that can be made for one; returns its names in the trail."""
    made, now = set(), datetime.now(UTC)
    for client in CLIENTS:
        draft = f"drf_{client}"
        recording = content_ids.recording_id(draft)
        with store.recordings.writer(client, recording, "audio/ogg", retain_until=now + timedelta(days=7)) as file:
            file.write(b"sound")
        for kind in KINDS:
            store.contents.put(client, kind, b"words", content_id=f"cnt_{client}_{kind}", draft_id=draft)
        made |= {f"recording/{recording}", *(f"content/cnt_{client}_{kind}" for kind in KINDS)}
        store.drafts.claim(
            DraftRecord(
                id=draft, workflow="session-note", client_id=client, clinician_id="u-1", appointment_id=f"a-{client}",
                source_ref=f"d-{client}", format="soap", state=DraftState.IN_REVIEW, version=1, created_at=now,
                updated_at=now, flow_run_id=f"run-{client}", recording_id=recording,
            )
        )  # fmt: skip
    return made


def proofs(store: Any) -> Counter[str]:
    return Counter(f.entry.resource for f in store.audit.search(action=Action.CONTENT_DELETED, limit=10_000))


def kill_after(count: int, store: Any, url: str, folder: Path) -> None:
    """Start the process; kill -9 once so many proofs stand (or it is done)."""
    process = subprocess.Popen([sys.executable, str(SCRIPT), url, str(folder), *CLIENTS])
    deadline = time.monotonic() + 60
    while proofs(store).total() < count and process.poll() is None:
        assert time.monotonic() < deadline, "nothing was deleted in time"
        time.sleep(0.005)
    process.kill()
    process.wait()


def test_killed_again_and_again_everything_is_gone_and_proved_exactly_once(url: str, tmp_path: Path) -> None:
    store = script.opened(url, tmp_path)
    made = seed(store)
    for kill in range(1, KILLS + 1):
        kill_after(kill * len(made) // (KILLS + 1), store, url, tmp_path)
    asyncio.run(script.withdraw(store, CLIENTS))
    found = proofs(store)
    assert set(found) == made
    assert found.total() == len(made), "each once"
    for client in CLIENTS:
        assert store.drafts.get(f"drf_{client}").state is DraftState.CANCELLED
        assert all(item.is_settled for item in store.contents.of_client(client))
        assert all(item.is_settled for item in store.recordings.of_client(client))
    cancelled = store.audit.search(action=Action.DRAFT_CANCELLED, limit=10_000)
    assert sorted(f.entry.resource for f in cancelled) == sorted(f"draft/drf_{client}" for client in CLIENTS)
    assert store.audit.verify().ok
    store.close()
