"""Snippets: one's own, and the practice's; inserted while writing."""

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.review.conftest import line

from therapyflows.governance.audit.model import Action

PAYLOAD = "<img src=x onerror=window.hacked=1>"


def post(client, whose: str, **fields: str):
    return client.post(f"/snippets/{whose}", data=fields, follow_redirects=False)


def texts(world, client) -> dict[str, str]:
    return {s["name"]: s["text"] for s in client.get(f"{world.path}/snippets").json()["snippets"]}


def test_ones_own_snippets_are_saved_changed_and_removed(world) -> None:
    client = world.signed_in()
    assert post(client, "own", name="plan", text="Continue weekly with {client}, from {date}.").status_code == 303
    assert texts(world, client) == {"plan": "Continue weekly with Marigold Fernweh, from Mon 23 Nov 2026."}
    assert "/plan" in client.get("/snippets").text
    assert texts(world, world.signed_in("u-sup")) == {}
    post(client, "own", name="plan", deed="remove")
    assert texts(world, client) == {}
    changes = [d["change"] for d in world.details(Action.SNIPPETS_CHANGED)]
    assert changes == ["saved", "removed"]


@pytest.mark.parametrize("user_id", ["u-sup", "u-mgr"])
def test_supervisors_and_administrators_keep_the_practices(world, user_id: str) -> None:
    assert post(world.signed_in(user_id), "practice", name="end", text="Ended on time.").status_code == 303
    assert texts(world, world.signed_in()) == {"end": "Ended on time."}


def test_a_clinician_reads_the_practices_and_does_not_change_them(world) -> None:
    post(world.signed_in("u-mgr"), "practice", name="end", text="Ended on time.")
    client = world.signed_in()
    assert "Ended on time." in client.get("/snippets").text
    assert 'action="/snippets/practice"' not in client.get("/snippets").text
    assert post(client, "practice", name="end", text="Mine.").status_code == 403
    assert texts(world, client) == {"end": "Ended on time."}
    assert world.actions(Action.ACCESS_DENIED) == ["role_not_permitted"]


def test_somebody_without_the_right_is_refused_and_told_of(world) -> None:
    client = world.signed_in("u-bill")
    assert client.get("/snippets").status_code == 403
    assert post(client, "own", name="x", text="x").status_code == 403
    assert client.get(f"{world.path}/snippets").status_code == 403
    assert len(world.actions(Action.ACCESS_DENIED)) >= 3


@pytest.mark.parametrize(("name", "text"), [("a b", "x"), ("a", ""), ("a", "{x}")])
def test_what_cannot_be_a_snippet_is_refused_in_words(world, name: str, text: str) -> None:
    assert post(world.signed_in(), "own", name=name, text=text).status_code == 422


def test_a_snippet_is_inserted_by_its_name_and_by_the_menu(draft: Page, world) -> None:
    client = world.signed_in()
    post(client, "own", name="plan", text=f"{PAYLOAD} Continue weekly with {{client}}.")
    post(client, "own", name="end", text="Ended on time.")
    line(draft, "st3").get_by_text("Edit", exact=True).click()
    box = draft.locator("#text-st3")
    box.fill("")
    box.press_sequentially("Well. /p")
    expect(draft.locator("#insert-list [role=option]")).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value(f"Well. {PAYLOAD} Continue weekly with Marigold Fernweh.")
    expect(line(draft, "st3").get_by_role("status")).to_contain_text("Kept at")
    box.press_sequentially(" /")
    expect(draft.locator("#insert-list [role=option]")).to_have_count(2)
    box.press("Escape")
    expect(draft.locator("#insert-list [role=option]")).to_have_count(0)
    expect(box).to_be_visible()
    box.fill("")
    line(draft, "st3").get_by_role("button", name="Insert").click()
    box.press("ArrowDown")
    box.press("ArrowUp")
    box.press("Tab")
    expect(box).to_have_value("Ended on time.")
    assert draft.evaluate("window.hacked") is None


def test_the_page_is_used_without_scripts_and_fits_a_phone(browser: Browser, world) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.set_default_timeout(45_000)
    world.sign_in.user_id = "u-sup"
    page.goto(f"{world.base_url}/login/start?next=/snippets")
    form = page.locator("form.new-snippet", has_text="whole practice")
    form.get_by_label("Name").fill("sleep-plan")
    form.get_by_label("Text").fill("Sleep diary, same hours, no screens in bed.")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="/sleep-plan")).to_be_visible()
    page.get_by_role("button", name="Remove /sleep-plan").click()
    expect(page.get_by_role("heading", name="/sleep-plan")).to_have_count(0)
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["width"] <= 360
    context.close()
