"""The sweeper: dead runs live again, vanished ones are started anew, nobody alive is disturbed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Transient
from therapyflows.core.events.sweep import MAX_RESTARTS, SweepDeps, sweep
from therapyflows.core.ports import InboxEvent
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store


@pytest.fixture
def alerts() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def deps(store: Store, runs: Any, alerts: list[tuple[str, str]]) -> SweepDeps:
    async def alert(resource: str, code: str) -> None:
        alerts.append((resource, code))

    return SweepDeps(store.inbox, store.drafts, runs, store.audit, alert)


def claim(store: Store, run_id: str, clock: Any, state: DraftState = DraftState.PREPARING) -> None:
    record = DraftRecord(
        id=f"drf-{run_id}",
        workflow="session-note",
        client_id="c-1",
        clinician_id="u-1",
        appointment_id=f"a-{run_id}",
        source_ref="d-1",
        format="soap",
        state=state,
        version=1,
        created_at=clock(),
        updated_at=clock(),
        flow_run_id=run_id,
    )
    store.drafts.claim(record)


def actions(store: Store) -> list[Action]:
    return [chained.entry.action for chained in store.audit.search()]


async def test_a_crashed_run_is_restarted_and_that_is_on_record(deps: Any, runs: Any, store: Store, clock: Any) -> None:
    runs.states["run-1"] = "CRASHED"
    assert (await sweep(deps, clock())).restarted == ["run-1"]
    assert actions(store) == [Action.RUN_RESTARTED]


async def test_a_run_that_keeps_crashing_is_given_to_a_person_once(
    deps: Any, runs: Any, clock: Any, alerts: list[tuple[str, str]]
) -> None:
    for _ in range(MAX_RESTARTS + 3):
        runs.states["run-1"] = "CRASHED"
        await sweep(deps, clock.forward(minutes=1))
    assert len(runs.restarted) == MAX_RESTARTS
    assert alerts == [("prefect.flow-run.run-1", "crashed_too_often")]


async def test_a_run_whose_worker_was_killed_is_noticed_by_its_silence(
    deps: Any, runs: Any, store: Store, clock: Any
) -> None:
    runs.states["run-1"] = "RUNNING"
    claim(store, "run-1", clock)
    await sweep(deps, clock())
    await sweep(deps, clock.forward(seconds=60))
    assert runs.restarted == []
    await sweep(deps, clock.forward(seconds=40))
    assert runs.restarted == ["run-1"]


@pytest.mark.parametrize("state", ["RUNNING", "PENDING"])
async def test_a_run_that_dies_before_it_claims_its_draft_is_noticed(
    state: str, deps: Any, runs: Any, clock: Any
) -> None:
    runs.states["run-1"] = state
    await sweep(deps, clock())
    await sweep(deps, clock.forward(seconds=150))
    assert runs.restarted == []
    await sweep(deps, clock.forward(seconds=40))
    assert runs.restarted == ["run-1"]


async def test_a_run_that_starts_slowly_gets_its_time(deps: Any, runs: Any, clock: Any) -> None:
    for state in ("PENDING", "RUNNING"):
        runs.states["run-1"] = state
        await sweep(deps, clock.forward(seconds=10))
        await sweep(deps, clock.forward(seconds=150))
    assert runs.restarted == []


async def test_an_alert_that_fails_keeps_nothing_else_waiting(
    store: Store, runs: Any, clock: Any, make_event: Any
) -> None:
    async def away(resource: str, code: str) -> None:
        raise Transient("ehr_down")

    dispatched(store, make_event, "run-1")
    store.inbox.store(make_event("evt_2"))
    store.inbox.mark("evt_2", "dispatched", flow_run_id="run-2")
    runs.states |= {"run-1": "FAILED", "run-2": "COMPLETED"}
    result = await sweep(SweepDeps(store.inbox, store.drafts, runs, store.audit, away), clock.forward(minutes=3))
    assert result.settled == 1
    assert [event.id for event in store.inbox.to_check(received_before=clock())] == ["evt_1"]


async def test_a_run_at_work_is_left_alone(deps: Any, runs: Any, store: Store, clock: Any) -> None:
    runs.states["run-1"] = "RUNNING"
    claim(store, "run-1", clock)
    for _ in range(20):
        await sweep(deps, clock.forward(seconds=60))
        store.drafts.update("drf-run-1")
    assert runs.restarted == []


async def test_a_run_just_woken_after_days_of_waiting_is_not_taken_for_dead(
    deps: Any, runs: Any, store: Store, clock: Any
) -> None:
    runs.states["run-1"] = "PAUSED"
    claim(store, "run-1", clock, DraftState.APPROVED)
    await sweep(deps, clock())
    runs.states["run-1"] = "RUNNING"
    await sweep(deps, clock.forward(days=6))
    assert runs.restarted == []


def dispatched(store: Store, make_event: Callable[..., InboxEvent], run_id: str) -> None:
    store.inbox.store(make_event())
    store.inbox.mark("evt_1", "dispatched", flow_run_id=run_id)


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELLED", "PAUSED"])
async def test_an_event_whose_run_got_somewhere_is_done(
    state: str, deps: Any, runs: Any, store: Store, clock: Any, make_event: Any
) -> None:
    dispatched(store, make_event, "run-1")
    runs.states["run-1"] = state
    assert (await sweep(deps, clock.forward(minutes=3))).settled == 1
    assert store.inbox.counts()["done"] == 1


@pytest.mark.parametrize("state", ["SCHEDULED", "PENDING", "RUNNING"])
async def test_an_event_whose_run_is_on_its_way_is_watched_on(
    state: str, deps: Any, runs: Any, store: Store, clock: Any, make_event: Any
) -> None:
    dispatched(store, make_event, "run-1")
    runs.states["run-1"] = state
    await sweep(deps, clock.forward(minutes=3))
    assert store.inbox.counts()["dispatched"] == 1


async def test_a_run_that_prefect_lost_is_started_anew(deps: Any, store: Store, clock: Any, make_event: Any) -> None:
    dispatched(store, make_event, "run-1")
    assert (await sweep(deps, clock.forward(minutes=3))).requeued == ["evt_1"]
    assert [event.id for event in store.inbox.next_batch(5, lease=timedelta(seconds=1))] == ["evt_1"]


async def test_a_failed_run_is_told_to_a_person_once(
    deps: Any, runs: Any, store: Store, clock: Any, make_event: Any, alerts: list[tuple[str, str]]
) -> None:
    dispatched(store, make_event, "run-1")
    runs.states["run-1"] = "FAILED"
    for _ in range(3):
        await sweep(deps, clock.forward(minutes=3))
    assert alerts == [("prefect.flow-run.run-1", "run_failed")]
    assert actions(store) == [Action.RUN_FAILED]


async def test_a_young_event_is_not_asked_about(deps: Any, store: Store, clock: Any, make_event: Any) -> None:
    dispatched(store, make_event, "run-unknown")
    assert (await sweep(deps, clock.forward(seconds=30))).requeued == []
