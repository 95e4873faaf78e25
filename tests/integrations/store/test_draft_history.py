"""Steps between working copies, on both databases."""

from dataclasses import replace

from therapyflows.core.ports import DraftChange
from therapyflows.integrations.store import Store

STEP = DraftChange("d-1", "c-0", "c-1", None, None, "statement_edit", "u-1")


def test_the_newest_step_to_and_from_a_copy_is_found(store: Store) -> None:
    again = replace(STEP, after_id="c-2")
    for step in (STEP, again, replace(STEP, draft_id="d-2")):
        store.history.add(step)
    assert store.history.leading_to("d-1", "c-1") == STEP
    assert store.history.leading_from("d-1", "c-0") == again
    assert store.history.leading_to("d-1", "c-0") is None


def test_a_step_that_was_not_taken_is_withdrawn(store: Store) -> None:
    store.history.withdraw(store.history.add(STEP))
    assert store.history.leading_from("d-1", "c-0") is None


def test_whoever_loses_a_race_to_the_same_copy_withdraws_their_own_step_alone(store: Store) -> None:
    store.history.add(STEP)
    lost = store.history.add(replace(STEP, changed_by="u-2"))
    store.history.withdraw(lost)
    assert store.history.leading_to("d-1", "c-1") == STEP


def test_of_old_steps_those_contents_are_named_that_no_newer_one_needs(store: Store) -> None:
    chain = [replace(STEP, before_id=f"c-{n}", after_id=f"c-{n + 1}", before_transcript_id="t-0") for n in range(4)]
    for step in chain:
        store.history.add(step)
    assert store.history.forget_before("d-1", 2) == {"c-0", "c-1"}
    assert store.history.leading_to("d-1", "c-2") is None
    assert store.history.leading_to("d-1", "c-3") == chain[2]
    assert store.history.forget_before("d-1", 2) == set()
