"""What a woken run takes for a decision that counts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.drafts.test_deciding_and_waking import NOW, approval, put_down, store, waiting_draft

from therapyflows.core.drafts.model import DraftState
from therapyflows.flows.steps import waiting
from therapyflows.flows.steps.waiting import read_state
from therapyflows.integrations.store import Store

__all__ = ["store"]


@pytest.fixture(autouse=True)
def of_this_test(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of the process is the test's."""
    monkeypatch.setattr(waiting, "open_store_of_settings", lambda: store)


async def test_a_run_that_somebody_wakes_while_its_decision_can_be_undone_goes_back_to_sleep(store: Store) -> None:
    record = waiting_draft(store, 1)
    until = NOW + timedelta(seconds=10)
    decision = put_down(store, replace(approval(store, record), held_until=until))
    assert store.drafts.get(record.id).state is DraftState.APPROVED
    assert await read_state(record.id) == (DraftState.IN_REVIEW, None)
    store.decisions.release_due(until)
    assert await read_state(record.id) == (DraftState.APPROVED, decision.id)
