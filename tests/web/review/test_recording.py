"""The recording over HTTP: ranges, HEAD, and nothing that a cache would keep."""

import pytest
from tests.web.review.conftest import serving_world

from therapyflows.core.errors import Transient
from therapyflows.governance.audit.model import Action


@pytest.fixture
def clear(world) -> bytes:
    return b"".join(world.store.recordings.read("rec_1"))


SIZE = 240 * 8000 + 44
RANGES = [
    (None, 200, (0, SIZE)),
    ("bytes=0-", 206, (0, SIZE)),
    ("bytes=0-0", 206, (0, 1)),
    ("bytes=100-199", 206, (100, 200)),
    (f"bytes={SIZE - 1}-", 206, (SIZE - 1, SIZE)),
    ("bytes=-50", 206, (SIZE - 50, SIZE)),
    (f"bytes=-{SIZE * 2}", 206, (0, SIZE)),
    (f"bytes=65530-{SIZE * 2}", 206, (65530, SIZE)),
    ("bytes=0-1,5-6", 200, (0, SIZE)),
    ("bytes=9-3", 200, (0, SIZE)),
    ("bytes=-", 200, (0, SIZE)),
    ("items=0-5", 200, (0, SIZE)),
    ("nonsense", 200, (0, SIZE)),
    (f"bytes={SIZE}-", 416, None),
    (f"bytes={SIZE + 5}-{SIZE + 9}", 416, None),
    ("bytes=-0", 416, None),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("asked", "status", "expected"), RANGES)
def test_ranges(world, clear: bytes, method: str, asked: str | None, status: int, expected) -> None:
    headers = {"Range": asked} if asked else {}
    answer = world.signed_in().request(method, f"{world.path}/recording", headers=headers)
    assert answer.status_code == status
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    if expected is None:
        assert answer.headers["content-range"] == f"bytes */{len(clear)}"
        return
    start, end = expected
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.content == (clear[start:end] if method == "GET" else b"")
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(clear)}"


def test_a_range_on_condition_of_a_validator_that_we_never_gave_is_ignored(world, clear: bytes) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"etag"'}
    answer = world.signed_in().get(f"{world.path}/recording", headers=headers)
    assert (answer.status_code, len(answer.content)) == (200, len(clear))


def test_playing_is_in_the_trail_once_for_many_ranges_and_asking_for_the_size_is_not(world) -> None:
    client = world.signed_in()
    client.head(f"{world.path}/recording")
    assert world.actions(Action.RECORDING_PLAYED) == []
    for start in (0, 1000, 2000):
        client.get(f"{world.path}/recording", headers={"Range": f"bytes={start}-{start + 10}"})
    assert world.actions(Action.RECORDING_PLAYED) == ["ok"]


class TrailThatFails:
    """The real trail, but for the first entry that somebody listened."""

    def __init__(self, trail) -> None:
        self.trail, self.fails = trail, 1

    def append(self, entry) -> int:
        if entry.action is Action.RECORDING_PLAYED and self.fails:
            self.fails -= 1
            raise Transient("database_locked")
        return self.trail.append(entry)

    def __getattr__(self, name: str):
        return getattr(self.trail, name)


def test_what_could_not_be_told_to_the_trail_is_not_played_and_told_the_next_time(store) -> None:
    with serving_world(store, audit=TrailThatFails(store.audit)) as world:
        client = world.signed_in()
        assert client.get(f"{world.path}/recording", headers={"Range": "bytes=0-9"}).status_code == 503
        assert world.actions(Action.RECORDING_PLAYED) == []
        assert client.get(f"{world.path}/recording", headers={"Range": "bytes=0-9"}).status_code == 206
        assert world.actions(Action.RECORDING_PLAYED) == ["ok"]


def test_a_deleted_recording_is_not_found_and_the_page_says_so(world) -> None:
    client = world.signed_in()
    world.store.recordings.delete("rec_1")
    assert client.get(f"{world.path}/recording").status_code == 404
    page = client.get(world.path).text
    assert "The recording is no longer kept." in page
    assert "<audio" not in page


def test_a_recording_is_never_sent_as_something_a_browser_would_run(world) -> None:
    from datetime import timedelta

    later = world.clock() + timedelta(days=1)
    with world.store.recordings.writer("c-1", "rec_1", "text/html", retain_until=later) as file:
        file.write(b"<script>1</script>")
    answer = world.signed_in().get(f"{world.path}/recording")
    assert answer.headers["content-type"] == "application/octet-stream"
