"""Drafts that wait: reminded once per period, escalated, expired unfiled; a decision at the last moment counts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.chart import Role
from therapyflows.core.drafts.deciding import GRACE, settle_decided
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.waiting import Step, WaitingPolicy, next_step, rounds_due, watch_reviews
from therapyflows.core.errors import Conflict, Invalid, Refused, Transient
from therapyflows.core.session_note import steps
from therapyflows.governance.audit.model import Action

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOURS = st.integers(min_value=1, max_value=24 * 20)
POLICIES = st.builds(
    WaitingPolicy,
    remind_after=HOURS.map(lambda h: timedelta(hours=h)),
    escalate_after=HOURS.map(lambda h: timedelta(hours=h)),
)
WAITED = st.integers(min_value=-60, max_value=60 * 24 * 40).map(lambda m: timedelta(minutes=m))
TIMES = st.lists(WAITED, min_size=1, max_size=12).map(sorted)


def waiting(reminders: int = 0, deadline: timedelta | None = timedelta(days=14)) -> DraftRecord:
    return DraftRecord(
        id="drf_1",
        workflow="session-note",
        client_id="c-1",
        clinician_id="u-1",
        appointment_id="a-1",
        source_ref="d-1",
        format="soap",
        state=DraftState.IN_REVIEW,
        version=1,
        created_at=START,
        updated_at=START,
        deadline=START + deadline if deadline is not None else None,
        reminders_sent=reminders,
    )


def lived_through(times: Sequence[timedelta], policy: WaitingPolicy, deadline: timedelta | None) -> list[Step]:
    """What the watch does when it looks at these times."""
    done, reminders = [], 0
    for waited in times:
        done.append(next_step(waiting(reminders, deadline), START, START + waited, policy))
        if done[-1] in (Step.REMIND, Step.ESCALATE):
            reminders = rounds_due(waited, policy)
    return done


@given(TIMES, POLICIES, st.none() | HOURS.map(lambda h: timedelta(hours=h)))
def test_expiry_wins_from_the_deadline_on_and_never_before(
    times: list[timedelta], policy: WaitingPolicy, deadline: timedelta | None
) -> None:
    for waited, step in zip(times, lived_through(times, policy, deadline), strict=True):
        assert (step is Step.EXPIRE) == (deadline is not None and waited >= deadline)


@given(TIMES, POLICIES)
def test_nobody_is_told_twice_in_one_period_and_nothing_is_left_out(
    times: list[timedelta], policy: WaitingPolicy
) -> None:
    told: set[tuple[int, bool]] = set()
    for waited, step in zip(times, lived_through(times, policy, None), strict=True):
        period = (int(max(waited, timedelta()) / policy.remind_after), waited >= policy.escalate_after)
        due = period != (0, False) and period not in told
        assert (step is not Step.NOTHING) == due, (waited, step)
        told.add(period)


@given(TIMES, POLICIES)
def test_it_is_escalated_from_the_agreed_hour_on_and_never_before(
    times: list[timedelta], policy: WaitingPolicy
) -> None:
    steps_taken = lived_through(times, policy, None)
    for waited, step in zip(times, steps_taken, strict=True):
        if step is Step.REMIND:
            assert waited < policy.escalate_after
        if step is Step.ESCALATE:
            assert waited >= policy.escalate_after
    late = [step for waited, step in zip(times, steps_taken, strict=True) if waited >= policy.escalate_after]
    assert not late or late[0] is Step.ESCALATE


# --- on the store ---


async def watched(practice: Any, **changes: Any) -> list[Step]:
    return [step async for _, step in watch_reviews(practice.watch(**changes))]


async def test_the_clinician_is_reminded_once_per_day(practice: Any) -> None:
    record = await practice.prepare()
    assert await watched(practice) == []
    for day in (1, 2):
        practice.forward(days=1)
        assert await watched(practice) == [Step.REMIND]
        assert await watched(practice) == []
        assert len(practice.tasks("waits for review")) == day
    assert {task.assignee_id for task in practice.tasks()} == {"u-1"}
    assert [e.details["round"] for e in practice.entries(Action.DRAFT_REMINDED)] == [1, 2]
    assert practice.store.drafts.get(record.id).reminders_sent == 2


async def test_after_a_long_outage_there_is_one_reminder_not_many(practice: Any) -> None:
    await practice.prepare()
    practice.forward(days=2, hours=5)
    assert await watched(practice) == [Step.REMIND]
    assert len(practice.tasks()) == 1


async def test_the_supervisor_is_told_when_it_is_escalated(practice: Any) -> None:
    practice.clinician("u-2", roles=(Role.SUPERVISOR,), supervises=("u-1",))
    practice.clinician("u-3", roles=(Role.SUPERVISOR,), supervises=("u-9",))
    practice.clinician("u-4", roles=(Role.SUPERVISOR,), supervises=("u-1",), active=False)
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,))
    await practice.prepare()
    practice.forward(days=3)
    assert await watched(practice) == [Step.ESCALATE]
    assert await watched(practice) == []
    assert sorted(task.assignee_id for task in practice.tasks("escalated")) == ["u-1", "u-2"]
    assert {task.priority for task in practice.tasks()} == {"high"}
    assert len(practice.entries(Action.DRAFT_ESCALATED)) == 1


async def test_without_a_supervisor_the_administrators_are_told(practice: Any) -> None:
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,))
    await practice.prepare()
    practice.forward(days=3)
    await watched(practice)
    assert sorted(task.assignee_id for task in practice.tasks()) == ["u-1", "u-5"]


async def test_an_hour_of_escalation_between_two_reminders_is_kept(practice: Any) -> None:
    policy = WaitingPolicy(remind_after=timedelta(hours=24), escalate_after=timedelta(hours=36))
    await practice.prepare()
    done = []
    for _ in range(5):
        practice.forward(hours=12)
        done += await watched(practice, policy=policy)
    assert done == [Step.REMIND, Step.ESCALATE, Step.ESCALATE]


async def test_two_drafts_of_one_session_are_both_reminded_of(practice: Any) -> None:
    practice.session(fields="Slept better.")
    await practice.prepare(document_id=None)
    practice.forward(days=1)
    await watched(practice)
    await practice.prepare(ports=practice.ports("run-2"))
    practice.forward(days=1)
    await watched(practice)
    assert len(practice.tasks("waits for review")) == 2


async def test_a_reminder_while_the_reviewer_works_is_counted_next_time(
    practice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await practice.prepare()
    practice.forward(days=1)
    real = type(practice.ehr).create_task

    async def meanwhile(ehr: Any, task: Any) -> str:
        practice.store.drafts.update(record.id)  # an autosave
        return await real(ehr, task)

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ehr), "create_task", meanwhile)
        assert await watched(practice) == []
    assert await watched(practice) == [Step.REMIND]
    assert len(practice.tasks()) == 1


async def test_an_undecided_draft_expires_its_run_ends_and_nothing_is_posted(practice: Any) -> None:
    record = await practice.prepare()
    practice.forward(days=14)
    assert await watched(practice) == [Step.EXPIRE]
    assert practice.store.drafts.get(record.id).state is DraftState.EXPIRED
    assert practice.runs.cancelled[0] == "run-1"
    assert len(practice.entries(Action.DRAFT_EXPIRED)) == 1
    with pytest.raises(Refused, match="no_approval"):
        await steps.post_note(practice.ports(), record.id)
    assert await watched(practice) == []
    assert (practice.ehr.posts, len(practice.entries(Action.DRAFT_EXPIRED))) == (0, 1)


async def test_a_run_that_the_orchestrator_forgot_does_not_hinder_the_expiry(practice: Any) -> None:
    practice.runs.forgotten = {"run-1"}
    await practice.prepare()
    practice.forward(days=14)
    assert await watched(practice) == [Step.EXPIRE]
    assert len(practice.entries(Action.DRAFT_EXPIRED)) == 1


async def test_a_run_that_could_not_be_ended_is_ended_the_next_time(practice: Any) -> None:
    practice.runs.script = [Transient("prefect_unavailable"), Transient("prefect_unavailable")]
    await practice.prepare()
    practice.forward(days=14)
    assert await watched(practice) == []
    assert practice.entries(Action.DRAFT_EXPIRED) == []
    practice.forward(minutes=15)
    await watched(practice)
    assert practice.runs.cancelled == ["run-1"]
    assert len(practice.entries(Action.DRAFT_EXPIRED)) == 1


async def test_killed_while_expiring_the_next_round_finishes_it(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    await practice.prepare()
    practice.forward(days=14)
    with pytest.raises(killed):
        await watched(practice, runs=mortal(practice.runs, iter(range(9)), 0))
    await watched(practice)
    assert practice.runs.cancelled == ["run-1"]
    assert len(practice.entries(Action.DRAFT_EXPIRED)) == 1


async def test_the_run_of_a_superseded_draft_ends(practice: Any) -> None:
    practice.session(fields="Slept better.")
    await practice.prepare(document_id=None)
    await practice.prepare(ports=practice.ports("run-2"))
    await watched(practice)
    assert practice.runs.cancelled == ["run-1"]
    assert practice.entries(Action.DRAFT_EXPIRED) == []


async def test_trouble_with_one_draft_does_not_hold_up_the_others(
    practice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await practice.prepare()
    practice.session("a-2")
    practice.document("d-2", appointment_id="a-2")
    second = await practice.prepare("a-2", "d-2")
    practice.forward(days=1)
    real, failures = type(practice.ehr).create_task, [Invalid("ehr_rejected")]

    async def rejected_once(ehr: Any, task: Any) -> str:
        if failures:
            raise failures.pop()
        return await real(ehr, task)

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ehr), "create_task", rejected_once)
        assert await watched(practice) == [Step.REMIND]
    sent = [practice.store.drafts.get(draft.id).reminders_sent for draft in (first, second)]
    assert sent == [0, 1]


async def test_a_decision_just_before_the_deadline_wins(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id)
    practice.forward(days=20)
    assert await watched(practice) == []
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED


async def test_a_decision_that_a_crash_left_unfinished_wins(
    practice: Any, monkeypatch: pytest.MonkeyPatch, killed: type[BaseException]
) -> None:
    record = await practice.prepare()

    def dies(*_: object, **__: object) -> None:
        raise killed

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.store.decisions), "carry_out", dies)
        with pytest.raises(killed):
            practice.decide(record.id)
    practice.forward(days=14)
    assert await watched(practice) == []
    _settles_as_approved(practice, record)


async def test_a_decision_in_the_very_moment_of_expiry_wins(practice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await practice.prepare()
    practice.forward(days=14)
    real = type(practice.store.drafts).move

    def decided_meanwhile(drafts: Any, draft_id: str, **how: Any) -> DraftRecord:
        moved = real(drafts, draft_id, **how)
        if how["to"] is DraftState.EXPIRED:
            with pytest.raises(Conflict, match="draft_closed"):  # the reviewer is told that it is not sure
                practice.decide(draft_id)
        return moved

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.store.drafts), "move", decided_meanwhile)
        assert await watched(practice) == []
    assert practice.runs.cancelled == []
    _settles_as_approved(practice, record)


def _settles_as_approved(practice: Any, record: DraftRecord) -> None:
    practice.forward(seconds=GRACE.total_seconds() + 1)
    store = practice.store
    assert settle_decided(store.drafts, store.decisions, store.audit, clock=practice.clock) == 1
    assert store.drafts.get(record.id).state is DraftState.APPROVED
    assert practice.entries(Action.DRAFT_EXPIRED) == []


async def test_a_decision_after_the_expiry_is_refused_and_files_nothing(practice: Any) -> None:
    record = await practice.prepare()
    practice.forward(days=14)
    await watched(practice)
    with pytest.raises(Conflict, match="draft_closed"):
        practice.decide(record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.EXPIRED
