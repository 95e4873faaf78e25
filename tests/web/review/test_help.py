"""The help page: for everybody who is signed in, with their own opt-out and the keys that the draft page has."""

import re
from html import unescape

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.review.practice import BILLER, CLINICIAN, MANAGER, SUPERVISOR

from therapyflows.core.chart import Role
from therapyflows.web.review.help import taking_part
from therapyflows.web.review.keys import SHORTCUTS


@pytest.mark.parametrize("user", [CLINICIAN, SUPERVISOR, MANAGER, BILLER])
def test_everybody_who_is_signed_in_gets_help(world, user) -> None:
    page = world.signed_in(user.id).get("/help")
    assert page.status_code == 200
    assert "It does not sign." in page.text
    assert ("<b>Now:</b>" in page.text) is (user in (CLINICIAN, SUPERVISOR))


def test_nobody_else_does(world) -> None:
    answer = httpx.get(f"{world.base_url}/help")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "You take part"),
        ({"ai_opt_out": True}, "You have opted out: no draft is started"),
        ({"ai_opt_out_workflows": ("session-note",)}, "You have opted out of: session note. Otherwise"),
    ],
)
def test_a_clinician_reads_whether_they_take_part(world, changes, words) -> None:
    world.users[CLINICIAN.id] = CLINICIAN.model_copy(update=changes)
    assert words in world.signed_in().get("/help").text


def test_who_has_no_sessions_has_nothing_to_opt_out_of() -> None:
    assert taking_part(CLINICIAN.model_copy(update={"roles": (Role.SCHEDULER,)})) is None


def test_the_dialog_of_the_draft_page_and_the_help_page_show_the_same_keys(world) -> None:
    client = world.signed_in()
    shown = [re.findall(r'<dl class="keys">(.*?)</dl>', client.get(path).text, re.S) for path in (world.path, "/help")]
    assert shown[0] == shown[1]
    keys = [key for shortcut in SHORTCUTS for chord in shortcut.chords for key in chord]
    assert [unescape(key) for key in re.findall(r"<kbd>([^<]+)</kbd>", shown[0][0])] == keys


def test_help_is_reached_from_the_menu_by_keyboard_and_leads_to_the_keys(page: Page) -> None:
    page.get_by_text("Menu", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator(".menu-panel").get_by_role("link", name="Help").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Keys of the draft page").click()
    expect(page).to_have_url(re.compile(r"/help#keys$"))
    expect(page.get_by_role("heading", name="Keys of the draft page")).to_be_in_viewport()


def test_on_a_phone_nothing_sticks_out(browser: Browser, world) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start?next=/help")
    expect(page.get_by_role("heading", name="How to opt out")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
