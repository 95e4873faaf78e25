import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from therapyflows.core.errors import Invalid
from therapyflows.integrations.store import _migrate, migrate, open_store
from therapyflows.integrations.store import migrations as folder
from therapyflows.integrations.store._tables import Table


def test_the_version_in_the_code_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(Path(folder.__file__).parent)).get_current_head() == _migrate.SCHEMA_VERSION


def test_the_migrations_make_the_tables_that_the_code_uses(store: Any) -> None:
    with store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_migrating_again_changes_nothing(place: Any) -> None:
    place.open().own_writes.add("notes", "n-1")
    migrate(place.url)
    assert place.open().own_writes.contains("notes", "n-1")


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_processes_that_start_at_once_migrate_once(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if backend == "postgresql":
        cluster = request.getfixturevalue("postgres")
        url = cluster.url(cluster.new_database())
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.map(migrate, [url] * 3, chunksize=1)
    migrate(url)


def test_a_postgresql_that_was_never_migrated_says_what_to_run(postgres: Any, tmp_path: Path) -> None:
    url = postgres.url(postgres.new_database())
    with pytest.raises(Invalid, match="run: therapyflows up") as refused:
        open_store(url, practice_key=bytes(32), signing_key=bytes(32), recordings_dir=tmp_path, checkpoint_dir=tmp_path)
    assert refused.value.code == "store_schema_outdated"


def test_a_store_of_a_newer_version_is_not_touched(place: Any) -> None:
    store = place.open()
    with store.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Invalid) as refused:
        place.open()
    assert refused.value.code == "store_schema_newer"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://127.0.0.1/x"])
def test_a_database_that_cannot_keep_the_promises_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        open_store(url, practice_key=bytes(32), signing_key=bytes(32), recordings_dir=tmp_path, checkpoint_dir=tmp_path)
    assert refused.value.code == "store_url_unusable"
