"""The queue as SQL, on both databases: who sees what, what comes first, what is counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.queue.model import PAGE_ROWS, Asked, Facts, Look, Place, Urgency, made_of
from therapyflows.governance.access.policy import Person, decide
from therapyflows.integrations.store import Store

CLINICIAN = Person("u-1", frozenset({"Clinician"}), caseload=frozenset({"c-1", "c-2"}))
SUPERVISOR = Person("u-7", frozenset({"Supervisor"}), supervises=frozenset({"u-1"}))


@pytest.fixture
def waits(store: Store, new_draft: Callable[..., DraftRecord], clock: Any) -> Callable[..., DraftRecord]:
    def claim(name: str, **other: Any) -> DraftRecord:
        values = {"state": DraftState.IN_REVIEW, "deadline": clock() + timedelta(days=9), "created_at": clock()}
        return store.drafts.claim(new_draft(f"drf_{name}", **values | other))

    return claim


def look(store: Store, clock: Any, person: Person = CLINICIAN, **asked: Any) -> Look:
    return store.queue.look(Asked(person, clock(), **asked))


def names(found: Look) -> list[str]:
    return [row.record.id.removeprefix("drf_") for row in found.rows]


def test_each_person_sees_what_the_policy_lets_them_see_one_by_one(store: Store, waits: Any, clock: Any) -> None:
    workflows = ("session-note", "intake", "coding-claims", "prior-authorization", "reminders")
    for workflow in workflows:
        pairs = [("c-1", "u-1"), ("c-9", "u-1"), ("c-9", "u-5"), ("c-2", "u-5")]
        pairs += [("prospect:a", "u-7"), ("prospect:b", "u-1"), ("prospect:c", "u-5")]
        for number, (client, clinician) in enumerate(pairs):
            waits(f"{workflow}-{number}", workflow=workflow, client_id=client, clinician_id=clinician)
    everything = store.drafts.in_state([DraftState.IN_REVIEW])
    mixed = {"caseload": frozenset({"c-1", "c-2"}), "supervises": frozenset({"u-1"}), "emergency": frozenset({"c-9"})}
    for role in ("Clinician", "Supervisor", "Billing Manager", "Scheduler", "Practice Administrator", "Visitor"):
        person = Person("u-7", frozenset({role}), **mixed)
        expected = {
            d.id
            for d in everything
            if decide(person, "view_queue", workflow=d.workflow, client_id=None, clinician_id=None).allowed
            and decide(
                person, "view", workflow=d.workflow, client_id=d.client_id, clinician_id=d.clinician_id
            ).reason in ("allowed_own_client", "allowed_supervised_client", "allowed_by_role")
        }  # fmt: skip
        assert {row.record.id for row in look(store, clock, person).rows} == expected, role


def test_what_is_decided_or_still_made_does_not_wait(store: Store, waits: Any, clock: Any) -> None:
    for state in DraftState:
        waits(state.value, state=state)
    assert names(look(store, clock)) == ["in_review"]


def test_risk_comes_first_then_what_is_overdue_or_due_then_the_oldest(store: Store, waits: Any, clock: Any) -> None:
    now = clock()
    waits("young")
    waits("old", created_at=now - timedelta(days=3))
    waits("undated", deadline=None, created_at=now - timedelta(days=4))
    waits("sent_back", failure_code="approver_not_authorized")
    waits("due", deadline=now + timedelta(hours=30))
    waits("due_first", deadline=now + timedelta(hours=3))
    waits("overdue", deadline=now - timedelta(hours=1))
    risk = waits("risk")
    store.queue.put_facts(Facts(risk.id, made_of(risk), urgent=True, open_points=2, counts={"supported": 3}))
    found = look(store, clock)
    assert names(found) == ["risk", "overdue", "due_first", "due", "sent_back", "undated", "old", "young"]
    first = found.rows[0]
    assert first.urgency is Urgency.RISK
    assert first.facts == Facts(risk.id, made_of(risk), True, 2, {"supported": 3})
    assert found.rows[1].facts is None


def test_counts_are_over_all_and_rows_by_page(store: Store, waits: Any, clock: Any) -> None:
    for number in range(PAGE_ROWS + 3):
        waits(f"{number:03}", created_at=clock() + timedelta(seconds=number))
    waits("form", workflow="intake", clinician_id="u-5")
    found = look(store, clock, page=2, workflow="session-note")
    assert names(found) == ["050", "051", "052"]
    assert {(g.workflow, g.holder, g.number) for g in found.groups} == {
        ("session-note", "u-1", PAGE_ROWS + 3),
        ("intake", "u-5", 1),
    }
    assert names(look(store, clock, holder="u-5")) == ["form"]


def test_what_one_person_snoozes_comes_back_by_itself_and_others_see_it(store: Store, waits: Any, clock: Any) -> None:
    record = waits("note")
    store.queue.snooze(record.id, "u-1", until=clock() + timedelta(hours=20))
    store.queue.snooze(record.id, "u-1", until=clock() + timedelta(hours=2))
    assert names(look(store, clock)) == []
    assert names(look(store, clock, place=Place.SNOOZED)) == ["note"]
    assert names(look(store, clock, SUPERVISOR)) == ["note"]
    clock.forward(hours=2)
    assert names(look(store, clock)) == ["note"]
    store.queue.snooze(record.id, "u-1", until=clock() + timedelta(hours=2))
    assert store.queue.wake(record.id, "u-1") is True
    assert store.queue.wake(record.id, "u-1") is False
    assert names(look(store, clock)) == ["note"]


def test_snoozed_twice_at_once_it_is_snoozed(store: Store, waits: Any, clock: Any) -> None:
    record = waits("snoozed")
    until = clock() + timedelta(hours=2)
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(store.queue.snooze, record.id, "u-1", until=until) for _ in range(8)]:
            done.result()
    assert store.queue.wake(record.id, "u-1")
    assert not store.queue.wake(record.id, "u-1")


def test_no_snooze_hides_a_risk_or_a_deadline(store: Store, waits: Any, clock: Any) -> None:
    risk, late = waits("risk"), waits("late", deadline=clock() + timedelta(hours=1))
    for record in (risk, late):
        store.queue.snooze(record.id, "u-1", until=clock() + timedelta(days=5))
    clock.forward(hours=2)
    assert names(look(store, clock)) == ["late"]
    store.queue.put_facts(Facts(risk.id, made_of(risk), urgent=True, open_points=0))
    assert names(look(store, clock)) == ["risk", "late"]


def test_what_a_colleague_has_lies_apart(store: Store, waits: Any, clock: Any) -> None:
    waits("note")
    store.drafts.update("drf_note", held_by="u-5")
    assert names(look(store, clock)) == []
    found = look(store, clock, place=Place.HANDED_OVER)
    assert [(row.record.held_by, row.record.holder) for row in found.rows] == [("u-5", "u-5")]
    store.drafts.update("drf_note", held_by="u-1")
    assert names(look(store, clock)) == ["note"]


def test_what_has_to_be_counted_is_found_until_it_is(store: Store, waits: Any) -> None:
    record = waits("note", draft_content_id="cnt_1", transcript_id="cnt_t")
    waits("empty")
    assert [d.id for d in store.queue.uncounted(9)] == ["drf_empty", "drf_note"]
    for draft in store.queue.uncounted(9):
        store.queue.put_facts(Facts(draft.id, made_of(draft), False, 0))
    assert store.queue.uncounted(9) == []
    for changes in ({"edited_content_id": "cnt_2"}, {"transcript_id": "cnt_t2"}):
        changed = store.drafts.update(record.id, **changes)
        assert store.queue.uncounted(9) == [changed]
        store.queue.put_facts(Facts(changed.id, made_of(changed), False, 0))
    assert store.queue.uncounted(9) == []


def test_counts_do_not_outlive_the_wait(store: Store, waits: Any, clock: Any) -> None:
    for name in ("stays", "goes"):
        record = waits(name)
        store.queue.put_facts(Facts(record.id, made_of(record), False, 0))
        store.queue.snooze(record.id, "u-1", until=clock() + timedelta(days=1))
    assert store.queue.forget_closed() == 0
    store.drafts.move("drf_goes", expected=[DraftState.IN_REVIEW], to=DraftState.REJECTED)
    assert store.queue.forget_closed() == 2
    assert store.queue.forget_closed() == 0
    assert store.queue.wake("drf_goes", "u-1") is False
    assert store.queue.wake("drf_stays", "u-1") is True


def test_a_person_without_clients_sees_nothing(store: Store, waits: Any, clock: Any) -> None:
    waits("note")
    for person in (Person("u-2", frozenset({"Clinician"})), Person("u-3", frozenset())):
        assert look(store, clock, person) == Look((), ())
