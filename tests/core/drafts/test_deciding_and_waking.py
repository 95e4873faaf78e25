"""The decision protocol on a real store: killed between any two steps, it is finished once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stores import open_test_store

from therapyflows.core.drafts.deciding import GRACE, record_decision, reject, settle_decided
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState
from therapyflows.core.drafts.reasons import default_reasons
from therapyflows.core.drafts.wake import wake_decided
from therapyflows.core.errors import Conflict, NotFound, Refused, Transient
from therapyflows.core.session_note.deciding import approve
from therapyflows.core.session_note.model import Draft, Statement, StatementKind
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.evidence.model import Grade
from therapyflows.governance.retention.policy import Periods
from therapyflows.integrations.store import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WREN, OLIVE = Actor("person", "u-1", "Clinician"), Actor("person", "u-2", "Supervisor")
DRAFT = Draft("soap", "evidence", (Statement("st1", "plan", "Rest.", StatementKind.PLAN, grade=Grade.SUPPORTED),))


class Killed(BaseException):
    """The process is gone."""


class Runs:
    """Suspended runs with a history; ``script`` says how the next calls fail."""

    def __init__(self, **states: str) -> None:
        self.states, self.resumed, self.asked, self.script = states, [], [], []

    async def state_of(self, flow_run_id: str) -> str:
        self.asked.append(flow_run_id)
        if flow_run_id not in self.states:
            raise NotFound("run_unknown")
        return self.states[flow_run_id]

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        if self.script:
            raise self.script.pop(0)
        self.resumed.append((flow_run_id, decision_id))
        self.states[flow_run_id] = "RUNNING"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_test_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def record(store: Store) -> DraftRecord:
    return waiting_draft(store, 1)


def waiting_draft(store: Store, number: int) -> DraftRecord:
    row = DraftRecord(
        id=f"drf_{number}",
        workflow="session-note",
        client_id="c-1",
        clinician_id="u-1",
        appointment_id=f"a-{number}",
        source_ref="doc-1",
        format="soap",
        state=DraftState.PREPARING,
        version=1,
        created_at=NOW,
        updated_at=NOW,
        flow_run_id=f"run{number}",
    )
    store.drafts.claim(row)
    return store.drafts.move(row.id, expected=[DraftState.PREPARING], to=DraftState.IN_REVIEW)


def approval(store: Store, record: DraftRecord, by: Actor = WREN) -> Decision:
    return approve(record, DRAFT, by=by, attested=True, now=NOW, contents=store.contents, periods=Periods())


def put_down(store: Store, decision: Decision) -> Decision:
    return record_decision(decision, drafts=store.drafts, decisions=store.decisions, audit=store.audit)


def audited(store: Store) -> list[Action]:
    return [found.entry.action for found in store.audit.search()]


def killed(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("dies_at", ["audit.append", "decisions.carry_out"])
def test_killed_behind_the_decision_row_it_is_finished_later_and_audited_once(
    store: Store, record: DraftRecord, dies_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, method = dies_at.split(".")
    with monkeypatch.context() as patch:
        patch.setattr(type(getattr(store, port)), method, killed)
        with pytest.raises(Killed):
            put_down(store, approval(store, record))
    assert store.drafts.get(record.id).state == DraftState.IN_REVIEW
    late: Callable[[], datetime] = lambda: NOW + GRACE + timedelta(seconds=1)  # noqa: E731
    assert settle_decided(store.drafts, store.decisions, store.audit, clock=late) == 1
    assert settle_decided(store.drafts, store.decisions, store.audit, clock=late) == 0
    assert store.drafts.get(record.id).state == DraftState.APPROVED
    assert audited(store) == [Action.DRAFT_APPROVED]


def test_a_decision_in_the_middle_of_being_made_is_left_alone(store: Store, record: DraftRecord) -> None:
    store.decisions.record(approval(store, record))
    assert settle_decided(store.drafts, store.decisions, store.audit, clock=lambda: NOW) == 0


def test_the_first_decision_stands(store: Store, record: DraftRecord) -> None:
    put_down(store, approval(store, record))
    other = reject(
        record,
        reason_code="not_needed",
        words="",
        by=OLIVE,
        now=NOW,
        contents=store.contents,
        reasons=default_reasons()["session-note"],
    )
    with pytest.raises(Conflict, match="decided_already"):
        put_down(store, other)
    assert store.drafts.get(record.id).state == DraftState.APPROVED
    assert audited(store) == [Action.DRAFT_APPROVED]


async def test_a_paused_run_of_a_decided_draft_is_woken_once(store: Store, record: DraftRecord) -> None:
    decision = put_down(store, approval(store, record))
    runs = Runs(run1="PAUSED")
    assert await wake_decided(store.decisions, runs, now=NOW) == 1
    assert await wake_decided(store.decisions, runs, now=NOW) == 0
    assert runs.resumed == [("run1", decision.id)]


async def test_a_run_of_a_draft_under_review_is_let_sleep(store: Store, record: DraftRecord) -> None:
    runs = Runs(run1="PAUSED")
    assert await wake_decided(store.decisions, runs, now=NOW) == 0
    assert runs.asked == []


@pytest.mark.parametrize("trouble", [Transient("down"), Refused("not_for_you"), Conflict("run_waited_too_long")])
async def test_one_unreachable_run_does_not_hold_up_the_others(
    store: Store, record: DraftRecord, trouble: Exception
) -> None:
    second = waiting_draft(store, 2)
    for row in (record, second):
        put_down(store, approval(store, row))
    runs = Runs(run1="PAUSED", run2="PAUSED")
    runs.script = [trouble]
    assert await wake_decided(store.decisions, runs, now=NOW) == 1
    assert await wake_decided(store.decisions, runs, now=NOW) == 1


async def test_a_run_that_is_over_is_asked_about_once(store: Store, record: DraftRecord) -> None:
    put_down(
        store,
        reject(
            record,
            reason_code="not_needed",
            words="",
            by=WREN,
            now=NOW,
            contents=store.contents,
            reasons=default_reasons()["session-note"],
        ),
    )
    waiting_gone = waiting_draft(store, 2)
    put_down(
        store,
        reject(
            waiting_gone,
            reason_code="not_needed",
            words="",
            by=WREN,
            now=NOW,
            contents=store.contents,
            reasons=default_reasons()["session-note"],
        ),
    )
    runs = Runs(run1="COMPLETED")
    for _ in range(3):
        await wake_decided(store.decisions, runs, now=NOW)
    assert sorted(runs.asked) == ["run1", "run2"]


async def test_a_run_that_has_not_fallen_asleep_yet_is_asked_about_again(store: Store, record: DraftRecord) -> None:
    put_down(store, approval(store, record))
    runs = Runs(run1="RUNNING")
    assert await wake_decided(store.decisions, runs, now=NOW) == 0
    runs.states["run1"] = "PAUSED"
    assert await wake_decided(store.decisions, runs, now=NOW) == 1
