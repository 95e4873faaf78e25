"""Sending a draft back with guidance, as whoever may and whoever may not."""

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.practice import BILLER, CLINICIAN, COLLEAGUE, SUPERVISOR

from therapyflows.core.drafts.model import DraftState, Verdict
from therapyflows.governance.audit.model import Action


@pytest.mark.parametrize("user", [CLINICIAN, SUPERVISOR])
def test_whoever_may_decide_sends_it_back_and_its_run_is_woken(world, user) -> None:
    answer = world.post(world.signed_in(user.id), "redraft", words="Shorter, and name the grief of Quillfeather.")
    assert answer.status_code == 303
    assert world.record().state is DraftState.PREPARING
    decision = world.store.decisions.for_draft(world.draft_id)
    assert (decision.verdict, decision.decided_by, decision.is_held) == (Verdict.REDRAFT, user.id, False)
    assert world.store.contents.get(decision.reason_content_id).startswith(b"Shorter")
    world.wait_until(lambda: world.runs.resumed == [("run-1", decision.id)])
    assert world.actions(Action.REDRAFT_ASKED) == ["ok"]
    assert "Quillfeather" not in str(world.details(Action.REDRAFT_ASKED))


@pytest.mark.parametrize(("user", "status"), [(COLLEAGUE, 404), (BILLER, 403)])
def test_nobody_else_does(world, user, status) -> None:
    assert world.post(world.signed_in(user.id), "redraft", words="shorter").status_code == status
    assert world.record().state is DraftState.IN_REVIEW
    assert "ok" not in world.actions(Action.ACCESS_DENIED)
    assert world.actions(Action.ACCESS_DENIED)


@pytest.mark.parametrize("words", ["", "   ", "x" * 501])
def test_guidance_is_needed_and_short(world, words) -> None:
    assert world.post(world.signed_in(), "redraft", words=words).status_code == 422
    assert world.record().state is DraftState.IN_REVIEW


def test_twice_is_once_and_a_stale_page_changes_nothing(world) -> None:
    client, version = world.signed_in(), str(world.record().version)
    assert world.post(client, "redraft", words="shorter", version="0").status_code == 409
    assert world.post(client, "redraft", words="shorter", version=version).status_code == 303
    assert world.post(client, "redraft", words="shorter", version=version).status_code == 303
    assert world.actions(Action.REDRAFT_ASKED) == ["ok"]
    assert world.post(client, "approve", attested="yes").status_code == 409


def test_a_clinician_sends_it_back_by_keyboard_and_sees_that_it_is_made(page: Page, world) -> None:
    page.goto(f"{world.base_url}{world.path}")
    page.get_by_text("Send back for another draft").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What should the next draft do differently?").fill("Shorter, as DAP")
    page.get_by_role("button", name="Draft it again").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Being prepared")).to_be_visible()
