"""The database refuses to change the trail; whoever switches that off is found out."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.integrations.store.audit_entries import ENTRY, other

from therapyflows.governance.audit import chain
from therapyflows.governance.audit.findings import ProblemKind
from therapyflows.integrations.store import Store
from therapyflows.integrations.store import _audit_rows as rows
from therapyflows.integrations.store._tables import AuditRow


def test_the_guards_stand_in_a_new_store(store: Store) -> None:
    store.audit.append(ENTRY)
    assert store.audit.verify().ok


ON_SQLITE = [
    "DROP TRIGGER audit_no_update",
    "DROP TRIGGER audit_in_order",
    "CREATE TRIGGER audit_more BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(IGNORE); END",
]
ON_POSTGRESQL = [
    "DROP TRIGGER audit_no_truncate ON audit_entries",
    "ALTER TABLE audit_entries DISABLE TRIGGER audit_no_change",
    "ALTER TABLE audit_entries ENABLE TRIGGER audit_no_change",
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
]


def found_after(store: Store, statement: str) -> list[ProblemKind]:
    store.audit.append(ENTRY)
    with store.database.write() as session:
        session.execute(text(statement))
    return [problem.kind for problem in store.audit.verify().problems]


@pytest.mark.parametrize("statement", ON_SQLITE)
def test_a_trigger_removed_or_added_on_sqlite_is_found(sqlite_place: Any, statement: str) -> None:
    assert found_after(sqlite_place.open(), statement) == [ProblemKind.UNGUARDED]


def test_a_trigger_edited_in_the_schema_table_of_sqlite_is_found(sqlite_place: Any) -> None:
    store = sqlite_place.open()
    store.audit.append(ENTRY)
    raw = store.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA writable_schema = ON")
    edit = "UPDATE sqlite_master SET sql = replace(sql, 'ABORT', 'IGNORE') WHERE name = 'audit_no_delete'"
    raw.cursor().execute(edit)
    raw.commit()
    raw.close()
    assert [problem.kind for problem in store.audit.verify().problems] == [ProblemKind.UNGUARDED]


@pytest.mark.parametrize("statement", ON_POSTGRESQL)
def test_a_trigger_removed_or_changed_on_postgresql_is_found(postgres_place: Any, statement: str) -> None:
    assert ProblemKind.UNGUARDED in found_after(postgres_place.open(), statement)


def test_postgresql_guards_also_against_a_session_that_calls_itself_a_replica(postgres_place: Any) -> None:
    store = postgres_place.open()
    store.audit.append(ENTRY)
    with store.database.engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("DELETE FROM audit_entries"))


@pytest.mark.parametrize(("seq", "prev"), [(1, 0), (2, 0), (3, 1), (4, 2), (5, 1)])
def test_the_database_takes_only_what_continues_the_chain(store: Store, seq: int, prev: int) -> None:
    """A writer without the lock, or with an old idea of the end, makes no gap and no fork."""
    store.audit.append_many([ENTRY, other(2)])
    hashes = [chain.GENESIS, *(found.hash for found in store.audit.search())]
    row = rows.to_row(chain.link(seq, store.audit.search()[-1].at, ENTRY, hashes[prev]))
    with store.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(AuditRow.__table__.insert().values(**row))
    assert store.audit.append(ENTRY) == 3
    assert store.audit.verify().ok


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "'not a time'"), ("details", "'[1, 2'"), ("details", '\'{"b":1,"a":2}\''), ("action", "x'00ff'")],
)
def test_rubbish_in_a_column_of_sqlite_is_named_not_crashed_on(sqlite_place: Any, column: str, value: str) -> None:
    store = sqlite_place.open()
    store.audit.append_many([other(n) for n in range(5)])
    with store.database.write() as session:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.connection().exec_driver_sql(f"UPDATE audit_entries SET {column} = {value} WHERE seq = 3")
    assert (ProblemKind.UNREADABLE, 3) in [(p.kind, p.seq) for p in store.audit.verify().problems]
