import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from therapyflows.core.errors import Invalid
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.audit.verify import ProblemKind, verify_export
from therapyflows.integrations.store import Store

ENTRY = AuditEntry(
    action=Action.DRAFT_APPROVED,
    actor=Actor("person", "u-1", "Clinician"),
    resource="draft/drf_1",
    client_id="c-1",
    flow_run_id="run-1",
    request_id="req-1",
    outcome="ok",
    sent_digest="sha256:00",
    received_digest="sha256:11",
    details={"statements": 12, "seconds": 0.25, "first": True, "model": "evidence"},
)


def other(n: int, **changes: Any) -> AuditEntry:
    return replace(ENTRY, resource=f"draft/drf_{n}", **changes)


def test_an_entry_stands_as_it_was_reported(store: Store, clock: Any) -> None:
    assert store.audit.append(ENTRY) == 1
    [found] = store.audit.search()
    assert (found.seq, found.entry, found.at) == (1, ENTRY, clock())


def test_many_are_appended_in_order(store: Store) -> None:
    store.audit.append(ENTRY)
    assert store.audit.append_many([other(n) for n in range(3)]) == [2, 3, 4]
    assert store.audit.append_many([]) == []
    assert store.audit.verify().ok


@pytest.mark.parametrize(
    ("asked", "seqs"),
    [
        ({"client_id": "c-2"}, [2]),
        ({"actor_id": "worker"}, [3]),
        ({"flow_run_id": "run-1"}, [1, 2]),
        ({"resource": "draft/drf_4"}, [4]),
        ({"client_id": "c-1", "flow_run_id": "run-1"}, [1]),
        ({"after_seq": 2}, [3, 4]),
        ({"limit": 2}, [1, 2]),
    ],
)
def test_search_finds_by_who_whom_and_what(store: Store, asked: dict[str, Any], seqs: list[int]) -> None:
    store.audit.append_many(
        [
            ENTRY,
            other(2, client_id="c-2"),
            other(3, actor=Actor("service", "worker"), flow_run_id=None),
            other(4, flow_run_id=None),
        ]
    )
    assert [found.seq for found in store.audit.search(**asked)] == seqs


def test_writers_in_many_threads_and_stores_make_one_chain(place: Any) -> None:
    stores = [place.open() for _ in range(3)]
    with ThreadPoolExecutor(12) as threads:
        seqs = list(threads.map(lambda n: stores[n % 3].audit.append(other(n)), range(150)))
    assert sorted(seqs) == list(range(1, 151))
    report = stores[0].audit.verify()
    assert (report.ok, report.entries, report.covered_until) == (True, 150, 150)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET outcome = 'ok' WHERE seq = 1",
        "DELETE FROM audit_entries WHERE seq = 2",
        "DELETE FROM audit_entries",
    ],
)
def test_the_database_refuses_to_change_the_trail(store: Store, statement: str) -> None:
    store.audit.append_many([ENTRY, other(2)])
    with store.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    assert len(store.audit.search()) == 2


def test_sqlite_refuses_to_overwrite_an_entry(sqlite_place: Any) -> None:
    store = sqlite_place.open()
    store.audit.append(ENTRY)
    with store.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries"))


def test_postgresql_refuses_to_empty_the_trail(postgres_place: Any) -> None:
    store = postgres_place.open()
    store.audit.append(ENTRY)
    with store.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("TRUNCATE audit_entries"))


@pytest.mark.parametrize(
    "unfit",
    [
        {"details": {"text": "x" * 201}},
        {"details": {"text": "two\nlines"}},
        {"details": {"Not a name": 1}},
        {"details": {"list": [1]}},
        {"details": {"nan": float("nan")}},
        {"details": {f"k{n}": n for n in range(33)}},
        {"resource": "draft/" + "x" * 200},
        {"actor": Actor("person", "u\n1")},
    ],
)
def test_nothing_long_or_odd_gets_into_the_trail(store: Store, unfit: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        store.audit.append_many([ENTRY, replace(ENTRY, **unfit)])
    assert refused.value.code == "audit_entry_unfit"
    assert "xxx" not in str(refused.value)
    assert store.audit.search() == []


def test_checkpoints_are_written_every_so_many_entries(store: Store) -> None:
    for n in range(25):
        store.audit.append(other(n))
    lines = store.audit.checkpoint_path.read_bytes().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 10, 20]
    assert store.audit.verify().covered_until == 20
    assert store.audit.checkpoint().seq == 25
    assert store.audit.verify().covered_until == 25


