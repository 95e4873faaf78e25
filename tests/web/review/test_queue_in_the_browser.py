"""The queue in Chromium: it stays true by itself, and takes the focus from nobody."""

import re

from playwright.sync_api import Page, expect
from tests.web.review.test_queue import RISK

from therapyflows.core.drafts.model import DraftState

AT_ONCE = """() => {
  const real = window.setTimeout;
  window.setTimeout = (deed, ms, ...more) => real(deed, Math.min(ms || 0, 150), ...more);
}"""


def alive(page: Page) -> None:
    """Reload with a queue that looks several times a second."""
    page.add_init_script(f"({AT_ONCE})()")
    page.reload()


def test_a_new_draft_appears_and_is_said_without_taking_the_focus(page: Page, world) -> None:
    alive(page)
    mine = page.locator(f"#open-{world.draft_id}")
    mine.focus()
    urgent = world.seed(2, "c-2", draft=RISK)
    expect(page.locator(f"#open-{urgent}")).to_be_visible()
    expect(page.locator(".queue li").first).to_have_id(f"d-{urgent}")
    expect(mine).to_be_focused()
    said = page.get_by_role("status").first
    expect(said).to_have_text("1 more draft waits for you, 2 in all. One speaks of a risk.")
    expect(page).to_have_title("(2) Waiting for you · TherapyFlows")
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.EXPIRED)
    expect(page.locator(f"#d-{world.draft_id}")).to_have_class("u-ordinary is-gone")
    expect(mine).to_be_focused()
    expect(said).to_have_text("1 draft waits for you.")
    page.keyboard.press("Shift+Tab")
    world.store.drafts.move(urgent, expected=[DraftState.IN_REVIEW], to=DraftState.EXPIRED)
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def test_a_lost_connection_is_said_and_made_up_for(page: Page, world) -> None:
    alive(page)
    page.context.set_offline(True)
    expect(page.get_by_text("No connection. This list is as of")).to_be_visible()
    second = world.seed(2, "c-2")
    page.context.set_offline(False)
    expect(page.locator(f"#open-{second}")).to_be_visible()
    expect(page.locator("#queue-offline")).to_be_hidden()


def test_who_is_signed_out_sees_the_names_no_longer(page: Page, world) -> None:
    alive(page)
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"active": False})
    expect(page.get_by_role("link", name="Sign in with the EHR")).to_be_visible()
    assert "Marigold" not in page.content()


def test_on_a_phone_the_row_is_one_tap_and_fits(page: Page, world) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(f"#open-{world.draft_id}").click()
    expect(page).to_have_url(f"{world.base_url}{world.path}")


def test_a_clinician_puts_one_aside_takes_it_up_and_hands_it_over_by_keyboard(page: Page, world) -> None:
    alive(page)
    page.locator(f"#later-{world.draft_id}").press("Enter")
    page.get_by_role("button", name="Tomorrow morning").press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    page.get_by_role("link", name="Snoozed 1").click()
    page.get_by_role("button", name=re.compile("Now after all.*Marigold")).press("Enter")
    page.get_by_role("link", name="To decide 1").click()
    page.get_by_role("link", name=re.compile("Hand over.*Marigold")).press("Enter")
    page.get_by_role("radio", name="Olive Penhallow").check()
    page.get_by_role("button", name="Hand over").click()
    page.get_by_role("link", name="With a colleague 1").click()
    expect(page.locator(f"#d-{world.draft_id}")).to_contain_text("Olive Penhallow")
    assert world.record().held_by == "u-sup"
