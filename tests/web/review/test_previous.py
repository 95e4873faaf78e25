"""The draft beside the client's previous note."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import line

from therapyflows.core.chart import Note, NoteSection
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action

PAYLOAD = "<script>window.hacked=1</script>"


def earlier(text: str) -> Note:
    section = NoteSection(name="Subjective", text=text)
    return Note(id="n-1", client_id="c-1", clinician_id="u-clin", draft_content=(section,), status="Signed")


def with_previous(world, note: Note | None) -> None:
    world.chart.change = lambda context: replace(context, previous_note=note)


def test_what_was_carried_over_and_what_is_gone(world) -> None:
    carried = find(world.working(), "st1").text
    with_previous(world, earlier(f"{carried} Her cat has died."))
    page = world.signed_in().get(f"{world.path}/previous").text
    assert "1 carried over" in page
    assert "Her cat has died." in page
    assert world.actions(Action.DRAFT_VIEWED) == ["ok"]


def test_without_an_earlier_note_the_page_says_so(world) -> None:
    assert "no earlier note" in world.signed_in().get(f"{world.path}/previous").text


def test_text_of_the_chart_stays_text(world) -> None:
    with_previous(world, earlier(f"She said {PAYLOAD} to me."))
    page = world.signed_in().get(f"{world.path}/previous").text
    assert PAYLOAD not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("user_id", ["u-coll", "u-bill", "u-mgr"])
def test_somebody_without_the_right_is_refused(world, user_id: str) -> None:
    assert world.signed_in(user_id).get(f"{world.path}/previous").status_code in (403, 404)
    assert world.actions(Action.ACCESS_DENIED)


def test_the_supervisor_sees_it(world) -> None:
    assert world.signed_in("u-sup").get(f"{world.path}/previous").status_code == 200


def test_the_changes_to_the_draft_are_shown_word_by_word_and_as_a_whole(draft: Page, world) -> None:
    assert draft.get_by_role("button", name="Show changes").count() == 0
    before = line(draft, "st3").locator(".text").inner_text()
    world.post(world.signed_in(), "statements/st3/edit", text=before + " No more since.")
    draft.reload()
    expect(line(draft, "st3").locator(".was ins")).to_have_text("No more since.")
    toggle = draft.get_by_role("button", name="Show changes")
    toggle.click()
    expect(line(draft, "st3").locator("> .text")).to_be_hidden()
    expect(line(draft, "st3").locator(".was")).to_be_visible()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    line(draft, "st5").get_by_role("button", name="Keep as it is").click()
    expect(line(draft, "st5")).to_contain_text("Kept by you")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    draft.get_by_role("link", name=re.compile("Beside the previous note")).click()
    expect(draft.get_by_role("heading", name=re.compile("beside the previous note"))).to_be_visible()
