"""Guessing and forging are slowed down and told; nobody is locked out by what others do."""

from datetime import timedelta

import httpx
import pytest

from therapyflows.governance.audit.model import Action

COOKIE = "therapyflows_review"


@pytest.fixture(autouse=True)
def no_time_passes(world) -> None:
    """A busy machine must not outlast a lock."""
    world.clock.stop()


def anonymous(world, **more) -> httpx.Client:
    return httpx.Client(base_url=world.base_url, timeout=20, **more)


def forge_callback(world) -> httpx.Response:
    return anonymous(world).get("/auth/callback?code=stolen&state=guessed")


def forge_cookie(world) -> httpx.Response:
    return anonymous(world, cookies={COOKIE: "gAAAAAguess"}).get("/login")


def forge_origin(world) -> httpx.Response:
    return anonymous(world).post("/logout", data={"x": "1"}, headers={"Origin": "https://evil.example"})


@pytest.mark.parametrize(
    ("forge", "status", "kind"),
    [(forge_callback, 403, "callback"), (forge_cookie, 200, "cookie"), (forge_origin, 403, "form")],
)
def test_forging_is_slowed_down_more_and_more_and_told_once_a_while(world, forge, status: int, kind: str) -> None:
    assert [forge(world).status_code for _ in range(6)] == [status] * 6
    slowed = forge(world)
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "1")
    assert slowed.headers["x-frame-options"] == "DENY"
    world.clock.ahead += timedelta(seconds=1)
    assert forge(world).status_code == status
    assert forge(world).headers["retry-after"] == "2"
    assert world.actions(Action.ACCESS_THROTTLED) == [kind, kind]


def test_behind_a_proxy_each_place_counts_for_itself(world) -> None:
    def forge_from(address: str) -> int:
        return httpx.get(
            f"{world.base_url}/auth/callback?code=a&state=b", headers={"X-Forwarded-For": address}
        ).status_code

    assert [forge_from("203.0.113.7") for _ in range(7)] == [403] * 6 + [429]
    assert forge_from("203.0.113.8") == 403
    [told] = [e.entry for e in world.store.audit.search() if e.entry.action == Action.ACCESS_THROTTLED]
    assert told.details == {"failures": 6, "seconds": 1, "from": "203.0.113.7"}


@pytest.mark.parametrize("forge", [forge_callback, forge_cookie, forge_origin])
def test_somebody_who_forges_at_the_same_address_locks_nobody_out(world, forge) -> None:
    working = world.signed_in()
    for _ in range(20):
        forge(world)
    assert forge(world).status_code == 429
    assert working.get(world.path).status_code == 200
    assert world.post(working, "statements/st1/keep").status_code == 303
    assert world.signed_in("u-sup").get("/").status_code == 200


def test_a_cookie_that_is_slowed_down_is_taken_away_so_that_an_old_one_harms_once(world) -> None:
    for _ in range(6):
        forge_cookie(world)
    client = anonymous(world, cookies={COOKIE: "gAAAAAsealed with an older key"})
    answer = client.get("/login")
    assert answer.status_code == 429
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_a_page_of_another_site_does_not_slow_down_the_session_that_it_abuses(world) -> None:
    client = world.signed_in()
    for _ in range(20):
        client.post(f"{world.path}/approve", data={"version": "2"}, headers={"Origin": "https://evil.example"})
    assert world.post(client, "statements/st1/keep").status_code == 303


def test_wrong_tokens_of_one_session_are_slowed_down_and_right_ones_are_not(world) -> None:
    client = world.signed_in()
    right = client.headers["X-CSRF-Token"]
    client.headers["X-CSRF-Token"] = "guess"
    statuses = [world.post(client, "statements/st1/keep").status_code for _ in range(7)]
    assert statuses == [403] * 6 + [429]
    client.headers["X-CSRF-Token"] = right
    assert world.post(client, "statements/st1/keep").status_code == 303
    assert world.actions(Action.ACCESS_THROTTLED) == ["form"]


def test_sign_ins_that_the_ehr_refuses_are_slowed_down_but_not_in_a_browser_known_from_before(world) -> None:
    known = world.signed_in()
    world.sign_in.refuse = True
    for _ in range(6):
        anonymous(world, follow_redirects=True).get("/login/start")
    assert anonymous(world).get("/login/start").status_code == 429
    world.sign_in.refuse = False
    known.post("/logout")
    assert known.get("/login/start").url.path == "/"
    world.clock.ahead += timedelta(seconds=1)
    assert anonymous(world, follow_redirects=True).get("/login/start").url.path == "/"


def test_an_ehr_that_is_away_counts_against_nobody(world, monkeypatch) -> None:
    from therapyflows.core.errors import Transient

    async def away(*_: object, **__: object) -> str:
        raise Transient("sign_in_unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.sign_in), "finish", away)
        statuses = [anonymous(world, follow_redirects=True).get("/login/start").status_code for _ in range(10)]
    assert statuses == [503] * 10
    assert world.signed_in().get("/").status_code == 200


def test_trying_out_drafts_is_slowed_down_alike_for_real_and_invented_ones(world) -> None:
    client = world.signed_in("u-coll")
    for number in range(21):
        assert client.get(f"/drafts/drf_{number}").status_code == 404
    real, invented = client.get(world.path), client.get("/drafts/drf_x")
    assert (real.status_code, invented.status_code) == (429, 429)
    assert real.text == invented.text
    assert len(world.actions(Action.ACCESS_DENIED)) == 21
    [told] = [e.entry for e in world.store.audit.search() if e.entry.action == Action.ACCESS_THROTTLED]
    assert (told.actor.id, told.outcome, told.details["failures"]) == ("u-coll", "probing", 21)


def test_who_tried_out_drafts_still_reads_their_own(world) -> None:
    client = world.signed_in()
    for number in range(25):
        client.get(f"/drafts/drf_{number}")
    assert client.get(world.path).status_code == 200
