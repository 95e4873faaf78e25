"""One store per test, on SQLite and on PostgreSQL, with a clock that the test turns."""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stores import lay_down_tables

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.integrations.store import Store, migrate, open_store

_spec = importlib.util.spec_from_file_location("tests_postgres", Path(__file__).parents[2] / "postgres.py")
assert _spec is not None
assert _spec.loader is not None
postgres_tools = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(postgres_tools)

PRACTICE_KEY = b"practice key for the tests only."
SIGNING_KEY = b"signing key for the tests only.."
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@dataclass
class Place:
    """Where a store is; ``open`` opens it (again), as another process would."""

    url: str
    folder: Path
    clock: Clock = field(default_factory=Clock)
    opened: list[Store] = field(default_factory=list)

    @property
    def recordings_dir(self) -> Path:
        return self.folder / "recordings"

    @property
    def checkpoint_dir(self) -> Path:
        return self.folder / "checkpoints"

    def open(self, **other: Any) -> Store:
        settings = {
            "practice_key": PRACTICE_KEY,
            "signing_key": SIGNING_KEY,
            "recordings_dir": self.recordings_dir,
            "checkpoint_dir": self.checkpoint_dir,
            "checkpoint_every": 10,
            "now": self.clock,
        }
        if self.url.startswith("sqlite"):
            lay_down_tables(Path(self.url.removeprefix("sqlite:///")))
        store = open_store(self.url, **settings | other)
        self.opened.append(store)
        return store

    def close(self) -> None:
        for store in self.opened:
            store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    with postgres_tools.running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated(postgres: Any) -> str:
    """Name of a migrated, empty database to copy from."""
    name = postgres.new_database()
    migrate(postgres.url(name))
    return str(name)


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Iterator[Place]:
    found = Place(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    yield found
    found.close()


@pytest.fixture
def postgres_place(postgres: Any, migrated: str, tmp_path: Path) -> Iterator[Place]:
    found = Place(postgres.url(postgres.new_database(migrated)), tmp_path)
    yield found
    found.close()


@pytest.fixture(params=["sqlite_place", "postgres_place"], ids=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()


@pytest.fixture
def clock(place: Place) -> Clock:
    return place.clock


@pytest.fixture
def new_draft() -> Callable[..., DraftRecord]:
    """Makes draft rows; keyword arguments replace the defaults."""

    def make(draft_id: str = "drf_1", **other: Any) -> DraftRecord:
        values: dict[str, Any] = {
            "id": draft_id,
            "workflow": "session-note",
            "client_id": "c-1",
            "clinician_id": "u-1",
            "appointment_id": f"a-{draft_id}",
            "source_ref": "doc-1",
            "format": "soap",
            "state": DraftState.PREPARING,
            "version": 1,
            "created_at": START,
            "updated_at": START,
        }
        return DraftRecord(**values | other)

    return make
