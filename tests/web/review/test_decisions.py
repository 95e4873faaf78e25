"""Approving and rejecting: once, by one person, and finished whatever dies in between."""

import threading
from collections.abc import Iterator

import pytest
from tests.web.review.conftest import World, serving_world

from therapyflows.core.drafts.deciding import record_decision
from therapyflows.core.drafts.deciding import reject as rejection
from therapyflows.core.drafts.model import DraftState, Verdict
from therapyflows.core.drafts.reasons import default_reasons, practice_reasons
from therapyflows.core.errors import Transient
from therapyflows.core.session_note.model import DRAFT
from therapyflows.governance.audit.model import Action, Actor


def approve(world, client, **fields):
    return world.post(client, "approve", **({"attested": "yes"} | fields))


def decision(world):
    return world.store.decisions.for_draft(world.draft_id)


def test_approval_stores_exactly_what_was_on_the_page_and_wakes_the_run(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "statements/st1/edit", text="My words.")
    shown = world.working()
    assert approve(world, client).status_code == 303
    found = decision(world)
    assert (found.verdict, found.decided_by) == (Verdict.APPROVE, "u-clin")
    assert found.role == "Clinician"
    assert DRAFT.validate_json(world.store.contents.get(found.content_id)) == shown
    assert world.record().state == DraftState.APPROVED
    assert world.runs.resumed == [("run-1", found.id)]
    assert world.actions(Action.DRAFT_APPROVED) == ["ok"]
    assert "Approved, being posted" in client.get(world.path).text


def test_nothing_is_approved_while_a_doubtful_statement_is_open(world) -> None:
    client = world.signed_in()
    answer = approve(world, client)
    assert answer.status_code == 422
    assert "Edit, remove or keep each of them first" in answer.text
    assert decision(world) is None


@pytest.mark.parametrize("settle", ["edit", "remove", "keep"])
def test_editing_removing_or_keeping_settles_it(world, settle: str) -> None:
    client = world.signed_in()
    for statement in ("st5", "st9"):
        world.post(client, f"statements/{statement}/{settle}", text="Better words.")
    assert approve(world, client).status_code == 303


def test_taking_back_a_keep_opens_it_again(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "statements/st5/unkeep")
    assert approve(world, client).status_code == 422


