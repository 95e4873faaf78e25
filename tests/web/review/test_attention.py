"""Whether drafts are read: what the page measures, who sees it, and when somebody is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from tests.web.review.conftest import World

from therapyflows.core.attention.rules import thresholds
from therapyflows.core.drafts.model import Decision, Verdict
from therapyflows.core.operations.model import ReviewFigures
from therapyflows.core.ports import Attention
from therapyflows.core.training.exercise import Attempt
from therapyflows.governance.audit.model import Action


def decided(world: World, by: str, count: int, **figures: int) -> None:
    """So many approvals of this person, lately."""
    for number in range(count):
        at = world.clock() - timedelta(hours=number + 1)
        decision = Decision(
            f"dec_{by}_{number}", f"drf_{by}_{number}", Verdict.APPROVE, by, "Clinician", at, None, edits=0
        )
        world.store.decisions.record(decision, ReviewFigures("session-note", by, 60, statements=20, **figures))


def tell(world: World, client, **fields: str):
    return client.post(f"{world.path}/attention", data=fields)


def test_what_the_page_measured_stands_in_the_figures_of_the_decision(world: World) -> None:
    client = world.signed_in()
    world.settle_all(client)
    everything = [statement.id for statement in world.working().statements]
    assert tell(world, client, active_s="20", seen=" ".join(everything[:-2])).status_code == 204
    world.post(client, "approve", attested="yes", active_s="1", seen=everything[-2])
    [found] = world.store.figures.reviewing(now=world.clock(), of=None, rules=thresholds())
    assert (found.measured, found.unseen_lines, found.lines) == (1, 1, len(everything))
    assert 20 <= found.active_s <= 21


def test_without_a_script_nothing_is_claimed_about_attention(world: World) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "approve", attested="yes")
    [found] = world.store.figures.reviewing(now=world.clock(), of=None, rules=thresholds())
    assert (found.approvals, found.measured, found.fast_share) == (1, 0, None)


@pytest.mark.parametrize("seconds", ["-5", "1e3", "", "²", "x"])
def test_what_is_no_measurement_is_left_alone(world: World, seconds: str) -> None:
    assert tell(world, world.signed_in(), active_s=seconds, seen="st1").status_code == 204
    assert world.store.attention.get(world.draft_id, "u-clin") is None


def test_ids_that_are_none_are_left_out(world: World) -> None:
    tell(world, world.signed_in(), active_s="1", seen="st1 <b> " + "x" * 200)
    assert world.store.attention.get(world.draft_id, "u-clin") == Attention(1, frozenset({"st1"}))


def test_who_may_not_decide_is_not_measured(world: World) -> None:
    assert tell(world, world.signed_in("u-coll"), active_s="9", seen="st1").status_code == 404
    assert world.store.attention.get(world.draft_id, "u-coll") is None


def test_measuring_keeps_nobody_signed_in(world: World) -> None:
    client = world.signed_in()
    world.clock.ahead += timedelta(minutes=1)
    assert "set-cookie" not in tell(world, client, active_s="9", seen="").headers


def test_a_clinician_sees_themselves_and_a_supervisor_their_people(world: World) -> None:
    decided(world, "u-clin", 12, words=400, active_s=10, unseen=5)
    decided(world, "u-coll", 12, words=400, active_s=10, unseen=5)
    own = world.signed_in().get("/attention").text
    assert "Wren Tamarack" in own.split("<main")[1]
    assert "Basil Nocturne" not in own
    assert "100% approved in less time than reading them" in own
    assert "Only you, your supervisor" in own
    theirs = world.signed_in("u-sup").get("/attention").text
    assert "Wren Tamarack" in theirs
    assert "Basil Nocturne" not in theirs
    everybody = world.signed_in("u-mgr").get("/attention").text
    assert "Wren Tamarack" in everybody
    assert "Basil Nocturne" in everybody


def test_who_decides_nothing_is_refused_and_the_trail_says_so(world: World) -> None:
    assert world.signed_in("u-bill").get("/attention").status_code == 403
    assert [told["deed"] for told in world.details(Action.ACCESS_DENIED)].count("view_attention") == 1


def test_who_reads_is_asked_nothing(world: World) -> None:
    decided(world, "u-clin", 12, words=400, active_s=200, unseen=0)
    page = world.signed_in().get("/attention").text
    assert "data-warning" not in page
    assert "No approvals and no exercises" not in page


def test_the_practice_sees_how_the_last_exercise_went(world: World) -> None:
    begun = Attempt("trn_1", "u-clin", "sleep", 1, world.clock())
    world.store.training.begin(begun)
    assert "of 5 found" not in world.signed_in("u-mgr").get("/attention").text
    world.store.training.finish(replace(begun, finished_at=world.clock(), errors=5, found=3))
    assert "3 of 5 found" in world.signed_in("u-mgr").get("/attention").text


def test_in_the_browser_reading_is_measured(page: Page, world: World) -> None:
    """What stood on the screen counts; what is below it counts once it was scrolled to.  Decided, all is told."""
    world.settle_all(world.signed_in())
    page.set_viewport_size({"width": 1360, "height": 420})
    page.goto(f"{world.base_url}{world.path}")
    lines = page.locator("[data-statement]")
    first, last = lines.first, lines.last

    def seen() -> frozenset[str]:
        page.mouse.wheel(0, 1)  # the page is in use
        page.wait_for_timeout(500)
        found = world.store.attention.get(world.draft_id, "u-clin")
        return found.seen if found else frozenset()

    first.scroll_into_view_if_needed()
    world.wait_until(lambda: first.get_attribute("data-statement") in seen(), seconds=90)
    assert last.get_attribute("data-statement") not in seen()
    last.scroll_into_view_if_needed()
    world.wait_until(lambda: last.get_attribute("data-statement") in seen(), seconds=90)
    found = world.store.attention.get(world.draft_id, "u-clin")
    assert found is not None
    assert found.active_s >= 1
    page.get_by_label("I have read and corrected this note").check()
    page.get_by_role("button", name="Approve and post").click()
    page.wait_for_url("**/drafts/**")
    world.wait_until(lambda: world.store.figures.reviewing(now=world.clock(), of=None, rules=thresholds()))
    [reviewing] = world.store.figures.reviewing(now=world.clock(), of=None, rules=thresholds())
    assert reviewing.measured == 1
    assert reviewing.active_s >= found.active_s
