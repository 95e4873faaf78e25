import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.integrations.store import Store
from therapyflows.integrations.store._chunks import CHUNK_BYTES, STORED_CHUNK_BYTES

several = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SOUND = os.urandom(2 * CHUNK_BYTES + 1000)
"""Three chunks."""


def save(store: Store, value: bytes = SOUND, *, client: str = "c-1", days: float = 7, step: int = 100_000) -> None:
    until = store.keys._now() + timedelta(days=days)
    with store.recordings.writer(client, "rec_1", "audio/ogg", retain_until=until) as stream:
        for start in range(0, len(value), step):
            stream.write(value[start : start + step])


def only_file(place: Any) -> Path:
    [file] = place.recordings_dir.iterdir()
    return Path(file)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, len(SOUND)])
def test_what_is_written_is_what_is_read(store: Store, size: int) -> None:
    save(store, SOUND[:size])
    assert b"".join(store.recordings.read("rec_1")) == SOUND[:size]
    assert store.recordings.size("rec_1") == size
    assert store.recordings.content_type("rec_1") == "audio/ogg"


@given(start=st.integers(0, len(SOUND) + 10), length=st.integers(0, len(SOUND) + 10))
@several
def test_any_range_reads_like_a_slice(store: Store, start: int, length: int) -> None:
    if not _stands(store):
        save(store)
    assert b"".join(store.recordings.read("rec_1", start, start + length)) == SOUND[start : start + length]


def _stands(store: Store) -> bool:
    try:
        return store.recordings.size("rec_1") > 0
    except NotFound:
        return False


@given(moves=st.lists(st.tuples(st.integers(0, len(SOUND)), st.integers(0, 300_000)), max_size=5))
@several
def test_the_stream_seeks_like_a_file(store: Store, moves: list[tuple[int, int]]) -> None:
    if not _stands(store):
        save(store)
    with store.recordings.open("rec_1") as stream:
        for offset, length in moves:
            stream.seek(offset)
            assert stream.read(length) == SOUND[offset : offset + length]
        assert stream.seek(-3, os.SEEK_END) == len(SOUND) - 3
        assert stream.read() == SOUND[-3:]


@given(place_=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@several
def test_any_changed_byte_is_noticed(store: Store, place: Any, place_: float, mask: int) -> None:
    save(store)
    file = only_file(place)
    stored = bytearray(file.read_bytes())
    stored[int(place_ * len(stored))] ^= mask
    file.write_bytes(stored)
    with pytest.raises(Invalid, match="content_tampered"):
        b"".join(store.recordings.read("rec_1"))


def chunks(file: Path) -> list[bytes]:
    stored = file.read_bytes()
    return [stored[i : i + STORED_CHUNK_BYTES] for i in range(0, len(stored), STORED_CHUNK_BYTES)]


@pytest.mark.parametrize(
    "order", [(0, 1), (0,), (0, 2), (1, 0, 2), (0, 0, 2), (0, 1, 1), (0, 1, 2, 2), ()], ids=lambda order: str(order)
)
def test_missing_moved_and_repeated_chunks_are_noticed(store: Store, place: Any, order: tuple[int, ...]) -> None:
    save(store)
    file = only_file(place)
    parts = chunks(file)
    file.write_bytes(b"".join(parts[i] for i in order))
    with pytest.raises(Invalid, match="content_tampered"):
        b"".join(store.recordings.read("rec_1"))


def test_writing_again_replaces_and_leaves_one_file(store: Store, place: Any) -> None:
    save(store)
    save(store, b"shorter")
    assert b"".join(store.recordings.read("rec_1")) == b"shorter"
    only_file(place)


def test_an_interrupted_recording_does_not_exist_and_leaves_nothing(store: Store, place: Any) -> None:
    def broken_download() -> None:
        with store.recordings.writer("c-1", "rec_1", "audio/ogg", retain_until=place.clock()) as stream:
            stream.write(SOUND)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        broken_download()
    with pytest.raises(NotFound):
        store.recordings.size("rec_1")
    assert list(place.recordings_dir.iterdir()) == []


def test_another_client_cannot_take_over_an_id(store: Store) -> None:
    save(store)
    with pytest.raises(Conflict):
        save(store, b"other", client="c-2")
    assert b"".join(store.recordings.read("rec_1", 0, 10)) == SOUND[:10]


@pytest.mark.parametrize("recording_id", ["../rec", "a/b", "", ".hidden", "x" * 200])
def test_an_id_that_is_no_file_name_is_refused(store: Store, recording_id: str, clock: Any) -> None:
    with (
        pytest.raises(Invalid, match="recording_id_unusable"),
        store.recordings.writer("c-1", recording_id, "audio/ogg", retain_until=clock()),
    ):
        pass


def test_a_deleted_recording_is_gone_from_the_disk(store: Store, place: Any) -> None:
    save(store)
    digest = store.recordings.delete("rec_1")
    assert digest is not None
    assert list(place.recordings_dir.iterdir()) == []
    for read in (store.recordings.read, store.recordings.size, store.recordings.content_type):
        with pytest.raises(NotFound) as gone:
            read("rec_1")
        assert gone.value.code == "content_deleted"
    assert store.recordings.delete("rec_1") == digest
    store.recordings.deletion_recorded("rec_1")
    assert store.recordings.delete("rec_1") is None


def test_a_copy_of_a_deleted_recording_cannot_be_brought_back(store: Store, place: Any) -> None:
    save(store)
    file = only_file(place)
    copy = file.read_bytes()
    store.recordings.delete("rec_1")
    file.write_bytes(copy)
    with pytest.raises(NotFound, match="content_deleted"):
        store.recordings.read("rec_1")


def test_a_recording_is_due_when_its_time_has_come(store: Store, clock: Any) -> None:
    save(store, b"x", days=7)
    assert store.recordings.due_for_deletion(clock.forward(days=6.9)) == []
    assert store.recordings.due_for_deletion(clock.forward(days=0.2)) == [("rec_1", "c-1")]
    store.recordings.delete("rec_1")
    store.recordings.deletion_recorded("rec_1")
    assert store.recordings.due_for_deletion(clock()) == []


def test_orphans_are_swept_and_recordings_are_not(store: Store, place: Any) -> None:
    save(store, b"kept")
    for name in ("rec_9.0000.enc", "rec_9.0000.enc.part"):
        (place.recordings_dir / name).write_bytes(b"left by a crash")
        os.utime(place.recordings_dir / name, (0, 0))
    os.utime(next(iter(place.recordings_dir.glob("rec_1*"))), (0, 0))
    assert store.recordings.sweep_orphans() == 2
    assert b"".join(store.recordings.read("rec_1")) == b"kept"
