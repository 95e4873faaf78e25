from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from therapyflows.core.errors import Conflict
from therapyflows.core.session_note.model import Decision, DraftRecord, DraftState, Verdict
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
