"""Every switchable fault does what it says, and only as often as it was armed."""

import httpx
import pytest

from .conftest import Ehr, key, progress_note


def test_rate_limits_with_and_without_retry_after(ehr: Ehr, api: httpx.Client) -> None:
    ehr.fault("rate_limit", count=2, retryAfter=3)
    ehr.fault("rate_limit", count=1)
    answers = [api.get("/clients") for _ in range(4)]
    assert [a.status_code for a in answers] == [429, 429, 429, 200]
    assert [a.headers.get("retry-after") for a in answers] == ["3", "3", None, None]
    assert answers[0].json()["code"] == "rate_limited"


def test_errors_do_nothing_and_are_limited_to_their_path(ehr: Ehr, api: httpx.Client) -> None:
    ehr.fault("error_5xx", path="/v1/progressnotes", method="POST", status=502)
    body, same = progress_note(), key()
    assert api.get("/clients").status_code == 200
    assert api.post("/progressnotes", json=body, headers=same).status_code == 502
    assert api.get("/notes", params={"externalId": body["externalId"]}).json()["items"] == []
    assert api.post("/progressnotes", json=body, headers=same).status_code == 201


@pytest.mark.parametrize("mode", ["hang", "close"])
def test_a_time_out_after_commit_leaves_the_note_in_the_chart(ehr: Ehr, api: httpx.Client, mode: str) -> None:
    ehr.fault("timeout_after_commit", path="/v1/progressnotes", mode=mode)
    body = progress_note()
    with ehr.client() as impatient, pytest.raises((httpx.ReadTimeout, httpx.RemoteProtocolError)):
        impatient.post("/progressnotes", json=body, headers=key(), timeout=1.0)
    found = api.get("/notes", params={"externalId": body["externalId"]}).json()["items"]
    assert len(found) == 1


def test_slow_answers_are_late_but_right(ehr: Ehr, api: httpx.Client) -> None:
    ehr.fault("slow", ms=1500)
    with pytest.raises(httpx.ReadTimeout):
        api.get("/clients", timeout=0.4)
    assert api.get("/clients").status_code == 200


def test_expired_tokens_are_refused_until_a_new_one_is_asked_for(ehr: Ehr) -> None:
    token = ehr.token()
    ehr.fault("expired_tokens")
    with ehr.client(token) as api:
        assert api.get("/clients").json()["code"] == "invalid_token"
    with ehr.client() as api:
        assert api.get("/clients").status_code == 200


def test_an_altered_draft_differs_from_what_was_answered(ehr: Ehr, api: httpx.Client) -> None:
    ehr.fault("alter_draft")
    written = api.post("/progressnotes", json=progress_note(), headers=key()).json()
    stored = api.get(f"/notes/{written['id']}").json()
    assert stored["draftContent"] != written["draftContent"]
    assert stored["etag"] != written["etag"]


def test_a_note_signed_meanwhile_refuses_the_write(ehr: Ehr, api: httpx.Client) -> None:
    note = api.post("/progressnotes", json=progress_note(), headers=key()).json()
    ehr.fault("sign_note_meanwhile", noteId=note["id"])
    answer = api.patch(f"/progressnotes/{note['id']}", json={"format": "dap"}, headers={"If-Match": note["etag"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "note_not_draft")
    assert api.get(f"/notes/{note['id']}").json()["status"] == "Signed"


def test_faults_can_be_listed_and_cleared(ehr: Ehr, api: httpx.Client) -> None:
    ehr.fault("error_5xx", count=100)
    assert ehr.control("/_faults")["armed"][0]["count"] == 100
    httpx.delete(f"{ehr.url}/_faults", headers={"X-Control-Token": "demo-only-control-token"})
    assert api.get("/clients").status_code == 200


def test_request_ids_are_echoed_on_success_refusal_and_fault(ehr: Ehr, api: httpx.Client) -> None:
    named = {"X-Request-Id": "req-42"}
    ehr.fault("error_5xx", path="/v1/users")
    for path, status in (("/clients", 200), ("/clients/none", 404), ("/users", 503), ("/nowhere", 404)):
        answer = api.get(path, headers=named)
        assert (answer.status_code, answer.headers["x-request-id"]) == (status, "req-42")
    assert api.get("/clients").headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/clients", 405), ("GET", "/clients/none", 404)]
)
def test_every_refusal_is_a_problem(api: httpx.Client, method: str, path: str, status: int) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_a_broken_body_is_a_problem(api: httpx.Client) -> None:
    for content, status in ((b"{", 400), (b'"\\ud800"', 400), (b"NaN", 400), (b"[]", 422)):
        headers = {**key(), "Content-Type": "application/json"}
        assert api.post("/progressnotes", content=content, headers=headers).status_code == status
    assert api.post("/progressnotes", content=b"{}", headers={**key(), "Content-Type": "text/plain"}).status_code == 415
