import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.integrations.store.audit_entries import ENTRY, other

from therapyflows.core.errors import Invalid, Refused
from therapyflows.governance.audit.checkpoint import Signer
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.findings import ProblemKind
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.integrations.store import Store
from therapyflows.integrations.store._checkpoint_book import CHECKPOINT_FILE

SIGNING_KEY = b"signing key for the tests only.."  # as the place opens its stores


def checkpoint_file(store: Store) -> Path:
    return store.audit.checkpoint_folders[0] / CHECKPOINT_FILE


def test_an_entry_stands_as_it_was_reported(store: Store, clock: Any) -> None:
    assert store.audit.append(ENTRY) == 1
    [found] = store.audit.search()
    assert (found.seq, found.entry, found.at) == (1, ENTRY, clock())


def test_many_are_appended_in_order(store: Store) -> None:
    store.audit.append(ENTRY)
    assert store.audit.append_many([other(n) for n in range(3)]) == [2, 3, 4]
    assert store.audit.append_many([]) == []
    assert store.audit.verify().ok


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
    lines = checkpoint_file(store).read_bytes().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 10, 20]
    assert store.audit.verify().covered_until == 20
    assert store.audit.checkpoint().seq == 25
    assert store.audit.verify().covered_until == 25


def test_an_export_verifies_with_nothing_but_the_public_key(store: Store, place: Any) -> None:
    store.audit.append_many([other(n) for n in range(12)])
    assert store.audit.export(place.folder / "export.jsonl") == 12
    report = verify_export(place.folder / "export.jsonl", [place.checkpoint_dir], store.audit.public_key)
    assert (report.ok, report.entries, report.covered_until) == (True, 12, 12)
    stream = io.BytesIO()
    store.audit.export(stream)
    assert stream.getvalue().count(b"\n") == 13


def test_an_older_export_is_told_from_the_whole_trail(store: Store, place: Any) -> None:
    store.audit.append_many([other(n) for n in range(12)])
    store.audit.export(place.folder / "export.jsonl")
    store.audit.append_many([other(n) for n in range(12)])
    report = verify_export(place.folder / "export.jsonl", [place.checkpoint_dir], store.audit.public_key)
    assert [(p.kind, p.seq) for p in report.problems] == [(ProblemKind.TRUNCATED, 24)]


def test_an_empty_trail_verifies(store: Store, place: Any) -> None:
    assert store.audit.verify().ok
    assert store.audit.export(place.folder / "export.jsonl") == 0
    assert verify_export(place.folder / "export.jsonl", [place.checkpoint_dir], store.audit.public_key).ok


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
    checkpoint_file(store).write_bytes(b'{"at":"2026')
    store.audit.checkpoint()
    report = store.audit.verify()
    assert (report.covered_until, [p.kind for p in report.problems]) == (1, [ProblemKind.UNREADABLE])


def test_an_entry_stands_even_when_its_checkpoint_cannot_be_written(store: Store) -> None:
    checkpoint_file(store).mkdir()
    assert store.audit.append_many([other(n) for n in range(12)])[-1] == 12
    checkpoint_file(store).rmdir()
    store.audit.append(ENTRY)
    assert store.audit.verify().covered_until == 13


def test_a_quiet_trail_gets_a_checkpoint_when_the_last_one_is_old(store: Store) -> None:
    store.audit.append(ENTRY)
    store.audit.append(ENTRY)
    assert store.audit.verify().covered_until == 1
    os.utime(checkpoint_file(store), (0, 0))
    store.audit.append(ENTRY)
    assert store.audit.verify().covered_until == 3


# --- clocks -------------------------------------------------------------------------------------------------------


def test_times_in_the_trail_never_go_back(store: Store, clock: Any) -> None:
    store.audit.append(ENTRY)
    clock.forward(seconds=-2)  # as two machines differ
    store.audit.append(ENTRY)
    first, second = store.audit.search()
    assert first.at == second.at
    assert store.audit.verify().ok


def test_a_clock_far_behind_is_told_once_in_the_trail(store: Store, clock: Any) -> None:
    store.audit.append(ENTRY)
    clock.forward(hours=-3)
    assert store.audit.append_many([other(1), other(2)]) == [3, 4]
    assert store.audit.append(other(3)) == 5
    told = store.audit.search(action=Action.CLOCK_BEHIND)
    assert [(found.seq, found.entry.details["seconds"]) for found in told] == [(2, 10800.0)]
    assert store.audit.verify().ok
    clock.forward(hours=4)
    store.audit.append(other(4))
    assert store.audit.search()[-1].at == clock()


# --- the signing key ----------------------------------------------------------------------------------------------

NEW_KEY = b"another signing key for tests..."


def test_after_a_hand_over_the_old_key_signs_no_more_and_the_new_one_goes_on(store: Store, place: Any) -> None:
    store.audit.append_many([other(n) for n in range(3)])
    store.audit.hand_over(Signer(NEW_KEY))
    store.audit.append_many([other(n) for n in range(12)])  # a process that runs on with the old key
    with pytest.raises(Refused) as refused:
        store.audit.checkpoint()
    assert refused.value.code == "signing_key_retired"
    successor = place.open(signing_key=NEW_KEY)
    successor.audit.append(ENTRY)
    successor.audit.checkpoint()
    for trail in (store.audit, successor.audit):
        report = trail.verify()
        assert (report.ok, report.entries, report.covered_until) == (True, 17, 17)


def test_an_export_of_the_new_key_verifies_with_the_old_public_key(store: Store, place: Any) -> None:
    store.audit.append_many([other(n) for n in range(3)])
    store.audit.hand_over(Signer(NEW_KEY))
    place.open(signing_key=NEW_KEY).audit.export(place.folder / "export.jsonl")
    assert verify_export(place.folder / "export.jsonl", [place.checkpoint_dir], store.audit.public_key).ok


def test_a_key_is_not_handed_over_to_itself_or_twice(store: Store) -> None:
    with pytest.raises(Invalid) as unchanged:
        store.audit.hand_over(Signer(SIGNING_KEY))
    assert unchanged.value.code == "signing_key_unchanged"
    store.audit.hand_over(Signer(NEW_KEY))
    with pytest.raises(Refused):
        store.audit.hand_over(Signer(bytes(32)))


def test_a_trail_signed_anew_with_another_key_is_found(place: Any) -> None:
    """Somebody with the database, but not the key, writes a trail of their own and signs it."""
    store = place.open()
    store.audit.append_many([other(n) for n in range(12)])
    checkpoint_file(store).unlink()
    place.open(signing_key=NEW_KEY).audit.export(place.folder / "export.jsonl")
    report = verify_export(place.folder / "export.jsonl", [place.checkpoint_dir], store.audit.public_key)
    assert ProblemKind.CHECKPOINT_KEY in [problem.kind for problem in report.problems]
    assert store.audit.verify().problems[-1].kind == ProblemKind.NO_CHECKPOINT
