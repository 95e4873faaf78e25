"""A store in SQLite for tests.  Its tables are made once for each process and copied: migrating takes longer than most
tests."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from therapyflows.integrations.store import Store, migrate, open_store

KEY = b"k" * 32


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def lay_down_tables(file: Path) -> None:
    """An empty database with all tables, unless there is one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # as the store makes it: only its owner reads it
        file.write_bytes(_empty_database())


def open_test_store(
    folder: Path, *, practice_key: bytes = KEY, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Store:
    """The store in this folder, made if need be."""
    lay_down_tables(folder / "store.sqlite")
    return open_store(
        f"sqlite:///{folder / 'store.sqlite'}",
        practice_key=practice_key,
        signing_key=KEY,
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
        now=now,
    )
