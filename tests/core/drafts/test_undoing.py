"""Undo until the run has woken, killed between any two steps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.core.drafts.test_deciding_and_waking import (
    NOW,
    OLIVE,
    Killed,
    Runs,
    approval,
    audited,
    killed,
    put_down,
    store,
    waiting_draft,
)

from therapyflows.core.drafts.deciding import reject, settle_decided
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState
from therapyflows.core.drafts.reasons import default_reasons
from therapyflows.core.drafts.undoing import UndoPorts, settle_undone, undo
from therapyflows.core.drafts.wake import wake_decided
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store

__all__ = ["store"]
UNTIL = NOW + timedelta(seconds=10)
LATE = datetime(2100, 1, 1, tzinfo=UTC)  # the store notes the real time of an undo


@pytest.fixture
def record(store: Store) -> DraftRecord:
    return waiting_draft(store, 1)


@pytest.fixture
def ports(store: Store) -> UndoPorts:
    return UndoPorts(store.decisions, store.drafts, store.contents, store.recordings, store.audit)


def held(store: Store, record: DraftRecord) -> Decision:
    return put_down(store, replace(approval(store, record), held_until=UNTIL))


async def test_a_run_is_woken_only_when_the_time_to_undo_is_over(store: Store, record: DraftRecord) -> None:
    decision, runs = held(store, record), Runs(run1="PAUSED")
    assert store.drafts.get(record.id).state is DraftState.APPROVED
    assert await wake_decided(store.decisions, runs, now=NOW + timedelta(seconds=9)) == 0
    assert await wake_decided(store.decisions, runs, now=UNTIL) == 1
    assert runs.resumed == [("run1", decision.id)]


async def test_what_is_undone_is_reviewed_again_told_and_forgotten(
    store: Store, record: DraftRecord, ports: UndoPorts
) -> None:
    decision, runs = held(store, record), Runs(run1="PAUSED")
    undo(ports, decision)
    undo(ports, decision)
    assert store.drafts.get(record.id).state is DraftState.IN_REVIEW
    assert await wake_decided(store.decisions, runs, now=LATE) == 0
    assert settle_decided(store.drafts, store.decisions, store.audit, clock=lambda: LATE) == 0
    told = [Action.DRAFT_APPROVED, Action.DECISION_UNDONE, Action.CONTENT_DELETED]
    assert audited(store) == told
    with pytest.raises(NotFound, match="content_deleted"):
        store.contents.get(decision.content_id or "")


async def test_after_it_the_same_person_decides_anew(store: Store, record: DraftRecord, ports: UndoPorts) -> None:
    undo(ports, held(store, record))
    second = held(store, store.drafts.get(record.id))
    runs = Runs(run1="PAUSED")
    assert await wake_decided(store.decisions, runs, now=UNTIL) == 1
    assert runs.resumed == [("run1", second.id)]
    assert store.contents.get(second.content_id or "")


async def test_too_late_it_says_where_to_correct_it(store: Store, record: DraftRecord, ports: UndoPorts) -> None:
    decision = held(store, record)
    await wake_decided(store.decisions, Runs(run1="PAUSED"), now=UNTIL)
    with pytest.raises(Conflict, match="Correct it there") as refused:
        undo(ports, decision)
    assert refused.value.code == "too_late"
    assert Action.DECISION_UNDONE not in audited(store)


def test_an_undone_rejection_leaves_no_words_behind(store: Store, record: DraftRecord, ports: UndoPorts) -> None:
    rejection = reject(
        record,
        reason_code="not_needed",
        words="Mine.",
        by=OLIVE,
        now=NOW,
        contents=store.contents,
        reasons=default_reasons()["session-note"],
    )
    decision = put_down(store, replace(rejection, held_until=UNTIL))
    undo(ports, decision)
    with pytest.raises(NotFound):
        store.contents.get(decision.reason_content_id or "")


@pytest.mark.parametrize("dies_at", ["audit.append", "contents.delete", "decisions.undone_settled"])
def test_killed_behind_the_voided_row_the_rest_is_done_later_and_once(
    store: Store, record: DraftRecord, ports: UndoPorts, dies_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = held(store, record)
    port, method = dies_at.split(".")
    with monkeypatch.context() as patch:
        patch.setattr(type(getattr(store, port)), method, killed)
        with pytest.raises(Killed):
            undo(ports, decision)
    assert store.drafts.get(record.id).state is DraftState.IN_REVIEW
    for _ in range(2):
        settle_undone(ports, clock=lambda: LATE)
    assert audited(store) == [Action.DRAFT_APPROVED, Action.DECISION_UNDONE, Action.CONTENT_DELETED]
    assert store.decisions.undone(before=LATE, code="undone_by_decider") == []


def test_undone_between_the_row_and_the_state_the_draft_stays_under_review(
    store: Store, record: DraftRecord, ports: UndoPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(store.decisions).carry_out

    def undone_meanwhile(decisions: object, decision: Decision, *, to: DraftState) -> None:
        undo(ports, decision)
        real(decisions, decision, to=to)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(store.decisions), "carry_out", undone_meanwhile)
        held(store, record)
    assert store.drafts.get(record.id).state is DraftState.IN_REVIEW
    assert store.decisions.for_draft(record.id) is None
