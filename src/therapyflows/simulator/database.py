"""The practice's database file: SQLite in WAL mode, one connection per thread, one writer at a time."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    resource TEXT NOT NULL, id TEXT NOT NULL, client_id TEXT, external_id TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (resource, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_time ON records (resource, updated_at, id);
CREATE INDEX IF NOT EXISTS records_by_client ON records (resource, client_id, updated_at, id);
CREATE INDEX IF NOT EXISTS records_by_external ON records (resource, external_id);
CREATE TABLE IF NOT EXISTS idempotency (
    owner TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, answer TEXT NOT NULL, created_at TEXT NOT NULL,
    PRIMARY KEY (owner, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, event_id TEXT NOT NULL, subscription_id TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL, last_status INTEGER, done_at TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due_at);
CREATE TABLE IF NOT EXISTS secrets (
    subscription_id TEXT NOT NULL, secret TEXT NOT NULL, expires_at REAL, number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS accounts (
    login TEXT PRIMARY KEY, user_id TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, scopes TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS codes (digest TEXT PRIMARY KEY, grant_json TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS used_assertions (jti TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS browser_sessions (
    digest TEXT PRIMARY KEY, user_id TEXT NOT NULL, auth_time REAL NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def wire_time(at: datetime) -> str:
    """UTC with microseconds: fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Database:
    """Short transactions only.  ``on_commit`` is called after every committed write (wakes the delivery worker)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._writer = threading.Lock()
        self.on_commit: Callable[[], None] = lambda: None
        connection = self._connection()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        row = connection.execute("SELECT max(updated_at) FROM records").fetchone()
        self._last = datetime.fromisoformat(row[0]) if row[0] else datetime(2000, 1, 1, tzinfo=UTC)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            # NORMAL loses nothing on kill -9; only a power cut could cost the last transactions.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent snapshot."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, quiet: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start; rolled back on any exception.

        ``quiet`` leaves ``on_commit`` out: the worker's own bookkeeping must not wake the worker.
        """
        with self._writer:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        if not quiet:
            self.on_commit()

    def stamp(self) -> str:
        """Strictly increasing time, to be taken inside ``writing``: a later commit always has the later time, so a
        reader who asks ``updatedSince`` its last seen time misses nothing."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return wire_time(self._last)
