from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from therapyflows.core.errors import Conflict
from therapyflows.core.session_note.model import Decision, Verdict
from therapyflows.integrations.store import Store


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
