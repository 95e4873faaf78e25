"""The first-run tour: once for each person, step by step or as a list, skipped, finished, and shown again."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.review.practice import CLINICIAN, MANAGER

from therapyflows.web.review.tour import tours


@pytest.fixture
def fresh(page: Page, world) -> Page:
    """A clinician who has seen nothing yet."""
    world.store.tours.forget(CLINICIAN.id)
    page.goto(f"{world.base_url}/")
    return page


def test_it_is_walked_through_by_keyboard_alone_and_not_shown_again(fresh: Page, world) -> None:
    steps = tours()["queue"].steps
    tour = fresh.get_by_role("region", name=tours()["queue"].title)
    expect(tour.get_by_role("heading", name=steps[0].title)).to_be_visible()
    expect(tour.get_by_role("heading", name=steps[1].title)).to_be_hidden()
    expect(tour.get_by_text(f"Step 1 of {len(steps)}")).to_be_visible()
    expect(tour.get_by_role("button", name="Back")).to_be_disabled()
    for step in steps[1:]:
        tour.get_by_role("button", name="Next").focus()
        fresh.keyboard.press("Enter")
        expect(tour.get_by_role("heading", name=step.title)).to_be_focused()
    expect(fresh.locator(".tour-here")).to_have_count(1)
    tour.get_by_role("button", name="Done").focus()
    fresh.keyboard.press("Enter")
    expect(tour).to_have_count(0)
    assert world.store.tours.seen_by(CLINICIAN.id) == {"queue"}
    fresh.reload()
    expect(fresh.get_by_role("heading", level=1)).to_be_visible()
    expect(tour).to_have_count(0)


def test_it_is_skipped_by_escape_and_the_draft_has_one_of_its_own(fresh: Page, world) -> None:
    fresh.get_by_role("button", name="Next").focus()
    fresh.keyboard.press("Escape")
    expect(fresh.locator("#tour")).to_have_count(0)
    fresh.goto(world.base_url + world.path)
    expect(fresh.get_by_role("region", name=tours()["draft"].title)).to_be_visible()
    fresh.get_by_role("button", name="Skip").click()
    expect(fresh).to_have_url(world.base_url + world.path)
    expect(fresh.locator("#tour")).to_have_count(0)


def test_every_step_is_about_something_on_its_page(fresh: Page, world) -> None:
    for name, path in (("queue", "/"), ("draft", world.path)):
        fresh.goto(world.base_url + path)
        missing = [step.title for step in tours()[name].steps if fresh.locator(step.at).count() == 0]
        assert missing == []


def test_help_shows_them_again(page: Page, world) -> None:
    page.goto(f"{world.base_url}/help")
    page.get_by_role("button", name="Show the tours again").click()
    expect(page.get_by_role("region", name=tours()["queue"].title)).to_be_visible()


def test_without_a_script_it_is_a_list_that_can_be_put_away(browser: Browser, world) -> None:
    world.store.tours.forget(CLINICIAN.id)
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start")
    for step in tours()["queue"].steps:
        expect(page.get_by_role("heading", name=step.title)).to_be_visible()
    page.get_by_role("button", name="Do not show this again").click()
    expect(page.locator("#tour")).to_have_count(0)
    assert world.store.tours.seen_by(CLINICIAN.id) == {"queue"}
    context.close()


def test_it_leads_nowhere_else(world) -> None:
    client = world.signed_in()
    answer = client.post("/tours/queue", data={"next": "https://evil.example/"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.post("/tours/nothing", data={"next": "/"}).status_code == 404


def test_who_reviews_nothing_has_none(world) -> None:
    world.store.tours.forget(MANAGER.id)
    assert re.search('id="tour"', world.signed_in(MANAGER.id).get("/").text) is None
