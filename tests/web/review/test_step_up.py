"""The password before an approval, in the browser: nothing that was typed is lost on the way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import World, serving_world
from tests.web.review.test_intake import seed_intake

from therapyflows.core.drafts.model import DraftState
from therapyflows.integrations.store import Store


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    with serving_world(store, confirm_approval=True) as made:
        yield made


def test_words_in_an_open_box_stop_the_way_to_the_sign_in(page: Page, world: World) -> None:
    world.settle_all(world.signed_in())
    page.goto(f"{world.base_url}{world.path}")
    line = page.locator("[data-statement]").first
    line.locator("details.edit summary").click()
    line.locator("textarea").fill("Half a sentence")
    page.get_by_role("link", name="Enter it now").click()
    expect(page.locator("#message")).to_contain_text("Save or cancel this edit")
    expect(line.locator("textarea")).to_have_value("Half a sentence")
    line.get_by_role("button", name="Save").click()
    expect(line.locator("p.text")).to_have_text("Half a sentence")
    page.get_by_role("link", name="Enter it now").click()
    expect(page.get_by_text("asks for your EHR password")).to_have_count(0)
    expect(page.locator("[data-statement] p.text").first).to_have_text("Half a sentence")
    page.get_by_label("I have read and corrected this note").check()
    page.get_by_role("button", name="Approve and post").click()
    expect(page.get_by_text("being posted")).to_be_visible()
    assert world.record().state is DraftState.APPROVED


def test_so_do_words_on_the_page_of_an_intake(page: Page, world: World) -> None:
    intake = seed_intake(world).id
    page.goto(f"{world.base_url}/intakes/{intake}")
    page.locator("#body").fill("A welcome that nobody saved")
    page.get_by_role("link", name="Enter it now").click()
    expect(page.locator("#unsaved")).to_have_text("Save or empty what you typed here before you go on.")
    expect(page.locator("#body")).to_have_value("A welcome that nobody saved")
    expect(page.locator("#body")).to_be_focused()