def test_approval_needs_the_attestation(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    assert approve(world, client, attested="").status_code == 422
    assert decision(world) is None


def test_an_empty_note_cannot_be_approved(world) -> None:
    client = world.signed_in()
    for statement in world.working().statements:
        world.post(client, f"statements/{statement.id}/remove")
    assert approve(world, client).status_code == 422


def test_what_changed_since_the_page_was_opened_is_not_approved(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    seen = str(world.record().version)
    world.post(world.signed_in("u-sup"), "statements/st1/edit", text="Changed meanwhile.")
    assert approve(world, client, version=seen).status_code == 409
    assert decision(world) is None


def test_rejection_keeps_the_words_encrypted_and_posts_nothing(world) -> None:
    client = world.signed_in()
    answer = world.post(client, "reject", reason_code="inaccurate", words="Wrong about the pills.")
    assert answer.status_code == 303
    found = decision(world)
    assert (found.verdict, found.content_id, found.reason_code) == (Verdict.REJECT, None, "inaccurate")
    assert world.store.contents.get(found.reason_content_id) == b"Wrong about the pills."
    assert world.record().state == DraftState.REJECTED
    assert world.runs.resumed == [("run-1", found.id)]
    assert "Too much is wrong" in client.get(world.path).text


@pytest.mark.parametrize("fields", [{}, {"reason_code": "because"}, {"reason_code": "other", "words": " "}])
def test_a_rejection_needs_a_reason(world, fields) -> None:
    assert world.post(world.signed_in(), "reject", **fields).status_code == 422
    assert decision(world) is None


def test_a_double_click_decides_once(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    version = str(world.record().version)
    answers = [approve(world, client, version=version) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert world.actions(Action.DRAFT_APPROVED) == ["ok"]


def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(world) -> None:
    first, second = world.signed_in(), world.signed_in("u-sup")
    world.settle_all(first)
    version = str(world.record().version)
    answers: dict[str, int] = {}
    start = threading.Barrier(2)

    def decide(name: str, client, deed: str, fields: dict[str, str]) -> None:
        start.wait()
        answers[name] = world.post(client, deed, version=version, **fields).status_code

    threads = [
        threading.Thread(target=decide, args=("first", first, "approve", {"attested": "yes"})),
        threading.Thread(target=decide, args=("second", second, "reject", {"reason_code": "not_needed", "words": "x"})),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [303, 409]
    winner = Verdict.APPROVE if answers["first"] == 303 else Verdict.REJECT
    assert decision(world).verdict == winner
    assert len(world.actions(Action.DRAFT_APPROVED)) + len(world.actions(Action.DRAFT_REJECTED)) == 1


def test_the_second_reviewer_keeps_their_words(world) -> None:
    world.post(world.signed_in("u-sup"), "reject", reason_code="inaccurate")
    answer = world.post(world.signed_in(), "reject", reason_code="other", words="My careful reasons.")
    assert answer.status_code == 409
    assert "My careful reasons." in answer.text


def test_a_run_that_cannot_be_woken_now_is_woken_later(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.runs.fail_with = [Transient("prefect_down"), Transient("prefect_down")]
    assert approve(world, client).status_code == 303
    world.wait_until(lambda: world.runs.resumed)
    assert world.runs.resumed == [("run-1", decision(world).id)]


def test_a_draft_that_expired_meanwhile_is_not_approved(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.EXPIRED)
    assert approve(world, client).status_code == 409
    assert "Expired" in client.get(world.path).text


def test_the_outcome_can_be_followed_until_the_note_is_posted(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    approve(world, client)
    assert client.get(f"{world.path}/state").json()["final"] is False
    world.store.drafts.move(world.draft_id, expected=[DraftState.APPROVED], to=DraftState.POSTED, ehr_note_id="note-77")
    told = client.get(f"{world.path}/state").json()
    assert (told["title"], told["note_id"], told["final"]) == ("Posted", "note-77", True)


@pytest.fixture
def stepped_up(store) -> Iterator[World]:
    """A practice that asks for the password before an approval, with a list of reasons of its own."""
    reasons = practice_reasons("session-note: {too_long: It is too long, other: In my words}")
    with serving_world(store, confirm_approval=True, reasons=reasons) as made:
        yield made


def test_an_approval_waits_for_the_password_and_keeps_the_corrections(stepped_up: World) -> None:
    client = stepped_up.signed_in()
    stepped_up.settle_all(client)
    stepped_up.post(client, "statements/st1/edit", text="My words.")
    shown = stepped_up.working()
    asked = approve(stepped_up, client)
    assert asked.status_code == 401
    assert f"/confirm?next={stepped_up.path}" in asked.text
    assert decision(stepped_up) is None
    back = stepped_up.confirm(client, stepped_up.path)
    assert back.url.path == stepped_up.path
    assert "asks for your EHR password" not in back.text
    assert stepped_up.working() == shown
    assert approve(stepped_up, client).status_code == 303


def test_a_rejection_asks_for_no_password_and_uses_the_practices_list(stepped_up: World) -> None:
    client = stepped_up.signed_in()
    page = client.get(stepped_up.path).text
    assert "It is too long" in page
    assert "Too much of the session is missing" not in page
    assert stepped_up.post(client, "reject", reason_code="inaccurate").status_code == 422
    assert stepped_up.post(client, "reject", reason_code="too_long").status_code == 303
    assert "It is too long" in client.get(stepped_up.path).text


def test_a_reason_that_left_the_list_is_still_told(stepped_up: World) -> None:
    store, record = stepped_up.store, stepped_up.record()
    before = rejection(
        record,
        reason_code="inaccurate",
        words="",
        reasons=default_reasons()["session-note"],
        by=Actor("person", "u-clin", "Clinician"),
        now=stepped_up.clock(),
        contents=store.contents,
    )
    record_decision(before, drafts=store.drafts, decisions=store.decisions, audit=store.audit)
    assert "Too much is wrong or unsupported" in stepped_up.signed_in().get(stepped_up.path).text
