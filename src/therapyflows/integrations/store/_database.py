"""Transactions on SQLite and PostgreSQL, alike for everyone above.

SQLite: write-ahead log, full fsync on commit, writers queue up (``Turn``, then ``BEGIN IMMEDIATE``).  Deleted bytes are
overwritten (``secure_delete``).
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Insert, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from therapyflows.core.errors import Invalid, Transient
from therapyflows.integrations.store._tables import Table

BUSY_TIMEOUT_MS = 60_000
POOL = {"pool_size": 5, "max_overflow": 25, "pool_timeout": 60.0}
"""Connections of one process; PostgreSQL allows 100 to all of them together unless told otherwise."""

log = structlog.get_logger()


class Database:
    """One engine, with short read and write transactions.  Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        self._url = _checked_url(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.engine = _create_sqlite(self._url.database) if self.is_sqlite else _create_postgresql(url)
        self._writing = self.engine.execution_options(therapyflows_writes=True)
        self._turn = Turn(Path(f"{self._url.database}.lock")) if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A short transaction that writes nothing."""
        with _translated(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed, and on disk, when the block is left without an error."""
        turn = self._turn.take() if self._turn else nullcontext()
        with turn, _translated(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def insert_or_ignore(self, table: type[Table]) -> Insert:
        """An INSERT that leaves a row alone that stands already (whatever unique key it meets)."""
        build = sqlite.insert if self.is_sqlite else postgresql.insert
        return build(table).on_conflict_do_nothing()

    def upsert(self, table: type[Table], values: dict[str, Any], *, key: str | tuple[str, ...]) -> Insert:
        """An INSERT that replaces the row with the same ``key``, of one column or several."""
        build = sqlite.insert if self.is_sqlite else postgresql.insert
        keys = (key,) if isinstance(key, str) else key
        rest = {name: value for name, value in values.items() if name not in keys}
        return build(table).values(**values).on_conflict_do_update(index_elements=list(keys), set_=rest)

    def forget_old_pages(self) -> None:
        """Remove what a deletion left beside the tables: on SQLite in the write-ahead log, on PostgreSQL dead rows.

        PostgreSQL's own log and backups are out of reach from here.
        """
        if self.is_sqlite:
            self.forget_log()
            return
        with _translated(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM data_keys, contents, recordings")

    def forget_log(self) -> None:
        """Empty SQLite's write-ahead log, which keeps older pages; does nothing on PostgreSQL."""
        if not self.is_sqlite:
            return
        with _translated(), closing(self.engine.raw_connection()) as raw:
            busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            log.warning("write_ahead_log_still_in_use")

    def close(self) -> None:
        self.engine.dispose()
        if self._turn:
            self._turn.close()
            self._turn = None


class Turn:
    """Writers of one SQLite file queue up: threads at a lock, processes at a lock file.

    SQLite alone has them poll with growing pauses, and an unlucky one waits long: with four processes that write
    without a pause the longest append took 1.5 s, with the queue 0.35 s.
    """

    def __init__(self, lock_file: Path) -> None:
        self._threads = threading.Lock()
        self._descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def take(self) -> Iterator[None]:
        with self._threads:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._descriptor)


def _checked_url(url: str) -> Any:
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise Invalid("store_url_unusable", "the store needs a SQLite file or a PostgreSQL database, not memory")
    if backend not in ("sqlite", "postgresql"):
        raise Invalid("store_url_unusable", "the store works with sqlite:///file and postgresql+psycopg://")
    return parsed


def _create_postgresql(url: str) -> Engine:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, hide_parameters=True, **POOL)


def _create_sqlite(file: str) -> Engine:
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{path}",
        hide_parameters=True,
        **POOL,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late and be DEFERRED
    for pragma in ("synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("therapyflows_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the driver become ours; their text, which may quote data, is dropped."""
    try:
        yield
    except (OperationalError, PoolTimeout):
        raise Transient("store_unavailable", "the database is busy or cannot be reached") from None
    except DBAPIError as error:
        raise Invalid("store_refused", "the database refused the change", kind=type(error).__name__) from None
