"""Whoever approved a note and lost the right to before it was filed has decided nothing: somebody else decides."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from therapyflows.core.chart import Role
from therapyflows.core.drafts.deciding import settle_decided
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import ConsentMissing, Transient
from therapyflows.core.session_note import steps
from therapyflows.governance.audit.model import Action

LOSSES: dict[str, Callable[[Any], None]] = {
    "role": lambda p: p.clinician(roles=(Role.SCHEDULER,)),
    "caseload": lambda p: p.clinician(caseload=()),
    "employment": lambda p: p.clinician(active=False),
}


async def approved(practice: Any, session: str = "a-1", document: str = "d-1") -> DraftRecord:
    record = await practice.prepare(session, document)
    practice.decide(record.id)
    return practice.store.drafts.get(record.id)


@pytest.mark.parametrize("what", LOSSES)
async def test_the_note_is_not_filed_and_waits_for_another_decision(practice: Any, what: str) -> None:
    record = await approved(practice)
    practice.clinician("u-3", caseload=("c-1",))
    practice.forward(days=2)
    LOSSES[what](practice)
    assert await steps.post_note(practice.ports(), record.id) is None
    waiting = practice.store.drafts.get(record.id)
    assert (waiting.state, waiting.failure_code) == (DraftState.IN_REVIEW, "approver_not_authorized")
    assert (waiting.deadline, waiting.reminders_sent) == (practice.at + practice.policy.review_within, 0)
    assert practice.store.decisions.for_draft(record.id) is None
    assert practice.ehr.posts == 0


async def test_an_approver_who_is_gone_from_the_ehr_has_no_rights_in_it(practice: Any) -> None:
    practice.clinician("u-2", roles=(Role.SUPERVISOR,), caseload=(), supervises=("u-1",))
    record = await practice.prepare()
    practice.decide(record.id, by="u-2")
    practice.ehr.remove_user("u-2")
    assert await steps.post_note(practice.ports(), record.id) is None
    assert practice.store.drafts.get(record.id).state is DraftState.IN_REVIEW


async def test_whoever_may_decide_now_has_a_task_and_the_trail_says_why(practice: Any) -> None:
    record = await approved(practice)
    decision = practice.store.decisions.for_draft(record.id)
    practice.clinician("u-3", caseload=("c-1",))
    practice.clinician("u-4", roles=(Role.SUPERVISOR,), caseload=(), supervises=("u-1",))
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,), caseload=())
    practice.clinician(caseload=())
    await steps.post_note(practice.ports(), record.id)
    told = practice.tasks("needs a new decision")
    assert {task.assignee_id for task in told} == {"u-3", "u-4"}
    assert {task.priority for task in told} == {"high"}
    for action in (Action.ACCESS_DENIED, Action.DRAFT_SENT_BACK):
        [entry] = practice.entries(action)
        assert (entry.outcome, entry.resource) == ("approver_not_authorized", f"draft/{record.id}")
        assert entry.details == {"decision_id": decision.id, "decided_by": "u-1"}


async def test_with_nobody_left_the_administrators_are_asked_to_assign_the_client(practice: Any) -> None:
    record = await approved(practice)
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,), caseload=())
    practice.clinician(caseload=())
    await steps.post_note(practice.ports(), record.id)
    assert [task.assignee_id for task in practice.tasks("needs a new decision")] == ["u-5"]


async def test_the_next_persons_approval_is_filed_once_and_told(practice: Any) -> None:
    record = await approved(practice)
    practice.clinician("u-3", caseload=("c-1",))
    practice.clinician(caseload=())
    await steps.post_note(practice.ports(), record.id)
    practice.decide(record.id, by="u-3")
    assert await steps.post_note(practice.ports(), record.id)
    assert await steps.verify_note(practice.ports(), record.id)
    done = practice.store.drafts.get(record.id)
    assert (done.state, done.failure_code) == (DraftState.POSTED, None)
    assert [entry.actor.id for entry in practice.entries(Action.DRAFT_APPROVED)] == ["u-1", "u-3"]
    assert practice.ehr.posts == 1


async def test_a_right_that_comes_back_does_not_revive_the_old_approval(practice: Any) -> None:
    record = await approved(practice)
    practice.clinician(caseload=())
    await steps.post_note(practice.ports(), record.id)
    practice.clinician()
    practice.forward(minutes=5)
    assert (
        settle_decided(practice.store.drafts, practice.store.decisions, practice.store.audit, clock=practice.clock) == 0
    )
    assert practice.store.drafts.get(record.id).state is DraftState.IN_REVIEW


async def test_the_text_that_was_approved_goes_with_proof_and_the_working_copy_stays(practice: Any) -> None:
    record = await approved(practice)
    decision = practice.store.decisions.for_draft(record.id)
    practice.clinician(caseload=())
    await steps.post_note(practice.ports(), record.id)
    assert not practice.exists(practice.store.contents.get, decision.content_id)
    [proof] = practice.entries(Action.CONTENT_DELETED)
    assert (proof.resource, proof.details["reason"]) == (f"content/{decision.content_id}", "approver_not_authorized")
    assert practice.read_draft(record.id).statements


async def test_without_consent_the_draft_fails_whoever_approved_it(practice: Any) -> None:
    record = await approved(practice)
    practice.withdraw()
    practice.clinician(caseload=())
    with pytest.raises(ConsentMissing):
        await steps.post_note(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.FAILED


async def test_an_ehr_that_does_not_answer_takes_no_decision_back_and_files_nothing(
    practice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await approved(practice)

    async def away(ehr: Any, user_id: str) -> Any:
        raise Transient("ehr_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ehr), "get_user", away)
        with pytest.raises(Transient):
            await steps.post_note(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED
    assert practice.store.decisions.for_draft(record.id) is not None
    assert await steps.post_note(practice.ports(), record.id)


async def test_killed_anywhere_it_is_sent_back_once_with_one_audit_story(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    for dies_at in count():
        session, client = f"a-{dies_at}", f"c-{dies_at}"
        practice.client(client)
        practice.clinician(caseload=(client,))
        practice.clinician("u-3", caseload=(client,))
        practice.session(session, client)
        practice.document(f"d-{session}", appointment_id=session, client_id=client)
        record = await approved(practice, session, f"d-{session}")
        practice.clinician(caseload=())
        calls = count()
        parts = {
            name: mortal(getattr(practice.store, name), calls, dies_at) for name in ("decisions", "contents", "audit")
        }
        dying = practice.ports(ehr=mortal(practice.ehr, calls, dies_at), **parts)
        try:
            await steps.post_note(dying, record.id)
        except killed:
            if practice.store.drafts.get(record.id).state is DraftState.APPROVED:
                assert await steps.post_note(practice.ports(), record.id) is None
        else:
            assert dies_at > 8, "not one step was killed"
            break
        assert practice.store.drafts.get(record.id).state is DraftState.IN_REVIEW
        assert practice.store.decisions.for_draft(record.id) is None
        for action in (Action.ACCESS_DENIED, Action.DRAFT_SENT_BACK):
            assert len(practice.entries(action, client)) == 1, (dies_at, action)
        assert len([task for task in practice.tasks("new decision") if task.client_id == client]) == 1
