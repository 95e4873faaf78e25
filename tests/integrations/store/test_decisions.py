from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.errors import Conflict
from therapyflows.integrations.store import Store
from therapyflows.integrations.store._tables import VoidDecisionRow


@pytest.fixture
def decision(clock: Any) -> Decision:
    return Decision("dec_1", "drf_1", Verdict.REJECT, "u-1", "Clinician", clock(), None, "wrong_client", "cnt_9")


def test_a_decision_is_kept_as_it_was(store: Store, decision: Decision) -> None:
    assert store.decisions.record(decision) == decision == store.decisions.for_draft("drf_1")


def test_a_draft_without_a_decision_has_none(store: Store) -> None:
    assert store.decisions.for_draft("drf_1") is None


def test_recording_the_same_decision_again_changes_nothing(store: Store, decision: Decision) -> None:
    store.decisions.record(decision)
    assert store.decisions.record(replace(decision, verdict=Verdict.APPROVE)) == decision


def test_there_is_no_second_decision_on_a_draft(store: Store, decision: Decision) -> None:
    store.decisions.record(decision)
    with pytest.raises(Conflict):
        store.decisions.record(replace(decision, id="dec_2", verdict=Verdict.APPROVE))
    assert store.decisions.for_draft("drf_1") == decision


def test_a_decision_cannot_be_moved_to_another_draft(store: Store, decision: Decision) -> None:
    store.decisions.record(decision)
    with pytest.raises(Conflict):
        store.decisions.record(replace(decision, draft_id="drf_2"))
    assert store.decisions.for_draft("drf_2") is None


