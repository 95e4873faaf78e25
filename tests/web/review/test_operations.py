"""How drafts and runs fare, for those who may know it; and trying again what failed."""

from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import World

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Transient
from therapyflows.governance.audit.model import Action


def fail(world: World, code: str = "ehr_rejected", draft_id: str = "") -> str:
    draft_id = draft_id or world.draft_id
    world.store.drafts.move(draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.FAILED, failure_code=code)
    world.runs.states[world.store.drafts.get(draft_id).flow_run_id] = "FAILED"
    return draft_id


def try_again(client: httpx.Client, draft_id: str) -> httpx.Response:
    return client.post(f"/operations/drafts/{draft_id}/retry", follow_redirects=False)


def test_an_administrator_sees_the_practice_in_numbers_and_no_client(world: World) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "statements/st1/edit", text="Mine.")
    world.post(client, "approve", attested="yes")
    world.seed(2, "c-2")
    page = world.signed_in("u-mgr").get("/operations").text
    for name in (somebody.last_name for somebody in world.clients.values()):
        assert name not in page
    assert "c-1" not in page
    assert "1 draft waits for a person" in page
    assert "100 %" in page, "one approval, with an edit"
    assert "http://127.0.0.1:4200/runs" in page


def test_a_failure_stands_in_words_with_what_to_do(world: World) -> None:
    fail(world, "no_speech")
    page = world.signed_in("u-mgr").get("/operations").text
    assert "Nobody can be heard in the recording." in page
    assert "Try again</button>" not in page
    assert "/runs/flow-run/run-1" in page


def test_an_administrator_tries_it_again_once(world: World) -> None:
    fail(world)
    client = world.signed_in("u-mgr")
    assert "Try again</button>" in client.get("/operations").text
    for _ in range(2):
        assert try_again(client, world.draft_id).status_code == 303
    assert world.runs.states["run-1"] == "SCHEDULED"
    assert world.record().state is DraftState.PREPARING
    assert world.actions(Action.RUN_RESTARTED) == ["ok"]
    assert "Nothing failed in this period." in client.get("/operations").text


def test_a_run_that_died_under_its_draft_is_listed_and_tried_again(world: World) -> None:
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.PREPARING)
    world.runs.states["run-1"] = "FAILED"
    client = world.signed_in("u-mgr")
    assert "Nothing failed" in client.get("/operations").text, "it may be at work still"
    world.clock.ahead += timedelta(minutes=10)
    world.clock.ahead += timedelta(minutes=6)
    client = world.signed_in("u-mgr")
    assert "The run stopped because" in client.get("/operations").text
    assert try_again(client, world.draft_id).status_code == 303
    assert world.runs.states["run-1"] == "SCHEDULED"


def test_a_supervisor_sees_their_people_and_nobody_else(world: World) -> None:
    fail(world)
    page = world.signed_in("u-sup").get("/operations").text
    assert "You and the people you supervise." in page
    assert world.draft_id in page
    assert "Runs in Prefect" not in page
    world.users["u-sup"] = world.users["u-sup"].model_copy(update={"supervises": ("u-coll",)})
    client = world.signed_in("u-sup")
    assert world.draft_id not in client.get("/operations").text
    assert try_again(client, world.draft_id).status_code == 404
    assert world.record().state is DraftState.FAILED


@pytest.mark.parametrize("person", ["u-clin", "u-bill"])
def test_others_are_refused_and_the_trail_says_so(world: World, person: str) -> None:
    client = world.signed_in(person)
    assert client.get("/operations").status_code == 403
    assert [told["deed"] for told in world.details(Action.ACCESS_DENIED)].count("view_operations") == 1
    assert "Operations" not in client.get("/emergency").text


def test_without_prefect_the_rest_is_there(world: World) -> None:
    client = world.signed_in("u-mgr")
    world.runs.fail_with = [Transient("prefect_unreachable")] * 3
    page = client.get("/operations").text
    assert "Prefect does not answer at the moment" in page
    assert "The queue" in page


def test_an_odd_period_is_not_understood(world: World) -> None:
    assert world.signed_in("u-mgr").get("/operations?days=100000").status_code == 422


def test_in_the_browser_plots_are_drawn_beside_their_tables(page: Page, world: World) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "approve", attested="yes")
    fail(world, draft_id=world.seed(3, "c-2"))
    enter_as(page, world, "u-mgr")
    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    expect(page.locator(".plot.drawn canvas")).to_have_count(4)
    page.get_by_text("The numbers as a table").click()
    expect(page.get_by_role("table", name="Per day").get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing failed in this period.")).to_be_visible()


def enter_as(page: Page, world: World, user_id: str, where: str = "/operations") -> None:
    """Somebody else signs in at the same browser."""
    world.sign_in.user_id = user_id
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{world.base_url}/login/start?next={where}")


def test_in_the_browser_each_role_finds_what_is_theirs(page: Page, world: World) -> None:
    fail(world)
    enter_as(page, world, "u-sup")
    expect(page.get_by_text("You and the people you supervise.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing failed in this period.")).to_be_visible()
    assert world.runs.states["run-1"] == "SCHEDULED"
    enter_as(page, world, "u-clin")
    expect(page.get_by_role("heading", name="Not permitted")).to_be_visible()
    enter_as(page, world, "u-clin", "/attention")
    expect(page.get_by_role("heading", name="How drafts are read")).to_be_visible()
    enter_as(page, world, "u-bill", "/attention")
    expect(page.get_by_role("heading", name="Not permitted")).to_be_visible()
    denied = [told["deed"] for told in world.details(Action.ACCESS_DENIED)]
    assert (denied.count("view_operations"), denied.count("view_attention")) == (1, 1)
