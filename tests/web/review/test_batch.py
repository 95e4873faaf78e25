"""Several at once: reminders, as the policy says; never a note, whatever the request looks like."""

import pytest
from tests.web.review.test_queue import rows

from therapyflows.core.drafts.model import DraftState, Verdict
from therapyflows.governance.audit.model import Action


def of_workflow(world, draft_id: str, workflow: str) -> str:
    with world.store.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE drafts SET workflow = '{workflow}' WHERE id = '{draft_id}'")
    return draft_id


@pytest.fixture
def reminders(world) -> list[str]:
    return [of_workflow(world, world.seed(number, "c-2"), "reminders") for number in (11, 12, 13)]


def chosen(world, *draft_ids: str) -> list[str]:
    return [f"{draft_id} {world.store.drafts.get(draft_id).version}" for draft_id in draft_ids]


def approve(client, values: list[str], queue: str = "reminders", **fields: str):
    return client.post(f"/queues/{queue}/approve", data={"draft": values, "attested": "yes"} | fields)


def states(world, draft_ids: list[str]) -> set[DraftState]:
    return {world.store.drafts.get(draft_id).state for draft_id in draft_ids}


def test_reminders_are_approved_together_each_with_a_decision_of_its_own(world, reminders: list[str]) -> None:
    client = world.signed_in()
    page = client.get("/queues/reminders").text
    assert set(rows(page)) == set(reminders)
    assert all(f'value="{value}"' in page for value in chosen(world, *reminders))
    answer = approve(client, chosen(world, *reminders))
    assert (answer.status_code, "3 approved" in answer.text) == (200, True)
    assert states(world, reminders) == {DraftState.APPROVED}
    for draft_id in reminders:
        decision = world.store.decisions.for_draft(draft_id)
        record = world.store.drafts.get(draft_id)
        assert (decision.verdict, decision.decided_by) == (Verdict.APPROVE, "u-clin")
        assert world.store.contents.get(decision.content_id) == world.store.contents.get(record.draft_content_id)
    assert {run for run, _ in world.runs.resumed} == {"run-11", "run-12", "run-13"}
    assert world.actions(Action.DRAFT_APPROVED) == ["ok"] * 3


@pytest.mark.parametrize("queue", ["reminders", "session-note", "all"])
@pytest.mark.parametrize("workflow", ["session-note", "intake", "treatment-plan"])
def test_a_note_is_never_among_them_and_stops_all_even_when_forged(
    world, reminders: list[str], queue: str, workflow: str
) -> None:
    of_workflow(world, world.draft_id, workflow)
    client = world.signed_in()
    answer = approve(client, chosen(world, reminders[0], world.draft_id), queue)
    assert answer.status_code == 403
    assert "one by one" in answer.text
    assert states(world, [world.draft_id, *reminders]) == {DraftState.IN_REVIEW}
    denied = [f.entry for f in world.store.audit.search() if f.entry.action is Action.ACCESS_DENIED]
    assert [(e.resource, e.details["deed"]) for e in denied] == [(f"draft/{world.draft_id}", "approve_batch")]
    assert world.runs.resumed == []


@pytest.mark.parametrize("version", ["\u00b2", "\u0663", "9" * 5000, "-1", "1.5", ""])
def test_what_is_no_version_is_not_understood(world, reminders: list[str], version: str) -> None:
    client = world.signed_in()
    assert approve(client, [f"{reminders[0]} {version}"]).status_code == 422
    assert world.post(client, "approve", attested="yes", version=version).status_code == 422


def test_the_page_of_notes_offers_no_choice(world) -> None:
    page = world.signed_in().get("/queues/session-note").text
    assert 'name="draft"' not in page
    assert "/approve" not in page


def test_one_that_was_changed_meanwhile_is_left_and_said(world, reminders: list[str]) -> None:
    values = chosen(world, *reminders)
    world.store.drafts.update(reminders[0], held_by=None)
    answer = approve(world.signed_in(), values)
    assert "2 approved" in answer.text
    assert "1 was changed or decided meanwhile" in answer.text
    assert world.store.drafts.get(reminders[0]).state is DraftState.IN_REVIEW
    again = approve(world.signed_in(), values[1:])  # a second click changes nothing
    assert "2 approved" in again.text
    assert len(world.actions(Action.DRAFT_APPROVED)) == 2


@pytest.mark.parametrize(("user", "status"), [("u-coll", 404), ("u-bill", 403), ("u-mgr", 403), ("u-sup", 200)])
def test_who_may_not_decide_approves_none(world, reminders: list[str], user: str, status: int) -> None:
    answer = approve(world.signed_in(user), chosen(world, *reminders))
    assert answer.status_code == status
    assert states(world, reminders) == {DraftState.APPROVED if status == 200 else DraftState.IN_REVIEW}


def test_nothing_chosen_not_attested_or_not_understood(world, reminders: list[str]) -> None:
    client = world.signed_in()
    for values, fields in (([], {}), (chosen(world, *reminders), {"attested": ""}), ([reminders[0]], {})):
        assert approve(client, values, **fields).status_code == 422
    assert approve(client, [f"drf_{n} 1" for n in range(51)]).status_code == 422
    assert states(world, reminders) == {DraftState.IN_REVIEW}


def test_one_that_is_changed_while_the_others_are_decided_is_left(
    world, reminders: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(world.store.decisions).record

    def changing_the_next(decisions, decision, *args, **more):
        monkeypatch.setattr(type(decisions), "record", real)
        world.store.drafts.update(reminders[1], edited_content_id="cnt_of_somebody_else")
        return real(decisions, decision, *args, **more)

    monkeypatch.setattr(type(world.store.decisions), "record", changing_the_next)
    answer = approve(world.signed_in(), chosen(world, *reminders))
    assert "2 approved" in answer.text
    assert world.store.drafts.get(reminders[1]).state is DraftState.IN_REVIEW
