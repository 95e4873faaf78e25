"""Documents: streamed in and out, with ranges and a digest."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from .conftest import CONTROL, Ehr, key

FORM = {"clientId": "cl-0001", "appointmentId": "ap-0001", "kind": "recording", "externalId": "rec-1"}
BYTES = bytes(range(256)) * 4096  # 1 MiB


def upload(api: httpx.Client, content: bytes = BYTES, **changes: Any) -> httpx.Response:
    files = {"file": ("session.opus", content, "audio/ogg")}
    return api.post("/documents", data={**FORM, **changes}, files=files, headers=key())


@pytest.fixture
def document(api: httpx.Client) -> dict[str, Any]:
    answer = upload(api)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_upload_is_described_by_size_type_and_sha256(document: dict[str, Any]) -> None:
    assert document["sizeBytes"] == len(BYTES)
    assert document["sha256"] == hashlib.sha256(BYTES).hexdigest()
    assert (document["fileName"], document["contentType"]) == ("session.opus", "audio/ogg")


def test_the_content_comes_back_with_digests_in_the_headers(api: httpx.Client, document: dict[str, Any]) -> None:
    answer = api.get(f"/documents/{document['id']}/content")
    encoded = base64.b64encode(hashlib.sha256(BYTES).digest()).decode()
    assert answer.content == BYTES
    assert answer.headers["etag"] == f'"{document["sha256"]}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{encoded}:"
    assert answer.headers["content-type"] == "audio/ogg"


@pytest.mark.parametrize(
    ("asked", "span"),
    [("bytes=0-99", (0, 100)), ("bytes=1048000-", (1048000, 1 << 20)), ("bytes=-5", ((1 << 20) - 5, 1 << 20)),
     ("bytes=10-99999999", (10, 1 << 20))],
)  # fmt: skip
def test_a_range_is_served(api: httpx.Client, document: dict[str, Any], asked: str, span: tuple[int, int]) -> None:
    answer = api.get(f"/documents/{document['id']}/content", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == BYTES[slice(*span)]
    assert answer.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/{len(BYTES)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,5-9", "lines=1-2", "bytes=-"])
def test_a_range_that_is_not_understood_gets_the_whole(api: httpx.Client, document: dict[str, Any], asked: str) -> None:
    answer = api.get(f"/documents/{document['id']}/content", headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, len(BYTES))


def test_a_range_behind_the_end_is_416(api: httpx.Client, document: dict[str, Any]) -> None:
    answer = api.get(f"/documents/{document['id']}/content", headers={"Range": "bytes=1048576-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */1048576"
    assert answer.json()["code"] == "range_not_satisfiable"


def test_if_range_of_another_version_gets_the_whole(api: httpx.Client, document: dict[str, Any]) -> None:
    path = f"/documents/{document['id']}/content"
    right = api.get(path, headers={"Range": "bytes=0-9", "If-Range": f'"{document["sha256"]}"'})
    wrong = api.get(path, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (right.status_code, wrong.status_code) == (206, 200)


def test_bytes_that_do_not_match_the_named_sha256_are_refused(api: httpx.Client) -> None:
    answer = upload(api, sha256="0" * 64)
    assert answer.json()["errors"] == [{"pointer": "/sha256", "code": "does_not_match_the_bytes"}]
    assert upload(api, sha256=hashlib.sha256(BYTES).hexdigest()).status_code == 201


@pytest.mark.parametrize("missing", ["clientId", "kind", "externalId"])
def test_an_upload_without_a_needed_field_is_refused(api: httpx.Client, missing: str) -> None:
    form = {name: value for name, value in FORM.items() if name != missing}
    answer = api.post("/documents", data=form, files={"file": ("a.txt", b"x")}, headers=key())
    assert answer.status_code == 422


def test_twenty_recordings_in_flight(ehr: Ehr, api: httpx.Client) -> None:
    contents = [bytes([number]) * 3_000_000 for number in range(20)]

    def there_and_back(number: int) -> bool:
        made = upload(api, contents[number], externalId=f"many-{number}").json()
        return api.get(f"/documents/{made['id']}/content").content == contents[number]

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(there_and_back, range(20)))


def test_truncated_and_corrupt_recordings_heal_on_the_next_read(ehr: Ehr, document: dict[str, Any]) -> None:
    with ehr.client() as api:
        path = f"/documents/{document['id']}/content"
        ehr.fault("recording_truncated", ratio=0.25)
        assert api.get(path).content == BYTES[: len(BYTES) // 4]
        ehr.fault("recording_corrupt")
        corrupt = api.get(path).content
        assert len(corrupt) == len(BYTES)
        assert corrupt != BYTES
        assert api.get(path).content == BYTES


def test_a_session_ends_with_its_recording_in_the_chart(ehr: Ehr, api: httpx.Client) -> None:
    form = {"appointmentId": "ap-0003", "actualMinutes": "52", "notes": "Client was on time.", "moodRating": "6"}
    files = {"recording": ("call.webm", b"webm bytes", "video/webm")}
    answer = httpx.post(f"{ehr.url}/_control/complete_session", data=form, files=files, headers=CONTROL)
    assert answer.status_code == 201, answer.text
    document = api.get("/documents", params={"appointmentId": "ap-0003"}).json()["items"][0]
    appointment = api.get("/appointments/ap-0003").json()
    assert (appointment["status"], appointment["actualMinutes"]) == ("completed", 52)
    assert appointment["sessionFields"]["moodRating"] == 6
    assert (document["kind"], document["clientId"]) == ("recording", appointment["clientId"])
    assert api.get(f"/documents/{document['id']}/content").content == b"webm bytes"