def test_of_many_that_decide_at_once_one_succeeds(store: Store, decision: Decision) -> None:
    def decide(number: int) -> bool:
        try:
            store.decisions.record(replace(decision, id=f"dec_{number}"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(decide, range(12))) == 1


def test_a_draft_that_has_changed_is_not_decided_on(
    store: Store, new_draft: Callable[..., DraftRecord], decision: Decision
) -> None:
    row = store.drafts.claim(new_draft(state=DraftState.IN_REVIEW))
    changed = store.drafts.update(row.id, edited_content_id="cnt_e")
    mine = replace(decision, draft_id=row.id)
    with pytest.raises(Conflict, match="draft_changed"):
        store.decisions.record(mine, version=row.version)
    assert store.decisions.for_draft(row.id) is None
    assert store.decisions.record(mine, version=changed.version) == mine
    store.decisions.carry_out(mine, to=DraftState.REJECTED)
    assert store.decisions.record(mine, version=changed.version) == mine


@pytest.fixture
def approval(store: Store, new_draft: Callable[..., DraftRecord], decision: Decision) -> Decision:
    """An approved draft and its approval."""
    record = store.drafts.claim(new_draft(state=DraftState.APPROVED))
    return store.decisions.record(replace(decision, draft_id=record.id, verdict=Verdict.APPROVE))


def test_a_decision_that_is_taken_back_leaves_the_draft_in_review(store: Store, approval: Decision, clock: Any) -> None:
    deadline = clock.at + timedelta(days=14)
    for _ in range(2):
        store.decisions.take_back(approval, code="approver_not_authorized", deadline=deadline)
    found = store.drafts.get(approval.draft_id)
    assert (found.state, found.failure_code, found.deadline) == (
        DraftState.IN_REVIEW, "approver_not_authorized", deadline,
    )  # fmt: skip
    assert found.version == 2
    assert store.decisions.for_draft(approval.draft_id) is None


def test_after_that_somebody_else_decides(store: Store, approval: Decision, clock: Any) -> None:
    store.decisions.take_back(approval, code="approver_not_authorized", deadline=clock.at)
    second = replace(approval, id="dec_2", decided_by="u-2")
    assert store.decisions.record(second) == second
    store.decisions.take_back(approval, code="approver_not_authorized", deadline=clock.at)
    assert store.decisions.for_draft(approval.draft_id) == second
    with store.database.read() as session:
        [kept] = session.scalars(select(VoidDecisionRow)).all()
    assert (kept.id, kept.decided_by, kept.void_code) == (approval.id, "u-1", "approver_not_authorized")


def test_a_draft_that_is_filed_stays_filed(store: Store, approval: Decision, clock: Any) -> None:
    store.drafts.move(approval.draft_id, expected=[DraftState.APPROVED], to=DraftState.POSTED)
    with pytest.raises(Conflict):
        store.decisions.take_back(approval, code="approver_not_authorized", deadline=clock.at)
    assert store.decisions.for_draft(approval.draft_id) == approval


@pytest.fixture
def held(store: Store, new_draft: Callable[..., DraftRecord], decision: Decision, clock: Any) -> Decision:
    """A draft in review and an approval of it that can be undone for ten seconds."""
    record = store.drafts.claim(new_draft(state=DraftState.IN_REVIEW))
    until = clock.at + timedelta(seconds=10)
    found = replace(decision, draft_id=record.id, verdict=Verdict.APPROVE, edits=2, held_until=until)
    return store.decisions.record(found)


def state_of(store: Store, decision: Decision) -> DraftState:
    return store.drafts.get(decision.draft_id).state


def test_a_decision_moves_its_draft_once(store: Store, held: Decision) -> None:
    store.decisions.carry_out(held, to=DraftState.APPROVED)
    with pytest.raises(Conflict):
        store.decisions.carry_out(held, to=DraftState.APPROVED)
    assert state_of(store, held) is DraftState.APPROVED


@pytest.mark.parametrize("carried_out", [True, False])
def test_what_is_undone_is_under_review_again_and_kept_as_void(
    store: Store, held: Decision, clock: Any, carried_out: bool
) -> None:
    if carried_out:
        store.decisions.carry_out(held, to=DraftState.APPROVED)
    version = store.drafts.get(held.draft_id).version
    for _ in range(2):
        store.decisions.undo(held, code="undone")
    assert state_of(store, held) is DraftState.IN_REVIEW
    assert store.drafts.get(held.draft_id).version == version + 1
    assert store.decisions.for_draft(held.draft_id) is None
    with pytest.raises(Conflict):
        store.decisions.carry_out(held, to=DraftState.APPROVED)
    later = clock.at + timedelta(minutes=1)
    assert store.decisions.undone(before=later, code="undone") == [replace(held, held_until=None)]
    store.decisions.undone_settled(held.id)
    assert store.decisions.undone(before=later, code="undone") == []


def test_what_was_let_go_cannot_be_undone(store: Store, held: Decision, clock: Any) -> None:
    store.decisions.carry_out(held, to=DraftState.APPROVED)
    assert store.decisions.release_due(clock.at + timedelta(seconds=9)) == 0
    assert store.decisions.release_due(clock.at + timedelta(seconds=10)) == 1
    assert store.decisions.release_due(clock.at + timedelta(seconds=10)) == 0
    with pytest.raises(Conflict, match="too_late"):
        store.decisions.undo(held, code="undone")
    assert state_of(store, held) is DraftState.APPROVED
    assert store.decisions.for_draft(held.draft_id) == replace(held, held_until=None)


def test_a_draft_that_was_closed_meanwhile_is_not_opened_by_undoing(store: Store, held: Decision) -> None:
    store.drafts.move(held.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.CANCELLED)
    with pytest.raises(Conflict, match="draft_closed"):
        store.decisions.undo(held, code="undone")
    assert store.decisions.for_draft(held.draft_id) == held


def test_undoing_and_letting_go_at_once_one_wins(
    store: Store, new_draft: Callable[..., DraftRecord], decision: Decision, clock: Any
) -> None:
    made = []
    for number in range(12):
        row = new_draft(id=f"drf_{number}", source_ref=f"doc-{number}", state=DraftState.APPROVED)
        record = store.drafts.claim(row)
        made.append(replace(decision, id=f"dec_{number}", draft_id=record.id, held_until=clock.at))
        store.decisions.record(made[-1])

    def undo(one: Decision) -> bool:
        try:
            store.decisions.undo(one, code="undone")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        undoing = [threads.submit(undo, one) for one in made]
        let_go = threads.submit(lambda: sum(store.decisions.release_due(clock.at) for _ in range(20)))
    undone = [one for one, won in zip(made, undoing, strict=True) if won.result()]
    let_go.result()
    store.decisions.release_due(clock.at)
    for one in made:
        stands = store.decisions.for_draft(one.draft_id)
        assert (stands is None) == (one in undone)
        assert state_of(store, one) is (DraftState.IN_REVIEW if one in undone else DraftState.APPROVED)


def test_only_what_a_crash_left_in_review_is_unfinished(store: Store, held: Decision, clock: Any) -> None:
    assert store.decisions.unfinished(before=clock.at) == []
    later = clock.at + timedelta(seconds=1)
    assert store.decisions.unfinished(before=later) == [held]
    store.decisions.carry_out(held, to=DraftState.APPROVED)
    assert store.decisions.unfinished(before=later) == []


def test_what_was_let_go_is_to_wake_until_its_run_is_known_to_be_over(store: Store, held: Decision, clock: Any) -> None:
    store.decisions.carry_out(held, to=DraftState.APPROVED)
    assert store.decisions.to_wake() == []
    store.decisions.release_due(clock.at + timedelta(seconds=10))
    let_go = replace(held, held_until=None)
    assert store.decisions.to_wake() == [(let_go, store.drafts.get(held.draft_id))]
    store.decisions.runs_over([held.id], clock.at)
    assert store.decisions.to_wake() == []
    assert store.decisions.for_draft(held.draft_id) == let_go


def test_a_draft_that_was_made_anew_waits_with_it_and_its_wish_is_void(
    store: Store, new_draft: Callable[..., DraftRecord], decision: Decision, clock: Any
) -> None:
    record = store.drafts.claim(new_draft(state=DraftState.IN_REVIEW))
    wish = store.decisions.record(replace(decision, draft_id=record.id, verdict=Verdict.REDRAFT))
    with pytest.raises(Conflict):
        store.decisions.redrafted(wish, code="redrafted", deadline=clock.at)
    store.decisions.carry_out(wish, to=DraftState.PREPARING)
    for _ in range(2):
        store.decisions.redrafted(wish, code="redrafted", deadline=clock.at, draft_content_id="cnt_2", format="dap")
    row = store.drafts.get(record.id)
    assert (row.state, row.draft_content_id, row.format) == (DraftState.IN_REVIEW, "cnt_2", "dap")
    assert store.decisions.for_draft(record.id) is None
    assert store.decisions.redrafts(record.id) == 1
