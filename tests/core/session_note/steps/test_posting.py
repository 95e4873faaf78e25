"""From an approval to the note in the chart: once, checked again, read back; its evidence outlives the sources."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from therapyflows.core.chart import Note, NoteSection, NoteStatus, Role
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import ConsentMissing, Invalid, NotFound, Refused, Transient, UnknownOutcome
from therapyflows.core.retention.steps import delete_due
from therapyflows.core.session_note import content_ids, steps
from therapyflows.governance.audit.model import Action, Actor


async def approved(practice: Any) -> DraftRecord:
    record = await practice.prepare()
    practice.decide(record.id)
    return practice.store.drafts.get(record.id)


async def filed(practice: Any) -> DraftRecord:
    record = await approved(practice)
    await steps.post_note(practice.ports(), record.id)
    assert await steps.verify_note(practice.ports(), record.id)
    return practice.store.drafts.get(record.id)


async def test_an_approved_draft_becomes_an_unlocked_draft_note(practice: Any) -> None:
    record = await filed(practice)
    [note] = practice.ehr.notes()
    assert (record.state, record.ehr_note_id) == (DraftState.POSTED, note.id)
    assert (note.status, note.appointment_id, note.service_code) == (NoteStatus.DRAFT, "a-1", "90834")
    assert any("four hours" in section.text for section in note.draft_content)
    assert practice.store.own_writes.contains("notes", note.id)
    [posted] = practice.entries(Action.NOTE_POSTED)
    [verified] = practice.entries(Action.NOTE_VERIFIED)
    assert posted.sent_digest == verified.sent_digest == record.approved_digest


async def test_posting_and_verifying_twice_changes_nothing(practice: Any) -> None:
    record = await filed(practice)
    assert await steps.post_note(practice.ports(), record.id) == record.ehr_note_id
    assert await steps.verify_note(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id) == record
    assert practice.ehr.posts == len(practice.entries(Action.NOTE_POSTED)) == 1
    assert len(practice.entries(Action.NOTE_VERIFIED)) == 1


async def test_killed_anywhere_the_note_is_filed_once_with_one_audit_story(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    for dies_at in count():
        session, client = f"a-{dies_at}", f"c-{dies_at}"
        practice.client(client)
        practice.clinician(caseload=(client,))
        practice.session(session, client)
        practice.document(f"d-{session}", appointment_id=session, client_id=client)
        record = await practice.prepare(session, f"d-{session}")
        practice.decide(record.id)
        calls = count()
        names = ("drafts", "decisions", "contents", "audit", "own_writes")
        parts = {name: mortal(getattr(practice.store, name), calls, dies_at) for name in names}
        dying = practice.ports(ehr=mortal(practice.ehr, calls, dies_at), **parts)
        try:
            await steps.post_note(dying, record.id)
            await steps.verify_note(dying, record.id)
        except killed:
            await steps.post_note(practice.ports(), record.id)
            assert await steps.verify_note(practice.ports(), record.id)
        else:
            assert dies_at > 15, "not one step was killed"
            break
        done = practice.store.drafts.get(record.id)
        assert done.state is DraftState.POSTED
        assert len([note for note in practice.ehr.notes() if note.appointment_id == session]) == 1
        for action in (Action.NOTE_POSTED, Action.NOTE_VERIFIED):
            assert len(practice.entries(action, client)) == 1, (dies_at, action)


@pytest.mark.parametrize("trouble", ["before_note", "after_note"])
async def test_after_an_unknown_outcome_the_note_stands_once(practice: Any, trouble: str) -> None:
    record = await approved(practice)
    setattr(practice.ehr, trouble, [UnknownOutcome("write_timed_out")])
    with pytest.raises(UnknownOutcome):
        await steps.post_note(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED
    await steps.post_note(practice.ports(), record.id)
    assert len(practice.ehr.notes()) == len(practice.entries(Action.NOTE_POSTED)) == 1


@pytest.mark.parametrize("state", [s for s in DraftState if s is not DraftState.APPROVED])
async def test_only_an_approved_draft_is_posted(practice: Any, state: DraftState) -> None:
    record = await approved(practice)
    practice.store.drafts.move(record.id, expected=[DraftState.APPROVED], to=state)
    with pytest.raises(Refused, match="no_approval"):
        await steps.post_note(practice.ports(), record.id)
    assert practice.ehr.posts == 0


async def test_a_state_without_an_approving_decision_is_not_posted(practice: Any) -> None:
    record = await practice.prepare()
    practice.store.drafts.move(record.id, expected=[DraftState.IN_REVIEW], to=DraftState.APPROVED)
    with pytest.raises(Refused, match="no_approval"):
        await steps.post_note(practice.ports(), record.id)


async def test_a_rejected_draft_is_never_posted(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id, verdict="reject")
    with pytest.raises(Refused, match="no_approval"):
        await steps.post_note(practice.ports(), record.id)
    assert practice.ehr.posts == 0


LOSSES: dict[str, tuple[Callable[[Any], None], str]] = {
    "recording consent": (lambda p: p.withdraw(), "recording_consent_withdrawn"),
    "AI consent": (lambda p: p.withdraw("ai_processing"), "ai_processing_consent_withdrawn"),
    "opt-out": (lambda p: p.client(ai_opt_out=True), "client_opted_out"),
}


@pytest.mark.parametrize("what", LOSSES)
async def test_what_was_lost_since_the_decision_stops_the_posting(practice: Any, what: str) -> None:
    record = await approved(practice)
    lose, code = LOSSES[what]
    lose(practice)
    with pytest.raises(ConsentMissing, match=code):
        await steps.post_note(practice.ports(), record.id)
    failed = practice.store.drafts.get(record.id)
    assert (failed.state, failed.failure_code) == (DraftState.FAILED, code)
    assert practice.ehr.posts == 0
    [task] = practice.tasks("could not be filed")
    assert task.priority == "high"
    [denied] = practice.entries(Action.ACCESS_DENIED)
    assert denied.outcome == code
    decision = practice.store.decisions.for_draft(record.id)
    assert practice.store.contents.get(decision.content_id)


async def test_a_consent_that_comes_back_later_does_not_post_a_failed_draft(practice: Any) -> None:
    record = await approved(practice)
    practice.withdraw()
    with pytest.raises(ConsentMissing):
        await steps.post_note(practice.ports(), record.id)
    practice.client()
    with pytest.raises(Refused, match="no_approval"):
        await steps.post_note(practice.ports(), record.id)
    assert practice.ehr.posts == 0


async def test_a_task_about_drafting_does_not_swallow_the_one_about_posting(practice: Any) -> None:
    record = await approved(practice)
    practice.document("d-2")
    practice.withdraw()
    with pytest.raises(ConsentMissing):
        await steps.open_draft(practice.ports("run-2"), "a-1", "d-2")
    with pytest.raises(ConsentMissing):
        await steps.post_note(practice.ports(), record.id)
    assert len(practice.tasks("not drafted")) == len(practice.tasks("could not be filed")) == 1


async def test_a_note_that_was_filed_while_it_was_allowed_is_not_reported_as_unfiled(practice: Any) -> None:
    record = await approved(practice)
    practice.ehr.after_note = [UnknownOutcome("write_timed_out")]
    with pytest.raises(UnknownOutcome):
        await steps.post_note(practice.ports(), record.id)
    practice.withdraw()
    await steps.post_note(practice.ports(), record.id)
    assert await steps.verify_note(practice.ports(), record.id)
    assert practice.tasks() == []


async def test_an_approver_may_also_be_the_supervisor(practice: Any) -> None:
    practice.clinician("u-2", roles=(Role.SUPERVISOR,), caseload=(), supervises=("u-1",))
    record = await practice.prepare()
    practice.decide(record.id, by="u-2")
    assert await steps.post_note(practice.ports(), record.id)


def _altered(**changes: Any) -> Callable[[Note], Note]:
    return lambda note: note.model_copy(update=changes)


ALTERATIONS: dict[str, Callable[[Note], Note]] = {
    "a word": lambda n: n.model_copy(
        update={"draft_content": (NoteSection(name=n.draft_content[0].name, text="Other."), *n.draft_content[1:])}
    ),
    "a section lost": lambda n: n.model_copy(update={"draft_content": n.draft_content[:-1]}),
    "another code": _altered(service_code="90837"),
    "a diagnosis": _altered(diagnosis_codes=("F32.9",)),
    "another client": _altered(client_id="c-2"),
    "another session": _altered(appointment_id="a-2"),
}


def _incident(practice: Any, record: DraftRecord) -> None:
    found = practice.store.drafts.get(record.id)
    assert (found.state, found.failure_code) == (DraftState.INCIDENT, "note_mismatch")
    [task] = practice.tasks("differs from what you approved")
    assert (task.priority, task.assignee_id) == ("urgent", "u-1")
    [mismatch] = practice.entries(Action.NOTE_MISMATCH)
    assert (mismatch.outcome, mismatch.details["approved_digest"]) == ("note_mismatch", found.approved_digest)
    assert practice.entries(Action.NOTE_VERIFIED) == []


@pytest.mark.parametrize("what", ALTERATIONS)
async def test_a_note_that_differs_from_the_approval_is_an_incident(practice: Any, what: str) -> None:
    record = await approved(practice)
    await steps.post_note(practice.ports(), record.id)
    [note] = practice.ehr.notes()
    practice.ehr.add(ALTERATIONS[what](note))
    for _ in range(2):
        assert not await steps.verify_note(practice.ports(), record.id)
    _incident(practice, record)


async def test_a_note_that_is_gone_is_an_incident(practice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await approved(practice)
    await steps.post_note(practice.ports(), record.id)

    async def gone(ehr: Any, note_id: str) -> Note:
        raise NotFound("ehr_not_found")

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ehr), "get_note", gone)
        assert not await steps.verify_note(practice.ports(), record.id)
    _incident(practice, record)


async def test_lines_that_the_ehr_wrapped_anew_are_no_difference(practice: Any) -> None:
    record = await approved(practice)
    await steps.post_note(practice.ports(), record.id)
    [note] = practice.ehr.notes()
    wrapped = tuple(NoteSection(name=s.name, text=s.text.replace(" ", "\n")) for s in note.draft_content)
    practice.ehr.add(note.model_copy(update={"draft_content": wrapped}))
    assert await steps.verify_note(practice.ports(), record.id)


async def test_an_ehr_that_is_away_opens_no_incident(practice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await approved(practice)
    await steps.post_note(practice.ports(), record.id)

    async def away(ehr: Any, note_id: str) -> Note:
        raise Transient("ehr_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ehr), "get_note", away)
        with pytest.raises(Transient):
            await steps.verify_note(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED


async def test_what_was_not_posted_cannot_be_verified(practice: Any) -> None:
    record = await approved(practice)
    with pytest.raises(Invalid, match="note_not_posted"):
        await steps.verify_note(practice.ports(), record.id)


async def test_the_evidence_of_approved_statements_outlives_recording_and_transcript(practice: Any) -> None:
    record = await filed(practice)
    practice.forward(days=31)
    delete_due(practice.store, practice.at, actor=Actor("service", "retention"))
    decision = practice.store.decisions.for_draft(record.id)
    gone = (record.transcript_id, record.draft_content_id, decision.content_id)
    assert not any(practice.exists(practice.store.contents.get, content_id) for content_id in gone)
    assert not practice.exists(practice.store.recordings.size, record.recording_id)
    kept = json.loads(practice.store.contents.get(content_ids.evidence_id(record.id)))
    assert (kept["approved_by"], kept["drafter"]) == ("u-1", "evidence")
    quotes = [span["quote"] for statement in kept["statements"] for span in statement["evidence"]]
    assert any("four hours a night" in quote for quote in quotes)
    assert all(statement["text_digest"].startswith("sha256:") for statement in kept["statements"])


async def test_the_proof_of_the_deletion_is_in_the_audit_trail(practice: Any) -> None:
    record = await filed(practice)
    practice.forward(days=31)
    delete_due(practice.store, practice.at, actor=Actor("service", "retention"))
    proofs = {entry.resource: entry.details for entry in practice.entries(Action.CONTENT_DELETED)}
    expected = {
        f"recording/{record.recording_id}": "recording",
        f"content/{record.transcript_id}": "transcript",
        f"content/{record.draft_content_id}": "draft",
    }
    for resource, kind in expected.items():
        assert (proofs[resource]["kind"], proofs[resource]["reason"]) == (kind, "retention_ended")
        assert str(proofs[resource]["ciphertext_digest"]).startswith("sha256:")
    assert practice.store.audit.verify().ok
