"""The scheduled sync: finds what no webhook reported, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from therapyflows.core.chart import EhrChange
from therapyflows.core.errors import Transient
from therapyflows.core.events.sync import CURSOR, SyncWindow, sync_changes
from therapyflows.core.ports import InboxEvent
from therapyflows.integrations.store import Store

Make = Callable[..., InboxEvent]


def change(resource: str, object_id: str, at: datetime, **data: Any) -> EhrChange:
    return EhrChange(resource=resource, id=object_id, client_id="c-1", updated_at=at, data=data)


def document(object_id: str, at: datetime, created: datetime | None = None) -> EhrChange:
    return change("document", object_id, at, created_at=(created or at).isoformat(), appointment_id="a-1")


def found(store: Store) -> list[tuple[str, str, str]]:
    events = store.inbox.next_batch(100, lease=timedelta(0))
    return sorted((event.type, event.object_id, event.origin) for event in events)


async def test_what_no_webhook_reported_is_found_once(store: Store, ehr: Any, clock: Any) -> None:
    ehr.changes = [
        document("d-1", clock()),
        change("appointment", "a-1", clock(), status="completed"),
        change("appointment", "a-2", clock(), status="scheduled"),
        change("client", "c-1", clock()),
        change("room", "r-1", clock()),
    ]
    first = await sync_changes(ehr, store.inbox, clock.forward(minutes=1))
    again = await sync_changes(ehr, store.inbox, clock.forward(minutes=5))
    assert (first.seen, first.found, again.found) == (5, 3, 0)
    assert found(store) == [
        ("appointment.completed", "a-1", "sync"),
        ("client.updated", "c-1", "sync"),
        ("document.created", "d-1", "sync"),
    ]


async def test_what_a_webhook_reported_is_not_found_again(store: Store, ehr: Any, clock: Any, make_event: Make) -> None:
    store.inbox.store(make_event(object_id="d-1"))
    store.inbox.store(make_event("evt_2", type="client.updated", object_id="c-1", occurred_at=clock()))
    ehr.changes = [document("d-1", clock()), change("client", "c-1", clock() + timedelta(seconds=2))]
    assert (await sync_changes(ehr, store.inbox, clock.forward(minutes=1))).found == 0


async def test_a_client_may_change_again(store: Store, ehr: Any, clock: Any, make_event: Make) -> None:
    store.inbox.store(make_event(type="client.updated", object_id="c-1", occurred_at=clock()))
    ehr.changes = [change("client", "c-1", clock.forward(minutes=10))]
    assert (await sync_changes(ehr, store.inbox, clock.forward(minutes=1))).found == 1


async def test_the_first_round_never_replays_the_past(store: Store, ehr: Any, clock: Any) -> None:
    now = clock()
    ehr.changes = [document("d-old", now - timedelta(days=400)), document("d-new", now - timedelta(hours=3))]
    result = await sync_changes(ehr, store.inbox, now, SyncWindow(first_run=timedelta(hours=6)))
    assert result.since == now - timedelta(hours=6, minutes=10)
    assert [object_id for _, object_id, _ in found(store)] == ["d-new"]


async def test_an_old_object_that_somebody_touched_is_no_new_event(store: Store, ehr: Any, clock: Any) -> None:
    long_ago = clock() - timedelta(days=300)
    ehr.changes = [
        document("d-1", clock(), created=long_ago),
        change("appointment", "a-1", clock(), status="completed", end=long_ago.isoformat()),
    ]
    assert (await sync_changes(ehr, store.inbox, clock.forward(minutes=1))).found == 0


async def test_a_round_that_breaks_off_moves_no_cursor_and_loses_nothing(store: Store, ehr: Any, clock: Any) -> None:
    ehr.changes = [document(f"d-{n}", clock() + timedelta(seconds=n)) for n in range(3)]
    now = clock.forward(minutes=1)
    await sync_changes(ehr, store.inbox, now)
    before = store.inbox.cursor(CURSOR)
    ehr.changes += [document("d-late", clock())]
    ehr.errors = [Transient("ehr_down")]
    with pytest.raises(Transient):
        await sync_changes(ehr, store.inbox, clock.forward(minutes=5))
    assert store.inbox.cursor(CURSOR) == before
    assert (await sync_changes(ehr, store.inbox, clock.forward(minutes=5))).found == 1


async def test_an_object_dated_in_the_future_does_not_hide_the_present(store: Store, ehr: Any, clock: Any) -> None:
    ehr.changes = [document("d-future", clock() + timedelta(days=9))]
    await sync_changes(ehr, store.inbox, clock())
    assert store.inbox.cursor(CURSOR) == clock()


async def test_an_ehr_whose_clock_is_late_hides_nothing(store: Store, ehr: Any, clock: Any) -> None:
    ehr.changes = [document("d-1", clock() - timedelta(minutes=40))]
    await sync_changes(ehr, store.inbox, clock())
    ehr.changes += [document("d-2", clock() - timedelta(minutes=30))]
    assert (await sync_changes(ehr, store.inbox, clock.forward(minutes=5))).found == 1


async def test_more_changes_than_one_batch(store: Store, ehr: Any, clock: Any) -> None:
    ehr.changes = [document(f"d-{n}", clock()) for n in range(450)]
    assert (await sync_changes(ehr, store.inbox, clock.forward(minutes=1))).found == 450


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.lists(st.integers(0, 3000), min_size=1, max_size=12),
    rounds=st.lists(st.integers(0, 3600), min_size=1, max_size=5),
)
async def test_any_rhythm_of_rounds_finds_each_object_exactly_once(
    seconds: list[int], rounds: list[int], store: Store, ehr: Any, clock: Any, tmp_path: Path
) -> None:
    world = f"w{tmp_path.name}-{abs(hash((tuple(seconds), tuple(rounds))))}"
    begin = clock.forward(days=3)
    objects = {f"{world}-{n}": begin + timedelta(seconds=at) for n, at in enumerate(seconds)}
    total = 0
    for at in [*sorted(rounds), 3601, 3602]:
        now = begin + timedelta(seconds=at)
        ehr.changes = [document(name, made) for name, made in objects.items() if made <= now]
        total += (await sync_changes(ehr, store.inbox, now)).found
    assert total == len(objects)
