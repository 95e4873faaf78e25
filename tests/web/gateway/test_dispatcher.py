"""From the inbox to flow runs: once, for any order, any repetition, any crash."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from therapyflows.core.chart import SessionFields
from therapyflows.core.errors import Invalid, Transient
from therapyflows.core.ports import InboxEvent
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store
from therapyflows.web.gateway.dispatcher import DispatcherDeps, dispatch_once, run_dispatcher

Make = Callable[..., InboxEvent]


@pytest.fixture
def alerts() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def deps(store: Store, ehr: Any, runs: Any, table: Any, clock: Any, alerts: list[tuple[str, str]]) -> DispatcherDeps:
    async def alert(resource: str, code: str) -> None:
        alerts.append((resource, code))

    ehr.add_appointment()
    ehr.add_document()
    return DispatcherDeps(
        inbox=store.inbox,
        own_writes=store.own_writes,
        ehr=ehr,
        runs=runs,
        table=table,
        clock=clock,
        alert=alert,
        poll_s=0.02,
    )


def trail(store: Store) -> list[tuple[Action, str]]:
    return [(chained.entry.action, chained.entry.outcome) for chained in store.audit.search()]


async def test_an_event_starts_its_run_once(deps: DispatcherDeps, runs: Any, store: Store, make_event: Make) -> None:
    store.inbox.store(make_event())
    assert await dispatch_once(deps) == 1
    assert await dispatch_once(deps) == 0
    assert runs.started == [("session-note", {"appointment_id": "a-1", "document_id": "d-1", "event_id": "evt_1"})]
    assert store.inbox.counts()["dispatched"] == 1
    assert trail(store) == [(Action.EVENT_DISPATCHED, "ok")]
    assert store.audit.search(flow_run_id="run-1")


async def test_an_ignored_event_says_why(deps: DispatcherDeps, runs: Any, store: Store, make_event: Make) -> None:
    store.inbox.store(make_event(type="note.signed"))
    await dispatch_once(deps)
    assert runs.started == []
    assert trail(store) == [(Action.EVENT_IGNORED, "no_route")]


async def test_killed_after_the_start_the_same_run_is_found_again(
    deps: DispatcherDeps, runs: Any, store: Store, clock: Any, make_event: Make
) -> None:
    store.inbox.store(make_event())
    (event,) = store.inbox.next_batch(1, lease=deps.lease)
    await runs.start("session-note", {"appointment_id": "a-1"}, idempotency_key=event.id)
    assert await dispatch_once(deps) == 0
    clock.forward(seconds=91)
    assert await dispatch_once(deps) == 1
    assert len(runs.started) == 1
    assert store.inbox.counts()["dispatched"] == 1


async def test_an_outage_is_waited_for(
    deps: DispatcherDeps, runs: Any, store: Store, ehr: Any, clock: Any, make_event: Make
) -> None:
    store.inbox.store(make_event())
    ehr.errors = [Transient("ehr_down") for _ in range(30)]
    while not runs.started:
        await dispatch_once(deps)
        clock.forward(seconds=901)
    assert trail(store) == [(Action.EVENT_DISPATCHED, "ok")]


async def test_a_named_waiting_time_is_kept(
    deps: DispatcherDeps, runs: Any, store: Store, ehr: Any, clock: Any, make_event: Make
) -> None:
    store.inbox.store(make_event())
    ehr.errors = [Transient("ehr_busy", retry_after_s=600)]
    await dispatch_once(deps)
    clock.forward(seconds=599)
    assert await dispatch_once(deps) == 0
    clock.forward(seconds=2)
    assert await dispatch_once(deps) == 1
    assert runs.started


@pytest.mark.parametrize("error", [Invalid("run_parameters_refused"), ZeroDivisionError()])
async def test_a_hopeless_event_is_given_to_a_person_once(
    error: Exception,
    deps: DispatcherDeps,
    runs: Any,
    store: Store,
    clock: Any,
    make_event: Make,
    alerts: list[tuple[str, str]],
) -> None:
    store.inbox.store(make_event())
    for _ in range(400):
        runs.errors = [error]
        await dispatch_once(deps)
        clock.forward(seconds=901)
    assert store.inbox.counts()["dead"] == 1
    assert [resource for resource, _ in alerts] == ["events/evt_1"]
    assert [action for action, _ in trail(store)] == [Action.EVENT_DEAD]


async def test_nothing_is_given_up_while_nobody_can_be_told(
    deps: DispatcherDeps, runs: Any, store: Store, clock: Any, make_event: Make
) -> None:
    told: list[str] = []

    async def alert(resource: str, code: str) -> None:
        told.append(code)
        if len(told) < 3:
            raise Transient("ehr_down")

    store.inbox.store(make_event())
    patient = DispatcherDeps(**{**vars(deps), "alert": alert})
    while not store.inbox.counts()["dead"]:
        runs.errors = [Invalid("run_parameters_refused")]
        await dispatch_once(patient)
        clock.forward(seconds=901)
    assert len(told) == 3


async def test_one_bad_event_does_not_hold_up_the_others(
    deps: DispatcherDeps, runs: Any, store: Store, ehr: Any, make_event: Make
) -> None:
    store.inbox.store(make_event("evt_0", object_id="d-missing"))
    for n in range(1, 9):
        ehr.add_document(f"d-{n}")
        store.inbox.store(make_event(f"evt_{n}", object_id=f"d-{n}"))
    while await dispatch_once(deps):
        pass
    assert len(runs.started) == 8


async def test_prefect_is_not_hammered(
    deps: DispatcherDeps, runs: Any, store: Store, ehr: Any, make_event: Make
) -> None:
    for n in range(40):
        ehr.add_document(f"d-{n}")
        store.inbox.store(make_event(f"evt_{n}", object_id=f"d-{n}"))
    while await dispatch_once(deps):
        pass
    assert len(runs.started) == 40
    assert 1 <= runs.most_at_once <= deps.in_flight


async def test_two_dispatchers_at_once_start_each_run_once(
    deps: DispatcherDeps, runs: Any, store: Store, ehr: Any, make_event: Make
) -> None:
    for n in range(60):
        ehr.add_document(f"d-{n}")
        store.inbox.store(make_event(f"evt_{n}", object_id=f"d-{n}"))
    stop = asyncio.Event()
    loops = [asyncio.create_task(run_dispatcher(deps, stop)) for _ in range(3)]
    async with asyncio.timeout(60):
        while store.inbox.counts()["dispatched"] < 60:
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(*loops)
    assert len(runs.started) == 60
    assert len(trail(store)) == 60


async def test_the_gateway_wakes_the_dispatcher(
    deps: DispatcherDeps, runs: Any, store: Store, make_event: Make
) -> None:
    wake, stop = asyncio.Event(), asyncio.Event()
    sleepy = DispatcherDeps(**{**vars(deps), "wake": wake, "poll_s": 3600.0})
    loop = asyncio.create_task(run_dispatcher(sleepy, stop))
    await asyncio.sleep(0.1)
    store.inbox.store(make_event())
    wake.set()
    async with asyncio.timeout(30):
        while not runs.started:
            await asyncio.sleep(0.01)
        stop.set()
        await loop


KINDS = [
    ("document.created", "d-{n}"),
    ("appointment.completed", "a-{n}"),
    ("note.signed", "n-{n}"),
    ("appointment.updated", "a-{n}"),
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_and_repetition_of_the_same_events_starts_the_same_runs(
    data: st.DataObject, deps: DispatcherDeps, runs: Any, store: Store, ehr: Any, clock: Any, make_event: Make
) -> None:
    world = f"w{len(runs.by_key)}x{sum(store.inbox.counts().values())}"
    clock.forward(hours=1)
    for n in range(3):
        ehr.add_appointment(f"a-{world}-{n}", session_fields=SessionFields(notes="Sleep."))
    for n in range(2):  # the third session has no recording
        ehr.add_document(f"d-{world}-{n}", appointment_id=f"a-{world}-{n}")
    facts = [(kind, pattern.format(n=f"{world}-{n}")) for kind, pattern in KINDS for n in range(3)]
    facts.remove(("document.created", f"d-{world}-2"))
    sent = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=8))))
    before = len(runs.started)
    for kind, object_id in sent:
        store.inbox.store(make_event(f"evt-{kind}-{object_id}", type=kind, object_id=object_id))
        if data.draw(st.booleans()):
            await dispatch_once(deps)
    for _ in range(6):
        if data.draw(st.booleans()):  # a dispatcher that dies with what it took
            store.inbox.next_batch(3, lease=timedelta(seconds=30))
        clock.forward(seconds=31)
        await dispatch_once(deps)
    while await dispatch_once(deps):
        pass
    started = sorted((run["appointment_id"], run["document_id"]) for _, run in runs.started[before:])
    assert started == [
        (f"a-{world}-0", f"d-{world}-0"),
        (f"a-{world}-1", f"d-{world}-1"),
        (f"a-{world}-2", None),
    ]
