import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.stores import open_test_store

from therapyflows.core.errors import NotFound
from therapyflows.core.retention.steps import delete_due
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.integrations.store import Store

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=8)
WORKER = Actor("service", "worker")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_test_store(tmp_path)
    fill(opened)
    yield opened
    opened.close()


def fill(store: Store) -> None:
    week = NOW + timedelta(days=7)
    with store.recordings.writer("c-1", "rec_1", "audio/ogg", retain_until=week) as stream:
        stream.write(b"sound")
    store.contents.put("c-1", "transcript", b"words", content_id="cnt_1", retain_until=week)
    store.contents.put("c-2", "prompt", b"words", content_id="cnt_2", retain_until=week)
    store.contents.put("c-1", "transcript", b"words", content_id="cnt_young", retain_until=LATER + timedelta(days=1))
    store.contents.put("c-1", "evidence", b"quote", content_id="cnt_evidence")


def proofs(store: Store) -> set[tuple[str, str | None, str]]:
    found = [chained.entry for chained in store.audit.search()]
    assert all(entry.action is Action.CONTENT_DELETED for entry in found)
    return {(entry.resource, entry.client_id, str(entry.details["ciphertext_digest"])) for entry in found}


def test_what_is_due_is_deleted_and_the_rest_stays(store: Store) -> None:
    assert delete_due(store, LATER, actor=WORKER) == {"recording": 1, "transcript": 1, "prompt": 1}
    for read in (
        lambda: store.recordings.read("rec_1"),
        *(lambda i=i: store.contents.get(i) for i in ("cnt_1", "cnt_2")),
    ):
        with pytest.raises(NotFound, match="content_deleted"):
            read()
    assert store.contents.get("cnt_young") == b"words"
    assert store.contents.get("cnt_evidence") == b"quote"


def test_before_its_time_nothing_is_deleted(store: Store) -> None:
    assert delete_due(store, NOW, actor=WORKER) == {}
    assert store.audit.search() == []


def test_the_proof_is_the_digest_of_what_was_destroyed(store: Store, tmp_path: Path) -> None:
    [file] = (tmp_path / "recordings").iterdir()
    destroyed = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    delete_due(store, LATER, actor=WORKER, flow_run_id="run-1")
    assert ("recording/rec_1", "c-1", destroyed) in proofs(store)
    assert {chained.entry.flow_run_id for chained in store.audit.search()} == {"run-1"}


def test_a_second_round_does_nothing(store: Store) -> None:
    delete_due(store, LATER, actor=WORKER)
    before = len(store.audit.search())
    assert delete_due(store, LATER, actor=WORKER) == {}
    assert len(store.audit.search()) == before == 3


class Killed(BaseException):
    pass


class Mortal:
    """Passes calls on to the real part and dies at the n-th, before or after it took effect."""

    def __init__(self, real: Any, life: Iterator[int], dies_at: int, after: bool) -> None:
        self._real, self._life, self._dies_at, self._after = real, life, dies_at, after

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            dying = next(self._life) == self._dies_at
            if dying and not self._after:
                raise Killed
            result = getattr(self._real, name)(*args, **kwargs)
            if dying:
                raise Killed
            return result

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(12))
def test_killed_at_any_step_the_next_round_leaves_nothing_undeleted_and_nothing_unproved(
    store: Store, dies_at: int, after: bool
) -> None:
    life = iter(range(100))
    parts = {name: Mortal(getattr(store, name), life, dies_at, after) for name in ("contents", "recordings", "audit")}
    with pytest.raises(Killed):
        delete_due(SimpleNamespace(**parts), LATER, actor=WORKER)
    delete_due(store, LATER, actor=WORKER)
    assert {resource for resource, _, _ in proofs(store)} == {"recording/rec_1", "content/cnt_1", "content/cnt_2"}
    assert len(proofs(store)) == 3
    assert store.recordings.due_for_deletion(LATER) == store.contents.due_for_deletion(LATER) == []
