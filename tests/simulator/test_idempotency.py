"""One key, one effect: in sequence, in parallel, across a kill."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from .conftest import Ehr, Start, key, progress_note


def count(api: httpx.Client, external_id: str) -> int:
    return len(api.get("/notes", params={"externalId": external_id}).json()["items"])


def test_a_write_without_a_key_is_refused(api: httpx.Client) -> None:
    answer = api.post("/progressnotes", json=progress_note())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_the_same_request_again_gets_the_stored_answer(api: httpx.Client) -> None:
    body, same = progress_note(), key()
    first = api.post("/progressnotes", json=body, headers=same)
    again = api.post("/progressnotes", json=body, headers=same)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert count(api, body["externalId"]) == 1


def test_the_same_key_for_something_else_is_refused(api: httpx.Client) -> None:
    body, same = progress_note(), key()
    api.post("/progressnotes", json=body, headers=same)
    other = api.post("/progressnotes", json={**body, "format": "dap"}, headers=same)
    elsewhere = api.post("/notes", json={**body, "type": "progress_note"}, headers=same)
    assert [answer.json()["code"] for answer in (other, elsewhere)] == ["idempotency_key_reused"] * 2
    assert count(api, body["externalId"]) == 1


def test_a_refused_request_does_not_use_up_its_key(api: httpx.Client) -> None:
    same, body = key(), progress_note()
    assert api.post("/progressnotes", json={**body, "clientId": "cl-none"}, headers=same).status_code == 422
    assert api.post("/progressnotes", json=body, headers=same).status_code == 201


def test_racing_requests_with_one_key_make_one_note(ehr: Ehr, api: httpx.Client) -> None:
    for _ in range(5):
        body, same = progress_note(), key()
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: api.post("/progressnotes", json=body, headers=same), range(8)))  # noqa: B023
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
        assert count(api, body["externalId"]) == 1


def test_a_second_upload_while_the_first_is_running_is_told_so(api: httpx.Client) -> None:
    """Which of the two takes the key first is the server's affair; where the probe did, another key is tried."""
    for _ in range(10):
        first, probe = _upload_with_a_probe_in_between(api)
        if first.status_code == 201:
            assert probe.json()["code"] == "idempotency_key_running"
            return
        assert first.json()["code"] == "idempotency_key_running"
    raise AssertionError("the first upload never took its key first")


def _upload_with_a_probe_in_between(api: httpx.Client) -> tuple[httpx.Response, httpx.Response]:
    same = key()
    inner: list[httpx.Response] = []

    def parts() -> Any:
        boundary = b"--b\r\nContent-Disposition: form-data; name="
        yield boundary + b'"clientId"\r\n\r\ncl-0001\r\n' + boundary + b'"kind"\r\n\r\nletter\r\n'
        yield boundary + b'"externalId"\r\n\r\nup-1\r\n' + boundary + b'"file"; filename="a.txt"\r\n\r\n' + b"x" * 65536
        # The server reads this request's head and waits for more; a second request with its key comes in between.
        for _ in range(200):
            inner.append(api.post("/documents", headers=same, data={"clientId": "cl-0001"}, files={"file": b"y"}))
            if inner[-1].status_code == 409:
                break
        yield b"\r\n--b--\r\n"

    headers = {**same, "Content-Type": "multipart/form-data; boundary=b"}
    return api.post("/documents", headers=headers, content=parts()), inner[-1]


def test_an_ehr_that_ignores_the_key_makes_two_notes(ehr: Ehr, api: httpx.Client) -> None:
    body, same = progress_note(), key()
    ehr.fault("ignore_idempotency", count=2)
    for _ in range(2):
        assert api.post("/progressnotes", json=body, headers=same).status_code == 201
    assert count(api, body["externalId"]) == 2


def test_the_answer_survives_a_kill(start: Start, tmp_path: Path) -> None:
    body, same = progress_note(), key()
    before = start(tmp_path)
    with before.client() as api:
        first = api.post("/progressnotes", json=body, headers=same).json()
    before.kill()
    with start(tmp_path).client() as api:
        again = api.post("/progressnotes", json=body, headers=same)
        assert again.json() == first
        assert count(api, body["externalId"]) == 1
