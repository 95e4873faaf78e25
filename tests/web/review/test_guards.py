"""Who gets what: roles, caseloads, forged requests, headers, hostile text."""

from dataclasses import replace

import httpx
import pytest

from therapyflows.core.chart import Client
from therapyflows.governance.audit.model import Action

PAYLOAD = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\"'{{7*7}}"
PAGES = ("", "/state", "/recording")
DEEDS = (
    "statements",
    "statements/st1/edit",
    "statements/st1/remove",
    "statements/st1/keep",
    "codes",
    "speakers",
    "approve",
    "reject",
)


@pytest.mark.parametrize("page", PAGES)
def test_another_clinicians_client_does_not_exist(world, page: str) -> None:
    client = world.signed_in("u-coll")
    real, invented = client.get(world.path + page), client.get("/drafts/drf_0" + page)
    assert (real.status_code, invented.status_code) == (404, 404)
    assert real.text == invented.text
    assert "Marigold" not in real.text
    assert world.actions(Action.ACCESS_DENIED) == ["client_not_assigned", "draft_unknown"]


@pytest.mark.parametrize("deed", DEEDS)
def test_another_clinician_changes_nothing(world, deed: str) -> None:
    before = world.record()
    assert world.post(world.signed_in("u-coll"), deed, text="x", section="plan", attested="yes").status_code == 404
    assert world.record() == before
    assert len(world.actions(Action.ACCESS_DENIED)) == 1


@pytest.mark.parametrize("page", ["/", *("/drafts/{}" + page for page in PAGES)])
def test_a_billing_manager_is_told_plainly(world, page: str) -> None:
    answer = world.signed_in("u-bill").get(page.format(world.draft_id))
    assert answer.status_code == 403
    assert "Your role in the EHR does not review session notes." in answer.text
    assert "role_not_permitted" in world.actions(Action.ACCESS_DENIED)


def test_a_supervisor_sees_the_drafts_of_those_they_supervise(world) -> None:
    client = world.signed_in("u-sup")
    assert "Marigold Fernweh" in client.get("/").text
    assert client.get(world.path).status_code == 200


def test_losing_the_client_ends_access_at_once(world) -> None:
    client = world.signed_in()
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"caseload": ("c-2",)})
    assert client.get(world.path).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_a_post_from_elsewhere_is_refused_even_with_the_token(world, headers: dict[str, str]) -> None:
    client = world.signed_in()
    del client.headers["Origin"]
    answer = client.post(f"{world.path}/statements/st1/remove", data={"version": "2"}, headers=headers)
    assert answer.status_code == 403


def test_another_sessions_token_is_refused(world) -> None:
    client, other = world.signed_in(), world.signed_in()
    client.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert world.post(client, "statements/st1/remove").status_code == 403


def test_another_host_name_is_refused(world) -> None:
    answer = httpx.get(f"{world.base_url}/login", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["x-frame-options"]) == (400, "DENY")


def test_a_large_request_is_refused(world) -> None:
    assert world.post(world.signed_in(), "statements/st1/edit", text="x" * 70_000).status_code == 413


@pytest.mark.parametrize("path", ["/login", "/", "/drafts/nothing", "/static/review.css", "/nowhere"])
def test_every_answer_carries_the_security_headers(world, path: str) -> None:
    headers = world.signed_in().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_a_static_file_that_is_not_there_or_is_posted_to_is_an_ordinary_error(world) -> None:
    for answer in (httpx.get(f"{world.base_url}/static/none.js"), httpx.post(f"{world.base_url}/static/icon.svg")):
        assert answer.status_code in (404, 405)
        assert answer.headers["x-frame-options"] == "DENY"
        assert "does not exist" in answer.text


def test_an_unforeseen_failure_shows_a_plain_page_with_the_headers(world, monkeypatch, capfd) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Marigold Fernweh said something")

    client = world.signed_in()
    monkeypatch.setattr(type(world.store.queue), "look", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "x-frame-options" in answer.headers
    shown = answer.text + "".join(capfd.readouterr())
    assert "Fernweh said" not in shown
    assert "Traceback" not in shown


def test_even_a_broken_error_page_is_plain_and_has_the_headers(world, monkeypatch, capfd) -> None:
    from therapyflows.web.review.pages import Pages

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("Marigold Fernweh said something")

    client = world.signed_in()
    monkeypatch.setattr(Pages, "text", broken)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["x-frame-options"]) == (500, "DENY")
    assert "Fernweh" not in answer.text + "".join(capfd.readouterr())


def test_hostile_text_is_shown_as_text(world) -> None:
    world.clients["c-1"] = Client(id="c-1", first_name=PAYLOAD, last_name="Fernweh", pronouns=PAYLOAD)
    client = world.signed_in()
    world.post(client, "statements/st1/edit", text=PAYLOAD)
    world.post(client, "statements", section="plan", text=PAYLOAD)
    for page in (client.get("/").text, client.get(world.path).text):
        assert "<script>window" not in page
        assert "<img src=x" not in page
        assert "{{7*7}}" in page


def test_names_are_in_no_address_and_in_no_audit_entry(world) -> None:
    client = world.signed_in()
    client.get(world.path)
    world.post(client, "statements/st1/edit", text="Fernweh sleeps badly.")
    told = "".join(str(replace(found.entry)) for found in world.store.audit.search())
    assert "Fernweh" not in told
    assert "sleeps" not in told
