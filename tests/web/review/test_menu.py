"""The header: one line at any width, its menu without a script, by keyboard, and by what a person may do."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.review.practice import BILLER, CLINICIAN, MANAGER, SUPERVISOR

from therapyflows.core.chart import Role, User
from therapyflows.core.people import person_of
from therapyflows.web.review import menu
from therapyflows.web.review.menu import ENTRIES, Entry, home_of, menu_of


def titles(user: User) -> set[str]:
    return {entry.title for _, entries in menu_of(person_of(user)) for entry in entries}


def test_a_person_finds_what_their_role_gives_them() -> None:
    assert {"Waiting for you", "Emergency access"} <= titles(CLINICIAN) & titles(SUPERVISOR)
    assert {"Audit trail", "Emergency reviews"} <= titles(MANAGER)
    assert not titles(CLINICIAN) & {"Audit trail", "Emergency reviews"}
    assert "Waiting for you" not in titles(MANAGER)


def test_the_first_page_is_one_that_the_role_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "ENTRIES", (Entry("For everybody", "/all", None, group="Your work"), *ENTRIES))
    assert home_of(person_of(CLINICIAN)) == "/"
    assert home_of(person_of(MANAGER)) == "/emergency-reviews"
    assert home_of(person_of(BILLER.model_copy(update={"roles": (Role.SCHEDULER,)}))) is None


def test_who_left_the_practice_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "ENTRIES", (Entry("For everybody", "/all", None), *ENTRIES))
    assert menu_of(person_of(CLINICIAN.model_copy(update={"active": False}))) == ()


@pytest.mark.parametrize(
    ("path", "current"),
    [("/audit", "page"), ("/audit/verification", "true"), ("/auditors", None), ("/", None)],
)
def test_an_entry_knows_when_it_is_where_one_is(path: str, current: str | None) -> None:
    assert Entry("Audit trail", "/audit", "view_audit").current(path) == current


def test_every_entry_has_a_path_of_its_own() -> None:
    assert len({entry.path for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("width", [360, 700, 1360])
def test_the_header_is_one_line_and_nothing_sticks_out(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    header = page.locator("header.top").bounding_box()
    for part in ("summary", "form button", ".brand"):
        box = page.locator(f"header.top {part}").bounding_box()
        assert box["y"] >= header["y"]
        assert box["y"] + box["height"] <= header["y"] + header["height"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.get_by_text("Menu", exact=True).click()
    panel = page.locator(".menu-panel").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_opens_it_and_escape_gives_the_focus_back(page: Page) -> None:
    summary, panel = page.get_by_text("Menu", exact=True), page.locator(".menu-panel")
    summary.focus()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    page.keyboard.press("Tab")
    expect(panel.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_click_elsewhere_and_leaving_it_by_tab_close_it(page: Page) -> None:
    summary, panel = page.get_by_text("Menu", exact=True), page.locator(".menu-panel")
    summary.click()
    page.mouse.click(300, 600)
    expect(panel).to_be_hidden()
    summary.click()
    panel.get_by_role("link").last.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    expect(panel).to_be_hidden()


def test_without_a_script_it_leads_on_and_says_where_one_is(browser: Browser, world) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start")
    page.get_by_text("Menu", exact=True).click()
    current = page.locator(".menu-panel [aria-current=page]")
    expect(current).to_have_text("Waiting for you")
    page.locator(".menu-panel").get_by_role("link", name="Emergency access").click()
    expect(page).to_have_url(re.compile("/(emergency|confirm)"))
    context.close()
