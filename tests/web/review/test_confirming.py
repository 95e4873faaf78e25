"""The password once more, for what asks for it; and sessions of people whom the EHR no longer knows."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from therapyflows.core.chart import User
from therapyflows.core.errors import Transient
from therapyflows.governance.audit.model import Action
from therapyflows.web.review.app import create_review_app
from therapyflows.web.review.confirming import ConfirmedPerson

COOKIE = "therapyflows_review"


@pytest.fixture
def guarded(world) -> httpx.AsyncClient:
    """The application with one page more, which asks for the password."""
    app: FastAPI = create_review_app(world.deps)

    @app.get("/guarded")
    @app.post("/guarded")
    async def page(reviewer: ConfirmedPerson) -> dict[str, str]:
        return {"user": reviewer.user.id}

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=world.base_url, follow_redirects=True)


async def test_signing_in_is_not_enough_and_entering_the_password_again_is(world, guarded: httpx.AsyncClient) -> None:
    await guarded.get("/login/start")
    asked = await guarded.get("/guarded")
    assert (asked.url.path, str(asked.url.query, "ascii")) == ("/confirm", "next=/guarded")
    assert "your EHR password once more" in asked.text
    assert (await guarded.post("/guarded")).status_code == 401
    before = guarded.cookies[COOKIE]
    done = await guarded.get("/confirm/start?next=/guarded")
    assert done.json() == {"user": "u-clin"}
    assert world.sign_in.history[-2].endswith(" fresh")
    assert world.actions(Action.LOGIN_CONFIRMED) == ["ok"]
    assert guarded.cookies[COOKIE] != before
    assert httpx.get(f"{world.base_url}/", cookies={COOKIE: before}).status_code == 303, "the old session ends"


async def test_after_ten_minutes_it_is_asked_again(world, guarded: httpx.AsyncClient) -> None:
    await guarded.get("/login/start")
    await guarded.get("/confirm/start?next=/guarded")
    world.clock.ahead += timedelta(minutes=10, seconds=1)
    assert (await guarded.get("/guarded")).url.path == "/confirm"


async def test_somebody_elses_password_confirms_nothing(world, guarded: httpx.AsyncClient) -> None:
    await guarded.get("/login/start")
    world.sign_in.user_id = "u-sup"
    assert (await guarded.get("/confirm/start?next=/guarded")).status_code == 403
    assert world.actions(Action.LOGIN_FAILED) == ["confirmed_by_another"]
    assert (await guarded.get("/guarded")).url.path == "/confirm"


def test_only_who_is_signed_in_confirms(world) -> None:
    assert httpx.get(f"{world.base_url}/confirm").status_code == 303
    assert httpx.get(f"{world.base_url}/confirm/start").headers["location"] == "/login?next=/confirm/start"


def test_who_is_no_longer_active_is_signed_out_in_every_browser(world) -> None:
    first, second = world.signed_in(), world.signed_in()
    copied = second.cookies[COOKIE]
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"active": False})
    assert first.get("/", follow_redirects=False).headers["location"] == "/login?next=/"
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"active": True})
    assert httpx.get(f"{world.base_url}/", cookies={COOKIE: copied}).status_code == 303
    [told] = [e.entry for e in world.store.audit.search() if e.entry.action == Action.SESSION_ENDED]
    assert (told.actor.id, told.outcome, told.details) == ("u-clin", "user_inactive", {"sessions": 2})


def test_a_log_out_holds_in_another_process_with_the_same_store(world) -> None:
    client = world.signed_in()
    copied = client.cookies[COOKIE]
    client.post("/logout")
    sessions = create_review_app(world.deps).state.sessions
    assert sessions.open(copied, world.clock()) is None


def test_a_store_that_is_away_lets_nobody_in_and_takes_no_cookie_away(world, monkeypatch) -> None:
    def away(*_: object) -> bool:
        raise Transient("store_unavailable")

    client = world.signed_in()
    with monkeypatch.context() as patch:
        patch.setattr(type(world.store.review_sessions), "is_open", away)
        answer = client.get("/", follow_redirects=False)
        assert answer.status_code == 503
        assert "does not answer" in answer.text
        assert world.post(client, "statements/st1/keep").status_code == 503
    assert client.get("/", follow_redirects=False).status_code == 200


def test_an_ehr_that_is_away_lets_nobody_see_anything(world) -> None:
    client = world.signed_in()

    async def away(user_id: str) -> User:
        raise Transient("ehr_unavailable")

    app = create_review_app(replace(world.deps, users=away))
    cookies = {COOKIE: client.cookies[COOKIE]}
    assert _ask(app, world.base_url, world.path, cookies) == (503, True)


def _ask(app: FastAPI, base_url: str, path: str, cookies: dict[str, str]) -> tuple[int, bool]:
    import asyncio

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=base_url, cookies=cookies) as client:
            return await client.get(path)

    answer = asyncio.run(ask())
    return answer.status_code, "The EHR or another part of the system does not answer." in answer.text


async def test_over_https_cookies_are_secure_and_of_this_host_alone(world) -> None:
    app = create_review_app(replace(world.deps, base_url="https://review.practice.example"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://review.practice.example") as client:
        begun = await client.get("/login/start")
        back = await client.get(begun.headers["location"])
    made = begun.headers.get_list("set-cookie") + back.headers.get_list("set-cookie")
    named = {header.split("=")[0] for header in made if "Max-Age=0" not in header}
    assert named == {f"__Host-therapyflows_{name}" for name in ("signin", "review", "device")}
    for header in made:
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in header.split(";")}
    assert "max-age=" in back.headers["strict-transport-security"]
