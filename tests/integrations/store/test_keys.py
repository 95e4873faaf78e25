from typing import Any

import pytest
from sqlalchemy import text

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.integrations.store import Store

NEW_KEY = b"a newer practice key, for tests."


def record(store: Store, client_id: str, recording_id: str) -> None:
    with store.recordings.writer(client_id, recording_id, "audio/wav", retain_until=store.keys._now()) as stream:
        stream.write(b"sound")


def test_each_client_has_a_key_of_its_own(store: Store) -> None:
    for client in ("c-1", "c-2", "c-1"):
        store.contents.put(client, "draft", b"x", content_id=f"cnt_{client}")
    with store.database.read() as session:
        assert sorted(session.scalars(text("SELECT client_id FROM data_keys"))) == ["c-1", "c-2"]


def test_another_practice_key_opens_nothing_and_says_so(place: Any) -> None:
    place.open()
    with pytest.raises(Invalid) as refused:
        place.open(practice_key=NEW_KEY)
    assert refused.value.code == "practice_key_wrong"


def test_a_practice_key_of_another_length_is_refused(place: Any) -> None:
    with pytest.raises(Invalid) as refused:
        place.open(practice_key=b"short")
    assert refused.value.code == "practice_key_unusable"


def test_after_a_rotation_only_the_new_key_opens_the_store(place: Any) -> None:
    store = place.open()
    store.contents.put("c-1", "draft", b"words", content_id="cnt_1")
    record(store, "c-2", "rec_2")
    assert store.keys.rotate(NEW_KEY) == 2
    assert store.contents.get("cnt_1") == b"words"
    reopened = place.open(practice_key=NEW_KEY)
    assert reopened.contents.get("cnt_1") == b"words"
    assert b"".join(reopened.recordings.read("rec_2")) == b"sound"
    with pytest.raises(Invalid, match="practice_key_wrong"):
        place.open()


def test_a_process_that_missed_the_rotation_can_neither_read_nor_write(place: Any) -> None:
    store, late = place.open(), place.open()
    store.contents.put("c-1", "draft", b"words", content_id="cnt_1")
    store.keys.rotate(NEW_KEY)
    with pytest.raises(Invalid, match="practice_key_wrong"):
        late.contents.get("cnt_1")
    with pytest.raises(Invalid, match="practice_key_wrong"):
        late.contents.put("c-new", "draft", b"words", content_id="cnt_2")


def test_shredding_makes_everything_of_the_client_unreadable_and_nothing_of_others(store: Store) -> None:
    for client in ("c-1", "c-2"):
        store.contents.put(client, "draft", client.encode(), content_id=f"cnt_{client}")
        record(store, client, f"rec_{client}")
    assert store.keys.shred("c-1") == 1
    for read in (lambda: store.contents.get("cnt_c-1"), lambda: store.recordings.read("rec_c-1")):
        with pytest.raises(NotFound) as gone:
            read()
        assert gone.value.code == "content_deleted"
    assert store.contents.get("cnt_c-2") == b"c-2"
    assert b"".join(store.recordings.read("rec_c-2")) == b"sound"


def test_another_process_sees_a_shredding_at_once(place: Any) -> None:
    store, other = place.open(), place.open()
    store.contents.put("c-1", "draft", b"words", content_id="cnt_1")
    assert other.contents.get("cnt_1") == b"words"
    store.keys.shred("c-1")
    with pytest.raises(NotFound):
        other.contents.get("cnt_1")


def test_after_shredding_new_content_gets_a_new_key(store: Store) -> None:
    store.contents.put("c-1", "draft", b"old", content_id="cnt_old")
    store.keys.shred("c-1")
    store.contents.put("c-1", "draft", b"new", content_id="cnt_new")
    assert store.contents.get("cnt_new") == b"new"
    with pytest.raises(NotFound):
        store.contents.get("cnt_old")
    assert store.keys.shred("c-1") == 1


def test_nothing_of_a_shredded_key_stays_in_the_sqlite_files(sqlite_place: Any) -> None:
    """PostgreSQL keeps old rows in its log, as the docstring of ``shred`` says."""
    store = sqlite_place.open()
    store.contents.put("c-1", "draft", b"words", content_id="cnt_1")
    with store.database.read() as session:
        wrapped = bytes(session.scalar(text("SELECT wrapped FROM data_keys")))
    store.keys.shred("c-1")
    for file in sqlite_place.folder.glob("store.sqlite*"):
        assert wrapped not in file.read_bytes()


def test_nothing_of_a_deleted_content_stays_in_the_sqlite_files(sqlite_place: Any) -> None:
    store = sqlite_place.open()
    store.contents.put("c-1", "draft", b"words" * 100, content_id="cnt_1")
    with store.database.read() as session:
        sealed = bytes(session.scalar(text("SELECT ciphertext FROM contents")))
    store.contents.delete("cnt_1")
    store.contents.deletion_recorded("cnt_1")
    for file in sqlite_place.folder.glob("store.sqlite*"):
        assert sealed[:100] not in file.read_bytes()


def test_a_wrapped_key_moved_to_another_client_does_not_open(store: Store) -> None:
    store.contents.put("c-1", "draft", b"one", content_id="cnt_1")
    store.contents.put("c-2", "draft", b"two", content_id="cnt_2")
    with store.database.write() as session:
        wrapped = session.scalar(text("SELECT wrapped FROM data_keys WHERE client_id = 'c-2'"))
        session.execute(text("UPDATE data_keys SET wrapped = :w WHERE client_id = 'c-1'"), {"w": wrapped})
    with pytest.raises(Invalid, match="content_tampered"):
        store.contents.get("cnt_1")
