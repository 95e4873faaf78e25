"""A failed draft is tried again: once, however often it is asked, and wherever it is killed."""

from dataclasses import replace

import pytest
from tests.core.drafts.test_deciding_and_waking import WREN, Killed, approval, killed, put_down, store, waiting_draft

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.retrying import RetryPorts, may_be_retried, retry
from therapyflows.core.errors import Invalid, NotFound
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store

__all__ = ["store"]


class Runs:
    def __init__(self, **states: str) -> None:
        self.states = states

    async def state_of(self, flow_run_id: str) -> str:
        if flow_run_id not in self.states:
            raise NotFound("run_unknown")
        return self.states[flow_run_id]

    async def retry(self, flow_run_id: str) -> bool:
        if self.states[flow_run_id] not in ("FAILED", "CRASHED", "COMPLETED"):
            return False
        self.states[flow_run_id] = "SCHEDULED"
        return True


def ports(store: Store, **states: str) -> RetryPorts:
    return RetryPorts(store.drafts, store.decisions, Runs(**states), store.audit)


def failed(store: Store, code: str, *, came_from: DraftState = DraftState.IN_REVIEW) -> DraftRecord:
    record = waiting_draft(store, 1)
    if came_from is DraftState.APPROVED:
        put_down(store, approval(store, record))
    return store.drafts.move(record.id, expected=[came_from], to=DraftState.FAILED, failure_code=code)


def restarted(store: Store) -> list[dict[str, object]]:
    return [
        dict(e.entry.details)
        for e in store.audit.search()
        if (e.entry.action, e.entry.actor) == (Action.RUN_RESTARTED, WREN)
    ]


async def test_it_is_tried_again_once(store: Store) -> None:
    record = failed(store, "ehr_rejected")
    deed = ports(store, run1="FAILED")
    assert await retry(deed, record, by=WREN)
    assert not await retry(deed, store.drafts.get(record.id), by=WREN)
    assert not await retry(deed, record, by=WREN), "a page from before the first try"
    found = store.drafts.get(record.id)
    assert (found.state, found.failure_code) == (DraftState.PREPARING, None)
    assert restarted(store) == [{"draft_id": record.id, "failure_code": "ehr_rejected"}]


async def test_what_failed_after_its_approval_goes_back_there(store: Store) -> None:
    record = failed(store, "ai_processing_consent_missing", came_from=DraftState.APPROVED)
    assert await retry(ports(store, run1="COMPLETED"), record, by=WREN)
    assert store.drafts.get(record.id).state is DraftState.APPROVED


async def test_killed_between_row_and_run_the_next_try_finishes_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = failed(store, "ehr_rejected")
    deed = ports(store, run1="FAILED")
    with monkeypatch.context() as patch:
        patch.setattr(Runs, "retry", killed)
        with pytest.raises(Killed):
            await retry(deed, record, by=WREN)
    assert await retry(deed, store.drafts.get(record.id), by=WREN)
    assert deed.runs.states == {"run1": "SCHEDULED"}


async def test_a_run_that_prefect_has_forgotten_leaves_the_draft_as_it_is(store: Store) -> None:
    record = failed(store, "ehr_rejected")
    with pytest.raises(NotFound, match="no longer knows"):
        await retry(ports(store), record, by=WREN)
    assert store.drafts.get(record.id).state is DraftState.FAILED


async def test_what_would_end_the_same_way_is_not_tried(store: Store) -> None:
    record = failed(store, "no_speech")
    assert not may_be_retried(record)
    with pytest.raises(Invalid, match="end the same way"):
        await retry(ports(store, run1="FAILED"), record, by=WREN)


async def test_what_ended_otherwise_meanwhile_stays_ended(store: Store) -> None:
    record = failed(store, "ehr_rejected")
    store.drafts.move(record.id, expected=[DraftState.FAILED], to=DraftState.CANCELLED)
    with pytest.raises(Invalid):
        await retry(ports(store, run1="FAILED"), record, by=WREN)
    with pytest.raises(Invalid):
        await retry(ports(store, run1="FAILED"), replace(record, state=DraftState.POSTED), by=WREN)
    assert store.drafts.get(record.id).state is DraftState.CANCELLED
