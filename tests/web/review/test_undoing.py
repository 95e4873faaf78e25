"""Undo until the run has woken, by whoever decided; and what the page tells of a decision."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import World, serving_world

from therapyflows.core.drafts.model import DraftState
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    """A window of an hour, and notes that have an address in the EHR."""
    with serving_world(store, undo_for=timedelta(hours=1), ehr_note_url="https://ehr.example/n/{note_id}") as made:
        yield made


def approved(world: World, **fields: str):
    client = world.signed_in()
    world.settle_all(client)
    for statement, text in fields.items():
        world.post(client, f"statements/{statement}/edit", text=text)
    assert world.post(client, "approve", attested="yes").status_code == 303
    return client


def decision_id(world: World) -> str:
    return world.store.decisions.for_draft(world.draft_id).id


def undo(world: World, client, decision: str | None = None):
    return world.post(client, "undo", decision=decision or decision_id(world))


def test_an_approval_that_is_undone_is_under_review_with_its_corrections(world: World) -> None:
    client = approved(world, st1="My words.")
    shown = world.working()
    assert world.runs.resumed == []
    assert "you can still undo it" in client.get(world.path).text
    assert undo(world, client).status_code == 303
    assert world.record().state is DraftState.IN_REVIEW
    assert world.working() == shown
    assert world.actions(Action.DECISION_UNDONE) == ["ok"]
    assert "Your decision" in client.get(world.path).text
    assert world.post(client, "approve", attested="yes").status_code == 303


def test_the_record_and_the_trail_say_with_how_many_edits(world: World) -> None:
    client = approved(world, st1="My words.", st2="Mine, too.")
    assert world.store.decisions.for_draft(world.draft_id).edits == 2
    [told] = world.details(Action.DRAFT_APPROVED)
    assert told["edits"] == 2
    assert "Approved with 2 edits" in client.get(world.path).text


def test_when_the_time_is_over_the_run_wakes_and_undo_is_too_late(world: World) -> None:
    client = approved(world)
    stood = decision_id(world)
    world.clock.ahead += timedelta(hours=1, seconds=1)
    world.wait_until(lambda: world.runs.resumed)
    answer = undo(world, world.signed_in(), stood)
    assert answer.status_code == 409
    assert "Correct it there" in answer.text
    assert world.record().state is DraftState.APPROVED
    assert "Undo" not in client.get(world.path).text


def test_only_who_decided_can_undo(world: World) -> None:
    approved(world)
    supervisor = world.signed_in("u-sup")
    assert "Undo" not in supervisor.get(world.path).text
    assert undo(world, supervisor).status_code == 403
    assert world.record().state is DraftState.APPROVED
    assert world.actions(Action.ACCESS_DENIED) == ["not_the_decider"]


@pytest.mark.parametrize("stranger", ["u-coll", "u-bill"])
def test_who_has_no_right_to_the_draft_does_not_even_see_it(world: World, stranger: str) -> None:
    approved(world)
    client = world.signed_in(stranger)
    before = len(world.actions(Action.ACCESS_DENIED))
    assert undo(world, client).status_code in (403, 404)
    assert world.record().state is DraftState.APPROVED
    assert len(world.actions(Action.ACCESS_DENIED)) == before + 1


def test_a_page_of_an_older_decision_undoes_no_newer_one(world: World) -> None:
    client = approved(world)
    old = decision_id(world)
    undo(world, client)
    world.post(client, "approve", attested="yes")
    assert undo(world, client, old).status_code == 303
    assert world.record().state is DraftState.APPROVED


def test_what_was_posted_and_where(world: World) -> None:
    client = approved(world, st1="What I approved.")
    world.store.drafts.move(world.draft_id, expected=[DraftState.APPROVED], to=DraftState.POSTED, ehr_note_id="n/7")
    page = client.get(world.path).text
    assert "The note as posted" in page
    assert "What I approved." in page
    assert 'href="https://ehr.example/n/n%2F7"' in page
    assert "approved_note" in [told.get("what") for told in world.details(Action.DRAFT_VIEWED)]


def test_in_the_browser_the_decision_is_undone_and_taken_again(page: Page, world: World) -> None:
    world.settle_all(world.signed_in())
    page.goto(f"{world.base_url}{world.path}")
    page.get_by_label("I have read and corrected this note").check()
    page.get_by_role("button", name="Approve and post").click()
    expect(page.get_by_role("heading", name="Approved", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="The note as approved")).to_be_visible()
    undo_button = page.get_by_role("button", name="Undo: back to the review")
    expect(undo_button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    page.get_by_text("Reject this draft").click()
    page.get_by_label("Why?").select_option("not_needed")
    page.get_by_role("button", name="Reject; write nothing").click()
    expect(page.get_by_role("heading", name="Rejected", exact=True)).to_be_visible()
    expect(undo_button).to_be_visible()
    assert world.store.decisions.release_due(world.clock() + timedelta(hours=2)) == 1
    expect(undo_button).to_be_hidden()
    expect(page.get_by_text("Nothing was written to the chart.", exact=True)).to_be_visible()
