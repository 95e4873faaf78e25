from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.integrations.store import Store

NewDraft = Callable[..., DraftRecord]


def test_a_claimed_draft_is_the_record_itself(store: Store, new_draft: NewDraft, clock: Any) -> None:
    record = new_draft(deadline=clock(), flow_run_id="run-1", reminders_sent=2)
    assert store.drafts.claim(record) == record == store.drafts.get(record.id)


def test_the_same_work_is_claimed_once(store: Store, new_draft: NewDraft) -> None:
    first = store.drafts.claim(new_draft("drf_1", appointment_id="a-1"))
    assert store.drafts.claim(new_draft("drf_2", appointment_id="a-1")) == first
    with pytest.raises(NotFound):
        store.drafts.get("drf_2")


def test_another_source_of_the_same_appointment_is_other_work(store: Store, new_draft: NewDraft) -> None:
    store.drafts.claim(new_draft("drf_1", appointment_id="a-1"))
    store.drafts.claim(new_draft("drf_2", appointment_id="a-1", source_ref="session_fields"))
    assert [d.id for d in store.drafts.for_appointment("a-1")] == ["drf_1", "drf_2"]


def test_an_id_of_other_work_cannot_be_claimed(store: Store, new_draft: NewDraft) -> None:
    store.drafts.claim(new_draft("drf_1", appointment_id="a-1"))
    with pytest.raises(Conflict):
        store.drafts.claim(new_draft("drf_1", appointment_id="a-2"))


def test_a_change_raises_the_version_and_the_time(store: Store, new_draft: NewDraft, clock: Any) -> None:
    store.drafts.claim(new_draft())
    clock.forward(minutes=5)
    changed = store.drafts.update("drf_1", version=1, transcript_id="cnt_1")
    assert (changed.transcript_id, changed.version, changed.updated_at) == ("cnt_1", 2, clock())
    assert store.drafts.get("drf_1") == changed


def test_a_stale_version_changes_nothing(store: Store, new_draft: NewDraft) -> None:
    store.drafts.claim(new_draft())
    store.drafts.update("drf_1", version=1, edited_content_id="cnt_a")
    with pytest.raises(Conflict):
        store.drafts.update("drf_1", version=1, edited_content_id="cnt_b")
    assert store.drafts.get("drf_1").edited_content_id == "cnt_a"


def test_a_state_moves_only_from_where_it_is_expected(store: Store, new_draft: NewDraft) -> None:
    store.drafts.claim(new_draft())
    moved = store.drafts.move(
        "drf_1", expected=[DraftState.PREPARING], to=DraftState.IN_REVIEW, draft_content_id="cnt_1"
    )
    assert (moved.state, moved.draft_content_id) == (DraftState.IN_REVIEW, "cnt_1")
    with pytest.raises(Conflict):
        store.drafts.move("drf_1", expected=[DraftState.PREPARING], to=DraftState.CANCELLED)
    assert store.drafts.get("drf_1").state is DraftState.IN_REVIEW


def test_of_many_that_move_at_once_one_succeeds(store: Store, new_draft: NewDraft) -> None:
    store.drafts.claim(new_draft(state=DraftState.IN_REVIEW))

    def approve(_: int) -> bool:
        try:
            store.drafts.move("drf_1", expected=[DraftState.IN_REVIEW], to=DraftState.APPROVED)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(approve, range(16))) == 1
    assert store.drafts.get("drf_1").version == 2


@pytest.mark.parametrize("changes", [{"id": "drf_2"}, {"state": DraftState.POSTED}, {"version": 7}, {"title": "x"}])
def test_what_makes_a_draft_itself_cannot_be_changed(
    store: Store, new_draft: NewDraft, changes: dict[str, object]
) -> None:
    store.drafts.claim(new_draft())
    with pytest.raises((Invalid, TypeError)):
        store.drafts.update("drf_1", **changes)


def test_an_unknown_draft_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.drafts.update("drf_none", transcript_id="x")
    with pytest.raises(NotFound):
        store.drafts.move("drf_none", expected=[DraftState.PREPARING], to=DraftState.FAILED)


def test_drafts_that_stood_still_are_found(store: Store, new_draft: NewDraft, clock: Any) -> None:
    store.drafts.claim(new_draft("drf_old"))
    clock.forward(hours=1)
    store.drafts.claim(new_draft("drf_new", updated_at=clock()))
    store.drafts.claim(new_draft("drf_done", state=DraftState.POSTED))
    found = store.drafts.in_state([DraftState.PREPARING], updated_before=clock())
    assert [d.id for d in found] == ["drf_old"]
    assert len(store.drafts.in_state([DraftState.PREPARING, DraftState.POSTED])) == 3
