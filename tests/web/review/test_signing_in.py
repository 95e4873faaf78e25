"""Signing in, staying, leaving, over plain HTTP."""

from datetime import timedelta

import httpx
import pytest

from therapyflows.core.chart import User
from therapyflows.governance.audit.model import Action

COOKIE = "therapyflows_review"


def anonymous(world, **more) -> httpx.Client:
    return httpx.Client(base_url=world.base_url, timeout=20, **more)


@pytest.mark.parametrize("path", ["/", "/drafts/drf_x", "/drafts/drf_x/recording", "/drafts/drf_x/state"])
def test_nobody_sees_anything_without_signing_in(world, path: str) -> None:
    answer = anonymous(world).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")


def test_the_script_is_told_401(world) -> None:
    assert anonymous(world).get("/drafts/x/state", headers={"Accept": "application/json"}).status_code == 401


def test_signing_in_leads_back_to_where_one_wanted_to_go(world) -> None:
    client = anonymous(world, follow_redirects=True)
    answer = client.get(f"/login/start?next={world.path}")
    assert answer.url.path == world.path
    assert "Marigold Fernweh" in answer.text
    assert world.actions(Action.LOGIN) == ["ok"]


@pytest.mark.parametrize("next_page", ["//evil.example/x", "https://evil.example"])
def test_signing_in_never_leads_elsewhere(world, next_page: str) -> None:
    answer = anonymous(world, follow_redirects=True).get("/login/start", params={"next": next_page})
    assert str(answer.url) == f"{world.base_url}/"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world) -> None:
    client = anonymous(world)
    callback = client.get(client.get("/login/start").headers["location"])
    [header] = [h for h in callback.headers.get_list("set-cookie") if h.startswith(COOKIE)]
    assert "httponly" in header.lower()
    assert "samesite=lax" in header.lower()


def test_a_callback_with_a_foreign_state_signs_nobody_in(world) -> None:
    client = anonymous(world)
    client.get("/login/start")
    answer = client.get("/auth/callback?code=code-0&state=forged")
    assert answer.status_code == 403
    assert client.get("/").status_code == 303
    assert world.actions(Action.LOGIN_FAILED) == ["sign_in_invalid"]


def test_a_callback_in_another_browser_signs_nobody_in(world) -> None:
    location = anonymous(world).get("/login/start").headers["location"]
    victim = anonymous(world)
    assert victim.get(location).status_code == 403
    assert victim.get("/").status_code == 303


def test_a_code_works_once(world) -> None:
    client = anonymous(world)
    location = client.get("/login/start").headers["location"]
    assert client.get(location).status_code == 303
    assert client.get(location).status_code == 403


def test_a_session_from_before_the_log_in_is_worth_nothing_after_it(world) -> None:
    """Session fixation: the id is new at every log-in and the old one ends."""
    client = world.signed_in()
    planted = client.cookies[COOKIE]
    world.sign_in.user_id = "u-sup"
    client.get("/login/start")
    assert client.cookies[COOKIE] != planted
    assert httpx.get(f"{world.base_url}/", cookies={COOKIE: planted}).status_code == 303


def test_idling_signs_out_and_the_page_following_itself_does_not_prevent_it(world) -> None:
    client = world.signed_in()
    for _ in range(4):
        world.clock.ahead += timedelta(minutes=5)
        answer = client.get(f"{world.path}/state", follow_redirects=False)
    assert answer.status_code == 303
    assert client.get("/", follow_redirects=False).status_code == 303


def test_working_keeps_one_signed_in(world) -> None:
    client = world.signed_in()
    for _ in range(4):
        world.clock.ahead += timedelta(minutes=10)
        assert client.post("/session/keepalive").status_code == 200
    assert client.get("/", follow_redirects=False).status_code == 200


def test_after_eight_hours_one_signs_in_again(world) -> None:
    client = world.signed_in()
    for _ in range(48):
        world.clock.ahead += timedelta(minutes=10)
        client.get("/", follow_redirects=False)
    world.clock.ahead += timedelta(minutes=1)
    assert client.get("/", follow_redirects=False).status_code == 303


def test_signing_out_ends_the_session_also_for_a_copy_of_the_cookie(world) -> None:
    client = world.signed_in()
    copied = client.cookies[COOKIE]
    assert client.post("/logout").url.path == "/signed-out"
    assert httpx.get(f"{world.base_url}/", cookies={COOKIE: copied}).status_code == 303
    assert world.actions(Action.LOGOUT) == ["ok"]


def test_an_inactive_account_does_not_get_in(world) -> None:
    world.users["u-gone"] = User(id="u-gone", name="Gone Away", roles=(), active=False)
    client = world.signed_in("u-gone")
    assert client.get("/", follow_redirects=False).status_code == 303
    assert world.actions(Action.LOGIN_FAILED) == ["user_inactive"]


def test_a_person_who_is_no_longer_in_the_ehr_is_signed_out(world) -> None:
    client = world.signed_in()
    del world.users["u-clin"]
    assert client.get("/", follow_redirects=False).headers["location"] == "/login?next=/"
    assert COOKIE not in client.cookies