def test_an_export_verifies_with_nothing_but_the_public_key(store: Store, place: Any) -> None:
    store.audit.append_many([other(n) for n in range(12)])
    assert store.audit.export(place.folder / "export.jsonl") == 12
    report = verify_export(place.folder / "export.jsonl", place.checkpoint_dir, store.audit.public_key)
    assert (report.ok, report.entries, report.covered_until) == (True, 12, 12)
    stream = io.BytesIO()
    store.audit.export(stream)
    assert stream.getvalue().count(b"\n") == 13


def test_an_older_export_is_told_from_the_whole_trail(store: Store, place: Any) -> None:
    store.audit.append_many([other(n) for n in range(12)])
    store.audit.export(place.folder / "export.jsonl")
    store.audit.append_many([other(n) for n in range(12)])
    report = verify_export(place.folder / "export.jsonl", place.checkpoint_dir, store.audit.public_key)
    assert [(p.kind, p.seq) for p in report.problems] == [(ProblemKind.TRUNCATED, 24)]


def test_an_empty_trail_verifies(store: Store, place: Any) -> None:
    assert store.audit.verify().ok
    assert store.audit.export(place.folder / "export.jsonl") == 0
    assert verify_export(place.folder / "export.jsonl", place.checkpoint_dir, store.audit.public_key).ok


def tamper(store: Store, statement: str) -> None:
    """As somebody who owns the database could."""
    with store.database.write() as session:
        if store.database.is_sqlite:
            for trigger in ("audit_no_update", "audit_no_delete"):
                session.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "kind", "seq"),
    [
        ("UPDATE audit_entries SET actor_id = 'u-2' WHERE seq = 3", ProblemKind.ALTERED, 3),
        ("UPDATE audit_entries SET details = '{}' WHERE seq = 3", ProblemKind.ALTERED, 3),
        ("DELETE FROM audit_entries WHERE seq = 3", ProblemKind.DELETED, 3),
        ("DELETE FROM audit_entries WHERE seq > 8", ProblemKind.TRUNCATED, 12),
        ("UPDATE audit_entries SET seq = 99 WHERE seq = 3", ProblemKind.DELETED, 3),
    ],
)
def test_who_owns_the_database_still_cannot_change_the_past_unnoticed(
    store: Store, statement: str, kind: ProblemKind, seq: int
) -> None:
    store.audit.append_many([other(n) for n in range(12)])
    assert store.audit.verify().ok
    tamper(store, statement)
    assert (kind, seq) in [(problem.kind, problem.seq) for problem in store.audit.verify().problems]


def test_a_checkpoint_line_torn_by_a_power_cut_does_not_spoil_the_next(store: Store) -> None:
    store.audit.append(ENTRY)
    store.audit.checkpoint_path.write_bytes(b'{"at":"2026')
    store.audit.checkpoint()
    report = store.audit.verify()
    assert (report.covered_until, [p.kind for p in report.problems]) == (1, [ProblemKind.UNREADABLE])


def test_an_entry_stands_even_when_its_checkpoint_cannot_be_written(store: Store) -> None:
    store.audit.checkpoint_path.mkdir()
    assert store.audit.append_many([other(n) for n in range(12)])[-1] == 12
    store.audit.checkpoint_path.rmdir()
    store.audit.append(ENTRY)
    assert store.audit.verify().covered_until == 13


def test_a_quiet_trail_gets_a_checkpoint_when_the_last_one_is_old(store: Store) -> None:
    store.audit.append(ENTRY)
    store.audit.append(ENTRY)
    assert store.audit.verify().covered_until == 1
    os.utime(store.audit.checkpoint_path, (0, 0))
    store.audit.append(ENTRY)
    assert store.audit.verify().covered_until == 3
