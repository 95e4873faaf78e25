"""Nothing in clear on the disk: planted words are looked for in every file that the store writes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from therapyflows.integrations.store._tables import Table

CANARY = "Quillon Testperson said the heron flies at midnight"


def planted(store: Any, now: Any) -> None:
    until = now + timedelta(days=1)
    for kind in ("transcript", "draft", "edited_draft", "approved_draft", "reason", "prompt", "completion", "evidence"):
        store.contents.put("c-1", kind, CANARY.encode(), content_id=f"cnt_{kind}", retain_until=until)
        store.contents.put("c-1", kind, CANARY.encode() * 1000, content_id=f"cnt_{kind}", retain_until=until)
    with store.recordings.writer("c-1", "rec_1", "audio/ogg", retain_until=until) as stream:
        stream.write(CANARY.encode() * 20_000)


def files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_no_word_stands_in_clear_in_the_files(sqlite_place: Any) -> None:
    store = sqlite_place.open()
    planted(store, sqlite_place.clock())
    names = {file.name for file in files_below(sqlite_place.folder)}
    assert {"store.sqlite", "store.sqlite-wal"} <= names
    for file in files_below(sqlite_place.folder):
        raw = file.read_bytes()
        assert not any(word.encode() in raw for word in ("Quillon", "heron", "midnight")), file.name
        assert "Quillon" not in file.name


def test_no_word_stands_in_clear_in_any_column(store: Any, place: Any) -> None:
    planted(store, place.clock())
    with store.database.engine.connect() as connection:
        rows = [row for table in Table.metadata.sorted_tables for row in connection.execute(table.select())]
    assert rows
    for row in rows:
        for value in row:
            assert b"heron" not in (value if isinstance(value, bytes) else str(value).encode())


def test_files_can_be_read_by_their_owner_only(sqlite_place: Any) -> None:
    planted(sqlite_place.open(), sqlite_place.clock())
    for file in [*sqlite_place.folder.glob("store.sqlite*"), *files_below(sqlite_place.recordings_dir)]:
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_errors_do_not_quote_what_was_stored(store: Any) -> None:
    with pytest.raises(Exception, match=r".") as refused:
        store.own_writes.add("notes", {CANARY: 1})
    assert "heron" not in str(refused.value)
