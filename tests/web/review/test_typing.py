"""Words on their way from the keyboard into the note, in Chromium: none is lost, none is left lying about in clear."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.web.review.conftest import World, line

from therapyflows.core.session_note.review import find

MINE = "She sleeps through since Sunday."


def status(page: Page, statement_id: str = "st3"):
    return line(page, statement_id).get_by_role("status")


def type_into(page: Page, text: str, statement_id: str = "st3") -> None:
    line(page, statement_id).get_by_text("Edit", exact=True).click()
    page.locator(f"#text-{statement_id}").fill(text)


def reopened(page: Page, world: World) -> Page:
    """As after a crash: the window is gone without a word, and another one opens the draft."""
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(f"{world.base_url}{world.path}")
    return again


def stored(page: Page) -> str:
    """Everything that this browser keeps for us, as text."""
    return page.evaluate(
        """async () => {
            const all = await idbKeyval.entries();
            const text = (v) => Array.from(new Uint8Array(v.data), (b) => String.fromCharCode(b)).join("");
            const bytes = all.map(([, v]) => text(v));
            return JSON.stringify([all.map(([k]) => k), bytes, {...localStorage}, {...sessionStorage}]);
        }"""
    )


def kept_here(page: Page, count: int) -> None:
    page.wait_for_function("async (n) => (await idbKeyval.keys()).length === n", arg=count)


def test_words_are_kept_while_they_are_typed_and_found_again_after_a_crash(draft: Page, world) -> None:
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("Kept at")
    assert find(world.working(), "st3").text != MINE
    kept_here(draft, 0)  # what the server has does not lie here as well
    again = reopened(draft, world)
    expect(again.locator("#text-st3")).to_have_value(MINE)
    line(again, "st3").get_by_role("button", name="Save").click()
    expect(line(again, "st3").locator(".text")).to_have_text(MINE)
    again.reload()
    expect(line(again, "st3").locator(".text")).to_have_text(MINE)
    expect(again.locator("#text-st3")).to_be_hidden()


def test_without_a_connection_they_wait_encrypted_and_are_sent_when_it_is_back(draft: Page, world) -> None:
    expect(draft.locator("#company")).to_be_hidden()
    draft.wait_for_load_state("networkidle")
    draft.context.set_offline(True)
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("kept on this computer, encrypted")
    kept_here(draft, 1)
    assert "sleeps" not in stored(draft)
    draft.context.set_offline(False)
    expect(status(draft)).to_contain_text("Kept at")
    kept_here(draft, 0)


def test_a_crash_without_a_connection_loses_nothing(draft: Page, world) -> None:
    draft.wait_for_load_state("networkidle")
    draft.context.set_offline(True)
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("kept on this computer, encrypted")
    kept_here(draft, 1)
    context = draft.context
    draft.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{world.base_url}{world.path}")
    expect(again.locator("#text-st3")).to_have_value(MINE)
    expect(status(again)).to_contain_text("Kept at")


def test_signed_out_meanwhile_nothing_in_clear_remains_and_another_person_finds_nothing(draft: Page, world) -> None:
    draft.wait_for_load_state("networkidle")
    context: BrowserContext = draft.context
    context.clear_cookies()
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("you are signed out")
    kept_here(draft, 1)
    draft.close(run_before_unload=False)
    world.sign_in.user_id = "u-sup"
    other = context.new_page()
    other.goto(f"{world.base_url}/login/start?next={world.path}")
    expect(other.get_by_role("heading", name="Marigold Fernweh")).to_be_visible()
    other.wait_for_load_state("networkidle")
    expect(other.locator("#text-st3")).not_to_have_value(MINE)
    assert "sleeps" not in stored(other)
    other.get_by_role("button", name="Sign out").click()
    world.sign_in.user_id = "u-clin"
    other.goto(f"{world.base_url}/login/start?next={world.path}")
    expect(other.locator("#text-st3")).to_have_value(MINE)


def test_another_person_who_signs_in_in_another_window_is_not_given_what_is_typed_here(draft: Page, world) -> None:
    draft.wait_for_load_state("networkidle")
    draft.context.clear_cookies()
    world.sign_in.user_id = "u-sup"
    other = draft.context.new_page()
    other.goto(f"{world.base_url}/login/start?next={world.path}")
    expect(other.get_by_role("heading", name="Marigold Fernweh")).to_be_visible()
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("you are signed out")
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(draft.locator("#message")).to_have_class(re.compile("problem"))
    assert find(world.working(), "st3").text != MINE
    other.reload()
    other.wait_for_load_state("networkidle")
    expect(other.locator("#text-st3")).not_to_have_value(MINE)
    kept_here(draft, 1)


def test_who_loses_the_draft_meanwhile_is_told_and_the_page_stops_asking(draft: Page, world) -> None:
    draft.wait_for_load_state("networkidle")
    draft.clock.install()
    draft.reload()
    clinician = world.users["u-clin"]
    world.users["u-clin"] = clinician.model_copy(update={"caseload": ()})
    draft.clock.run_for(11_000)
    expect(draft.locator("#company")).to_contain_text("not open to you any more")
    asked: list[str] = []
    draft.on("request", lambda request: asked.append(request.url) if request.url.endswith("/company") else None)
    draft.clock.run_for(60_000)
    draft.goto(f"{world.base_url}/")  # what was on its way has been seen when another page stands there
    assert asked == []


def test_a_deed_on_another_line_leaves_what_is_being_typed(draft: Page) -> None:
    type_into(draft, MINE)
    line(draft, "st5").get_by_role("button", name="Keep as it is").click()
    expect(line(draft, "st5")).to_contain_text("Kept by you")
    expect(draft.locator("#text-st3")).to_have_value(MINE)
    expect(draft.locator("#text-st3")).to_be_visible()


def test_cancelled_words_do_not_come_back(draft: Page) -> None:
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("Kept at")
    with draft.expect_response(lambda r: r.url.endswith("/words") and r.request.method == "POST"):
        draft.keyboard.press("Escape")
    draft.reload()
    draft.wait_for_load_state("networkidle")
    expect(draft.locator("#text-st3")).to_be_hidden()


def test_words_for_a_line_that_is_gone_are_shown(draft: Page, world) -> None:
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("Kept at")
    world.post(world.signed_in("u-sup"), "statements/st3/remove")
    draft.reload()
    expect(draft.locator("#homeless")).to_contain_text(MINE)
    draft.locator("#homeless").get_by_role("button", name="Discard").click()
    expect(draft.locator("#homeless")).to_be_hidden()


@pytest.fixture
def supervisor(browser: Browser, world):
    """The same draft before the supervisor, in her own browser."""
    world.sign_in.user_id = "u-sup"
    page = browser.new_context().new_page()
    page.goto(f"{world.base_url}/login/start?next={world.path}")
    yield page
    page.context.close()


def test_two_people_see_one_another_and_a_conflict_shows_both_texts(draft: Page, supervisor: Page, world) -> None:
    type_into(draft, MINE)
    expect(status(draft)).to_contain_text("Kept at")
    supervisor.reload()
    expect(supervisor.locator("#company")).to_contain_text("Wren Tamarack is editing this draft too")
    type_into(supervisor, "She sleeps badly since Sunday.")
    line(supervisor, "st3").get_by_role("button", name="Save").click()
    expect(line(supervisor, "st3").locator(".text")).to_have_text("She sleeps badly since Sunday.")
    line(draft, "st3").get_by_role("button", name="Save").click()
    clash = line(draft, "st3").locator(".clash")
    expect(clash).to_contain_text("She sleeps badly since Sunday.")
    expect(clash.locator("del")).to_have_text("badly")
    expect(clash.locator("ins")).to_have_text("through")
    expect(draft.locator("#text-st3")).to_have_value(MINE)
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(line(draft, "st3").locator(".text")).to_have_text(MINE)


def test_work_on_different_lines_goes_side_by_side(draft: Page, supervisor: Page, world) -> None:
    line(supervisor, "st5").get_by_role("button", name="Keep as it is").click()
    expect(line(supervisor, "st5")).to_contain_text("Kept by you")
    type_into(draft, MINE)
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(line(draft, "st3").locator(".text")).to_have_text(MINE)
    expect(line(draft, "st5")).to_contain_text("Kept by you")
    supervisor.clock.install()
    supervisor.reload()
    world.post(world.signed_in(), "statements/st9/remove")
    supervisor.clock.fast_forward("00:11")
    supervisor.get_by_role("button", name="Show it as it is now").click()
    expect(line(supervisor, "st9")).to_have_count(0)
    expect(supervisor.locator("#company")).not_to_contain_text(re.compile("changed meanwhile"))


def test_ctrl_z_takes_a_saved_change_back_but_in_a_box_it_is_the_boxs(draft: Page, world) -> None:
    before = line(draft, "st3").locator(".text").inner_text()
    type_into(draft, MINE)
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(line(draft, "st3").locator(".text")).to_have_text(MINE)
    line(draft, "st3").get_by_text("Edit", exact=True).click()
    draft.locator("#text-st3").press("Control+z")
    draft.keyboard.press("Escape")
    expect(line(draft, "st3").locator(".text")).to_have_text(MINE)
    draft.keyboard.press("Control+z")
    expect(line(draft, "st3").locator(".text")).to_have_text(before)
    draft.get_by_role("button", name="Redo: an edit").click()
    expect(line(draft, "st3").locator(".text")).to_have_text(MINE)
