from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.ports import InboxEvent
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.store import Store

LEASE = timedelta(minutes=2)
NewEvent = Callable[..., InboxEvent]


@pytest.fixture
def new_event(clock: Any) -> NewEvent:
    def make(event_id: str = "evt_1", **other: Any) -> InboxEvent:
        event = InboxEvent(
            id=event_id,
            type="appointment.completed",
            object_id="a-1",
            client_id="c-1",
            occurred_at=clock(),
            received_at=clock(),
            origin="webhook",
            state="new",
            attempts=0,
        )
        return replace(event, **other)

    return make


def entry(event_id: str, action: Action = Action.EVENT_RECEIVED) -> AuditEntry:
    return AuditEntry(action, Actor("service", "gateway"), f"events/{event_id}")


def test_an_event_is_stored_once(store: Store, new_event: NewEvent) -> None:
    assert store.inbox.store(new_event())
    assert not store.inbox.store(new_event(type="note.signed"))
    [found] = store.inbox.next_batch(10, lease=LEASE)
    assert found == new_event(attempts=1)


def test_many_are_stored_together_with_their_audit_entries(store: Store, new_event: NewEvent) -> None:
    store.inbox.store(new_event("evt_b"))
    ids = ["evt_a", "evt_b", "evt_c", "evt_a"]
    new = store.inbox.store_many([new_event(i) for i in ids], [entry(i) for i in ids])
    assert new == [True, False, True, False]
    assert [e.entry.resource for e in store.audit.search()] == ["events/evt_a", "events/evt_c"]


def test_storing_nothing_is_nothing(store: Store) -> None:
    assert store.inbox.store_many([], []) == []


def test_an_unfit_entry_keeps_its_event_out(store: Store, new_event: NewEvent) -> None:
    unfit = replace(entry("evt_1"), details={"text": "x" * 1000})
    with pytest.raises(Invalid, match="audit_entry_unfit"):
        store.inbox.store_many([new_event()], [unfit])
    assert store.inbox.counts()["new"] == 0


def test_a_thousand_at_once_are_all_stored_and_none_twice(store: Store, new_event: NewEvent) -> None:
    events = [new_event(f"evt_{n}") for n in range(1000)] * 2
    with ThreadPoolExecutor(40) as threads:
        assert sum(threads.map(store.inbox.store, events)) == 1000
    assert store.inbox.counts() == {"new": 1000, "dispatched": 0, "done": 0, "ignored": 0, "dead": 0}


def test_a_leased_event_comes_back_when_nobody_finished_it(store: Store, new_event: NewEvent, clock: Any) -> None:
    store.inbox.store(new_event())
    assert len(store.inbox.next_batch(10, lease=LEASE)) == 1
    assert store.inbox.next_batch(10, lease=LEASE) == []
    clock.forward(minutes=2)
    [again] = store.inbox.next_batch(10, lease=LEASE)
    assert again.attempts == 2


def test_two_dispatchers_share_the_work(place: Any, new_event: NewEvent) -> None:
    stores = [place.open() for _ in range(4)]
    stores[0].inbox.store_many([new_event(f"evt_{n}") for n in range(60)], ())

    def take(store: Store) -> list[str]:
        taken = []
        while batch := store.inbox.next_batch(5, lease=LEASE):
            taken += [event.id for event in batch]
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [event_id for ids in threads.map(take, stores) for event_id in ids]
    assert sorted(taken) == sorted(f"evt_{n}" for n in range(60))


def test_an_event_to_retry_waits_its_time(store: Store, new_event: NewEvent, clock: Any) -> None:
    store.inbox.store(new_event())
    store.inbox.next_batch(10, lease=LEASE)
    store.inbox.retry_later("evt_1", after=timedelta(minutes=10))
    clock.forward(minutes=9)
    assert store.inbox.next_batch(10, lease=LEASE) == []
    clock.forward(minutes=1)
    assert len(store.inbox.next_batch(10, lease=LEASE)) == 1


def test_the_oldest_come_first(store: Store, new_event: NewEvent, clock: Any) -> None:
    for event_id in ("evt_z", "evt_a", "evt_m"):
        clock.forward(seconds=1)
        store.inbox.store(new_event(event_id))
    assert [e.id for e in store.inbox.next_batch(2, lease=LEASE)] == ["evt_z", "evt_a"]


def test_marking_twice_writes_one_audit_entry(store: Store, new_event: NewEvent) -> None:
    store.inbox.store(new_event())
    for _ in range(2):
        done = entry("evt_1", Action.EVENT_DISPATCHED)
        store.inbox.mark("evt_1", "dispatched", flow_run_id="run-1", entry=done)
    assert [e.entry.action for e in store.audit.search()] == [Action.EVENT_DISPATCHED]
    assert store.inbox.counts()["dispatched"] == 1
    assert store.inbox.next_batch(10, lease=LEASE) == []


def test_a_later_mark_keeps_the_run(store: Store, new_event: NewEvent, clock: Any) -> None:
    store.inbox.store(new_event())
    store.inbox.mark("evt_1", "done", reason="seen")
    store.inbox.mark("evt_1", "dispatched", flow_run_id="run-1")
    [found] = store.inbox.to_check(received_before=clock.forward(seconds=1))
    assert (found.flow_run_id, found.reason) == ("run-1", "seen")


def test_only_dispatched_events_are_checked_oldest_first(store: Store, new_event: NewEvent, clock: Any) -> None:
    for event_id in ("evt_z", "evt_a", "evt_new"):
        store.inbox.store(new_event(event_id, received_at=clock.forward(seconds=1)))
    for event_id in ("evt_z", "evt_a"):
        store.inbox.mark(event_id, "dispatched")
    later = clock.forward(minutes=1)
    assert [e.id for e in store.inbox.to_check(received_before=later)] == ["evt_z", "evt_a"]
    assert [e.id for e in store.inbox.to_check(received_before=later, limit=1)] == ["evt_z"]


def test_an_unknown_event_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.inbox.mark("evt_none", "done")
    with pytest.raises(NotFound):
        store.inbox.retry_later("evt_none", after=LEASE)


def test_known_asks_for_type_object_time_and_origin(store: Store, new_event: NewEvent, clock: Any) -> None:
    store.inbox.store(new_event())
    kind = "appointment.completed"
    assert store.inbox.known(kind, "a-1")
    assert store.inbox.known(kind, "a-1", since=clock(), origin="webhook")
    assert not store.inbox.known(kind, "a-2")
    assert not store.inbox.known("note.signed", "a-1")
    assert not store.inbox.known(kind, "a-1", since=clock() + timedelta(seconds=1))
    assert not store.inbox.known(kind, "a-1", origin="sync")


def test_a_cursor_keeps_its_place(store: Store, clock: Any) -> None:
    assert store.inbox.cursor("sync") is None
    for at in (clock(), clock.forward(hours=1)):
        store.inbox.set_cursor("sync", at)
        assert store.inbox.cursor("sync") == at
    assert store.inbox.cursor("other") is None
