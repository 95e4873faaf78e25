"""From the chart's document to a draft that waits: repeated, killed, cancelled in between, fed with bad sources."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest

from therapyflows.core.chart import DocumentKind
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Refused, Transient, UnusableSource
from therapyflows.core.ports import Judge
from therapyflows.core.session_note import content_ids, steps
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT, SessionContext, SourceKind
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Grade, Judgement, Segment

ONCE = (Action.RECORDING_STORED, Action.TRANSCRIPT_STORED, Action.DRAFT_STORED, Action.DRAFT_SUBMITTED)
LINES = b"Therapist: How did you sleep?\nClient: I slept badly, four hours a night.\n"


def quiet(done: float) -> None:
    pass


async def test_the_recording_is_stored_encrypted_and_heard_whole(practice: Any) -> None:
    record = await practice.prepare()
    assert b"".join(practice.store.recordings.read(record.recording_id)) == practice.recognizer.heard[0][0]
    assert practice.recognizer.heard[0][1:] == (False, 50)
    [stored] = practice.entries(Action.RECORDING_STORED)
    assert stored.sent_digest == f"sha256:{(await practice.ehr.get_document('d-1')).sha256}"


async def test_a_dictation_is_heard_as_one_speaker_of_unknown_length(practice: Any) -> None:
    practice.document(kind=DocumentKind.DICTATION)
    await practice.prepare()
    assert practice.recognizer.heard[0][1:] == (True, None)


async def test_every_step_called_twice_does_its_work_once(practice: Any) -> None:
    first = await practice.prepare()
    second = await practice.prepare()
    assert second == first
    assert (len(practice.recognizer.heard), practice.drafted) == (1, 1)
    assert [len(practice.entries(action)) for action in ONCE] == [1, 1, 1, 1]


async def test_a_submission_is_told_although_somebody_decided_before_it_was(
    practice: Any, mortal: Any, killed: Any
) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    await steps.fetch_recording(practice.ports(), record.id)
    await steps.transcribe(practice.ports(), record.id, lambda done: None)
    await steps.draft_note(practice.ports(), record.id)
    with pytest.raises(killed):
        await steps.submit_for_review(practice.ports(audit=mortal(practice.store.audit, iter([1]), 1)), record.id)
    practice.decide(record.id)
    for _ in range(2):
        await steps.submit_for_review(practice.ports(), record.id)
    assert len(practice.entries(Action.DRAFT_SUBMITTED)) == 1
    assert practice.store.drafts.get(record.id).state is DraftState.APPROVED


async def test_a_submitted_draft_waits_with_a_deadline(practice: Any) -> None:
    record = await practice.prepare()
    assert record.state is DraftState.IN_REVIEW
    assert record.deadline == practice.at + practice.policy.review_within
    draft = DRAFT.validate_json(practice.store.contents.get(record.draft_content_id))
    assert any("four hours" in s.text for s in draft.statements)
    assert draft.codes


async def test_killed_anywhere_the_steps_end_in_one_whole_draft_with_one_audit_story(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    for dies_at in count():
        client, session, document = (f"{kind}-{dies_at}" for kind in "cad")
        practice.client(client)
        practice.clinician(caseload=(client,))
        practice.session(session, client)
        practice.document(document, appointment_id=session, client_id=client)
        calls = count()
        parts = {
            name: mortal(getattr(practice.store, name), calls, dies_at)
            for name in ("drafts", "contents", "recordings", "audit")
        }
        ports = practice.ports(ehr=mortal(practice.ehr, calls, dies_at), **parts)
        try:
            await practice.prepare(session, document, ports)
        except killed:
            record = await practice.prepare(session, document)
        else:
            assert dies_at > 20, "not one step was killed"
            break
        assert record.state is DraftState.IN_REVIEW
        assert practice.exists(practice.store.recordings.size, record.recording_id)
        TRANSCRIPT.validate_json(practice.store.contents.get(record.transcript_id))
        DRAFT.validate_json(practice.store.contents.get(record.draft_content_id))
        assert [len(practice.entries(action, client)) for action in ONCE] == [1, 1, 1, 1], dies_at


@pytest.mark.parametrize("trouble", [{"sha256": "0" * 64}, {"content": b"", "sha256": "0" * 64}])
async def test_a_damaged_download_is_tried_again_and_leaves_no_half_recording(
    practice: Any, trouble: dict[str, Any]
) -> None:
    practice.document(**trouble)
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    with pytest.raises(Transient, match="document_digest_mismatch"):
        await steps.fetch_recording(practice.ports(), record.id)
    assert not practice.exists(practice.store.recordings.size, content_ids.recording_id(record.id))
    assert practice.store.drafts.get(record.id).recording_id is None
    assert practice.entries(Action.RECORDING_STORED) == []
    practice.document()
    assert (await practice.prepare()).state is DraftState.IN_REVIEW


async def test_an_unusable_recording_becomes_a_task_and_a_failed_draft_and_stays_in_the_chart(practice: Any) -> None:
    practice.recognizer.script = [UnusableSource("no_speech", "there is no speech", remedy="Check the microphone")]
    with pytest.raises(UnusableSource, match="no_speech"):
        await practice.prepare()
    [record] = practice.store.drafts.for_appointment("a-1")
    assert (record.state, record.failure_code) == (DraftState.FAILED, "no_speech")
    assert practice.exists(practice.store.recordings.size, record.recording_id)
    [task] = practice.tasks()
    assert "There is no speech. Check the microphone. The original stays in the chart." in task.text
    assert (await practice.ehr.get_document("d-1")).id == "d-1"
    assert [entry.outcome for entry in practice.entries(Action.TASK_CREATED)] == ["no_speech"]


async def test_a_second_unusable_recording_of_the_session_is_told_too(practice: Any) -> None:
    practice.document("d-2")
    for document in ("d-1", "d-2"):
        practice.recognizer.script = [UnusableSource("no_speech", "there is no speech", remedy="Check the microphone")]
        with pytest.raises(UnusableSource):
            await practice.prepare(document_id=document)
    assert len(practice.tasks()) == 2


async def test_killed_while_giving_up_it_gives_up_again_with_one_task(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    await steps.fetch_recording(practice.ports(), record.id)
    unusable = UnusableSource("no_speech", "there is no speech", remedy="Check the microphone")
    practice.recognizer.script = [unusable, unusable]
    dying = mortal(practice.store.drafts, count(), 1)  # the first call reads the row, the second moves it
    with pytest.raises(killed):
        await steps.transcribe(practice.ports(drafts=dying), record.id, quiet)
    with pytest.raises(UnusableSource):
        await steps.transcribe(practice.ports(), record.id, quiet)
    with pytest.raises(Refused, match="draft_closed"):
        await steps.transcribe(practice.ports(), record.id, quiet)
    assert practice.store.drafts.get(record.id).state is DraftState.FAILED
    assert len(practice.tasks()) == len(practice.entries(Action.TASK_CREATED)) == 1


async def test_an_uploaded_transcript_needs_no_recognizer(practice: Any) -> None:
    practice.document(kind=DocumentKind.TRANSCRIPT, content=LINES)
    record = await practice.prepare()
    transcript = TRANSCRIPT.validate_json(practice.store.contents.get(record.transcript_id))
    assert (record.recording_id, practice.recognizer.heard) == (None, [])
    assert transcript.segments[1].text == "I slept badly, four hours a night."


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 40])
async def test_an_unreadable_transcript_becomes_a_task(practice: Any, content: bytes) -> None:
    practice.document(kind=DocumentKind.TRANSCRIPT, content=content)
    with pytest.raises(UnusableSource):
        await practice.prepare()
    [task] = practice.tasks("cannot be used")
    assert task.priority == "high"


async def test_an_enormous_transcript_is_not_even_fetched(practice: Any) -> None:
    practice.document(kind=DocumentKind.TRANSCRIPT, content=LINES)
    document = (await practice.ehr.get_document("d-1")).model_copy(update={"size_bytes": 20_000_001})
    practice.ehr.add(document)
    with pytest.raises(UnusableSource, match="transcript_too_large"):
        await practice.prepare()


async def test_session_fields_are_drafted_line_by_line(practice: Any) -> None:
    practice.session(fields="Slept better.\n\n  Practised breathing. ")
    record = await practice.prepare(document_id=None)
    transcript = TRANSCRIPT.validate_json(practice.store.contents.get(record.transcript_id))
    assert transcript.source is SourceKind.SESSION_FIELDS
    assert [segment.text for segment in transcript.segments] == ["Slept better.", "Practised breathing."]


async def test_empty_session_fields_become_a_task(practice: Any) -> None:
    practice.session(fields=" \n ")
    with pytest.raises(UnusableSource, match="session_fields_empty"):
        await practice.prepare(document_id=None)
    assert len(practice.tasks("cannot be used")) == 1


def cancel(practice: Any, draft_id: str) -> None:
    practice.store.drafts.move(draft_id, expected=[DraftState.PREPARING], to=DraftState.CANCELLED)


async def test_a_recording_that_arrives_after_the_cancellation_is_erased_with_proof(practice: Any) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    practice.ehr.in_between = lambda: cancel(practice, record.id)
    with pytest.raises(Refused, match="draft_closed"):
        await steps.fetch_recording(practice.ports(), record.id)
    recording_id = content_ids.recording_id(record.id)
    assert not practice.exists(practice.store.recordings.size, recording_id)
    [proof] = practice.entries(Action.CONTENT_DELETED)
    assert proof.resource == f"recording/{recording_id}"
    assert str(proof.details["ciphertext_digest"]).startswith("sha256:")


async def test_a_transcript_made_after_the_cancellation_is_erased_too(practice: Any) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    await steps.fetch_recording(practice.ports(), record.id)
    with pytest.raises(Refused, match="draft_closed"):
        await _cancelled_while_heard(practice, record.id)
    assert not practice.exists(practice.store.contents.get, content_ids.transcript_id(record.id))
    assert [entry.resource for entry in practice.entries(Action.CONTENT_DELETED)] == [
        f"recording/{content_ids.recording_id(record.id)}",
        f"content/{content_ids.transcript_id(record.id)}",
    ]


async def _cancelled_while_heard(practice: Any, draft_id: str) -> None:
    def recognizer() -> Any:
        cancel(practice, draft_id)
        return practice.recognizer

    await steps.transcribe(practice.ports(recognizer=recognizer), draft_id, quiet)


async def test_a_closed_draft_is_not_worked_on(practice: Any) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    cancel(practice, record.id)
    for step in (
        steps.fetch_recording(practice.ports(), record.id),
        steps.transcribe(practice.ports(), record.id, quiet),
        steps.draft_note(practice.ports(), record.id),
    ):
        with pytest.raises(Refused, match="draft_closed"):
            await step
    await steps.submit_for_review(practice.ports(), record.id)
    assert practice.store.drafts.get(record.id).state is DraftState.CANCELLED
    assert practice.entries(Action.DRAFT_SUBMITTED) == []


class Disagreeing:
    """A judge that contradicts everything."""

    async def judge(self, statements: Mapping[str, str], source: Sequence[Segment]) -> Mapping[str, Judgement]:
        return {id_: Judgement(Grade.CONTRADICTED, "never said", (), "scripted:script") for id_ in statements}


async def test_a_judge_is_asked_where_the_practice_has_one_and_changes_no_grade(practice: Any) -> None:
    async def judge_of(context: SessionContext) -> Judge | None:
        return Disagreeing() if context.client.id == "c-1" else None

    record = await practice.prepare(ports=practice.ports(judge_of=judge_of))
    judged = practice.read_draft(record.id)
    practice.session("a-2")
    practice.document("d-2", appointment_id="a-2")
    plain = practice.read_draft((await practice.prepare("a-2", "d-2")).id)
    assert any(s.judged is not None for s in judged.statements)
    assert [s.grade for s in judged.statements] == [s.grade for s in plain.statements]
    assert all(s.judged is None for s in plain.statements)
