"""An associate's approval is carried out under a co-signature that counts when the run wakes, and not before."""

from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.chart import Role
from therapyflows.core.drafts.cosigning import sign
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.waiting_cosignatures import watch_cosignatures
from therapyflows.core.drafts.wake import wake_decided
from therapyflows.core.session_note import steps
from therapyflows.governance.audit.model import Action, Actor

SUPERVISOR = Actor("person", "u-4", "Supervisor")


class PausedRuns:
    def __init__(self) -> None:
        self.resumed: list[str] = []

    async def state_of(self, flow_run_id: str) -> str:
        return "PAUSED"

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        self.resumed.append(flow_run_id)


@pytest.fixture
async def record(practice: Any) -> DraftRecord:
    """Approved by an associate, with a supervisor."""
    practice.clinician(credential="LPC associate")
    practice.clinician("u-4", credential="LPC", roles=(Role.SUPERVISOR,), caseload=(), supervises=("u-1",))
    found = await practice.prepare()
    practice.decide(found.id)
    practice.store.decisions.cosignatures.ask(decision(practice, found).id, found.id)
    return practice.store.drafts.get(found.id)


def decision(practice: Any, record: DraftRecord) -> Any:
    return practice.store.decisions.for_draft(record.id)


def signed(practice: Any, record: DraftRecord) -> None:
    store = practice.store
    sign(record, decision(practice, record), by=SUPERVISOR, decisions=store.decisions, audit=store.audit)


async def test_nothing_is_filed_before_it_is_signed(practice: Any, record: DraftRecord) -> None:
    assert await steps.post_note(practice.ports(), record.id) is None
    assert practice.ehr.posts == 0
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED
    assert decision(practice, record) is not None
    signed(practice, record)
    assert await steps.post_note(practice.ports(), record.id) is not None
    assert practice.ehr.posts == 1


async def test_the_run_sleeps_until_it_is_signed(practice: Any, record: DraftRecord) -> None:
    store, runs = practice.store, PausedRuns()
    assert await wake_decided(store.decisions, runs, now=practice.at) == 0
    signed(practice, record)
    assert await wake_decided(store.decisions, runs, now=practice.at) == 1
    assert runs.resumed == [record.flow_run_id]


async def test_an_approval_for_which_none_was_asked_is_not_filed_either(practice: Any) -> None:
    found = await practice.prepare()
    practice.decide(found.id)
    practice.clinician(credential="LPC associate")
    assert await steps.post_note(practice.ports(), found.id) is None
    assert practice.store.decisions.cosignatures.is_missing(decision(practice, found).id)
    assert practice.ehr.posts == 0


@pytest.mark.parametrize(
    "lost",
    [{"supervises": ("u-9",)}, {"roles": (Role.CLINICIAN,)}, {"active": False}, {"credential": "LMSW"}],
)
async def test_who_lost_the_right_has_not_signed(practice: Any, record: DraftRecord, lost: dict[str, Any]) -> None:
    signed(practice, record)
    values = {"credential": "LPC", "roles": (Role.SUPERVISOR,), "caseload": (), "supervises": ("u-1",)}
    practice.clinician("u-4", **values | lost)
    assert await steps.post_note(practice.ports(), record.id) is None
    assert practice.ehr.posts == 0
    assert practice.store.decisions.cosignatures.is_missing(decision(practice, record).id)
    denied = [f.entry.outcome for f in practice.store.audit.search() if f.entry.action is Action.ACCESS_DENIED]
    assert denied == ["cosigner_not_authorized"]


async def test_an_associate_who_lost_the_client_is_sent_back_as_everybody(practice: Any, record: DraftRecord) -> None:
    signed(practice, record)
    practice.clinician(credential="LPC associate", caseload=())
    assert await steps.post_note(practice.ports(), record.id) is None
    assert practice.store.drafts.get(record.id).failure_code == "approver_not_authorized"


async def test_supervisors_are_asked_reminded_and_then_the_administrators(practice: Any, record: DraftRecord) -> None:
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,), caseload=())
    for _ in range(2):
        await watch_cosignatures(practice.watch())
    tasks = practice.tasks("waits for a co-signature")
    assert [(task.assignee_id, task.priority) for task in tasks] == [("u-4", "normal")]
    practice.forward(hours=25)
    await watch_cosignatures(practice.watch())
    practice.forward(hours=48)
    await watch_cosignatures(practice.watch())
    told = [task.assignee_id for task in practice.tasks("waits for a co-signature")]
    assert sorted(told) == ["u-4", "u-4", "u-4", "u-5"]
    signed(practice, record)
    practice.forward(days=2)
    assert await watch_cosignatures(practice.watch()) == 0


async def test_without_a_supervisor_the_administrators_are_asked(practice: Any, record: DraftRecord) -> None:
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,), caseload=())
    practice.clinician("u-4", roles=(Role.SUPERVISOR,), caseload=(), supervises=())
    await watch_cosignatures(practice.watch())
    assert [task.assignee_id for task in practice.tasks("waits for a co-signature")] == ["u-5"]


async def test_it_does_not_expire(practice: Any, record: DraftRecord) -> None:
    from therapyflows.core.drafts.waiting import watch_reviews

    practice.forward(days=40)
    assert [step async for step in watch_reviews(practice.watch())] == []
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED
    assert timedelta(days=40) > practice.policy.review_within
