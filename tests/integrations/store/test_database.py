import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from therapyflows.core.errors import Invalid, Transient
from therapyflows.integrations.store import _database
from therapyflows.integrations.store._database import Database


@pytest.fixture
def database(sqlite_place: Any) -> Database:
    found: Database = sqlite_place.open().database
    return found


def test_commits_are_flushed_to_the_disk(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA secure_delete")) == 1


def test_an_error_undoes_everything_in_its_transaction(place: Any) -> None:
    store = place.open()

    def fail() -> None:
        with store.database.write() as session:
            session.execute(text("DELETE FROM practice_key"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM practice_key")) == 1


def test_many_threads_that_write_wait_for_each_other(place: Any) -> None:
    store = place.open()
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda n: store.own_writes.add("notes", str(n)), range(100)))
    with store.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM own_writes")) == 100


def test_a_database_that_stays_locked_is_a_transient_error(sqlite_place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_database, "BUSY_TIMEOUT_MS", 50)
    store = sqlite_place.open()
    other = sqlite3.connect(sqlite_place.folder / "store.sqlite", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient) as busy:
            store.own_writes.add("notes", "n-1")
        assert busy.value.code == "store_unavailable"
    finally:
        other.close()
    store.own_writes.add("notes", "n-1")


def test_a_server_that_is_away_is_a_transient_error() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(Transient) as away, database.read() as session:
        session.execute(text("SELECT 1"))
    assert away.value.code == "store_unavailable"
    database.close()


def test_what_the_database_refuses_is_told_without_its_words(place: Any) -> None:
    store = place.open()

    def duplicate() -> None:
        with store.database.write() as session:
            session.execute(text("INSERT INTO cursors VALUES ('heron', '2026-11-02')"))
            session.execute(text("INSERT INTO cursors VALUES ('heron', '2026-11-02')"))

    with pytest.raises(Invalid) as refused:
        duplicate()
    assert refused.value.code == "store_refused"
    assert "heron" not in str(refused.value)


def test_a_process_that_dies_in_its_turn_lets_the_next_one_in(sqlite_place: Any) -> None:
    store = sqlite_place.open()
    dying = (
        "import os, sys; from therapyflows.integrations.store._database import Database\n"
        "with Database(sys.argv[1]).write(): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", dying, sqlite_place.url], cwd=Path.cwd()).returncode == -9
    store.own_writes.add("notes", "n-1")
    assert store.own_writes.contains("notes", "n-1")
