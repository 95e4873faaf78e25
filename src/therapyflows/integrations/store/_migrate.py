"""Bring a database to the schema of this version.  Safe when several processes start at once."""

import time

from sqlalchemy import Connection, inspect, text

from therapyflows.core.errors import Invalid, Transient
from therapyflows.integrations.store._database import Database

SCHEMA_VERSION = "0016"
"""Newest migration; a test compares it with the folder ``migrations/versions``."""

_MIGRATE_LOCK = 0x7E4A_0002
_WAL_TRIES = 200
_WAL_PAUSE_S = 0.05


def migrate(url: str) -> None:
    """Run the migrations that are missing; does nothing when there are none."""
    db = Database(url)
    try:
        if current_version(db) != SCHEMA_VERSION:
            _upgrade(db)
    finally:
        db.close()


def check_schema(db: Database, url: str) -> None:
    """SQLite is migrated on the spot; PostgreSQL is the operator's to migrate.

    Raises Invalid (``store_schema_outdated``, ``store_schema_newer``).
    """
    found = current_version(db)
    if found == SCHEMA_VERSION:
        return
    if found is not None and found > SCHEMA_VERSION:
        raise Invalid("store_schema_newer", "the store was written by a newer version of this program", found=found)
    if not db.is_sqlite:
        raise Invalid(
            "store_schema_outdated",
            "the database is not migrated; run: therapyflows up",
            found=found or "none",
            needed=SCHEMA_VERSION,
        )
    migrate(url)


def current_version(db: Database) -> str | None:
    with db.read() as session:
        connection = session.connection()
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def _upgrade(db: Database) -> None:
    """All missing migrations in one transaction; whoever comes second waits and finds nothing left to do."""
    if db.is_sqlite:
        _use_write_ahead_log(db)
    with db.write() as session:
        connection = session.connection()
        if not db.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATE_LOCK})
        _run_alembic(connection)


def _run_alembic(connection: Connection) -> None:
    from alembic import command  # a third of a second that only a migration has to pay
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "therapyflows.integrations.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _use_write_ahead_log(db: Database) -> None:
    """The mode stays with the file.  SQLite does not wait for others here, so we do."""
    for _ in range(_WAL_TRIES):
        raw = db.engine.raw_connection()
        try:
            if raw.cursor().execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        except Exception as error:
            if "locked" not in str(error):
                raise Invalid("store_file_unusable", "the SQLite file cannot be opened") from None
        finally:
            raw.close()
        time.sleep(_WAL_PAUSE_S)
    raise Transient("store_unavailable", "the database is busy")
