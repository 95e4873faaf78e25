"""A withdrawn consent stops what is under way and erases what it covered, with proof, also after a crash."""

import contextlib
from itertools import count
from typing import Any

import pytest

from therapyflows.core.chart import DocumentKind
from therapyflows.core.consent_change.steps import apply_consent, watch_consents
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.waiting_cosignatures import watch_cosignatures
from therapyflows.core.errors import Refused, Transient
from therapyflows.core.session_note import content_ids, steps
from therapyflows.governance.audit.model import Action


def stands(practice: Any, record: DraftRecord) -> list[str]:
    """What of the draft's content is still there."""
    contents = {"transcript": content_ids.transcript_id(record.id), "draft": content_ids.machine_draft_id(record.id)}
    found = [name for name, content_id in contents.items() if practice.exists(practice.store.contents.get, content_id)]
    if practice.exists(practice.store.recordings.size, content_ids.recording_id(record.id)):
        found.append("recording")
    return found


async def test_while_consent_stands_nothing_happens(practice: Any) -> None:
    record = await practice.prepare()
    assert await apply_consent(practice.consents(), "c-1") == []
    assert practice.store.drafts.get(record.id) == record
    assert stands(practice, record) == ["transcript", "draft", "recording"]


@pytest.mark.parametrize("kind", ["recording", "ai_processing"])
async def test_a_waiting_draft_is_cancelled_its_run_ends_and_its_content_is_erased_with_proof(
    practice: Any, kind: str
) -> None:
    record = await practice.prepare()
    practice.withdraw(kind)
    assert await apply_consent(practice.consents(), "c-1") == [record.id]
    cancelled = practice.store.drafts.get(record.id)
    assert (cancelled.state, cancelled.failure_code) == (DraftState.CANCELLED, f"{kind}_consent_withdrawn")
    assert practice.runs.cancelled == ["run-1"]
    assert stands(practice, record) == []
    proofs = {
        entry.resource: str(entry.details["ciphertext_digest"]) for entry in practice.entries(Action.CONTENT_DELETED)
    }
    assert set(proofs) == {
        f"recording/{record.recording_id}",
        f"content/{record.transcript_id}",
        f"content/{record.draft_content_id}",
    }
    assert all(digest.startswith("sha256:") for digest in proofs.values())
    assert practice.store.contents.due_for_deletion(practice.at.replace(year=2040)) == []


async def test_heard_of_again_there_is_nothing_left_to_do(practice: Any) -> None:
    await practice.prepare()
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    before = len(practice.store.audit.search())
    assert await apply_consent(practice.consents(), "c-1") == []
    assert len(practice.store.audit.search()) == before


async def test_the_reviewers_working_copy_goes_too(practice: Any) -> None:
    record = await practice.prepare()
    practice.store.contents.put("c-1", "edited_draft", b"{}", content_id="cnt_edited")
    practice.store.drafts.update(record.id, edited_content_id="cnt_edited")
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert not practice.exists(practice.store.contents.get, "cnt_edited")


async def test_a_transcript_whose_speakers_were_swapped_goes_too(practice: Any) -> None:
    record = await practice.prepare()
    practice.store.contents.put("c-1", "transcript", b"{}", content_id="cnt_swapped")
    practice.store.drafts.update(record.id, transcript_id="cnt_swapped")
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert not practice.exists(practice.store.contents.get, "cnt_swapped")
    assert stands(practice, record) == []


async def test_other_clients_are_not_touched(practice: Any) -> None:
    practice.client("c-2")
    practice.session("a-2", "c-2")
    practice.document("d-2", appointment_id="a-2", client_id="c-2")
    other = await practice.prepare("a-2", "d-2")
    practice.withdraw()
    assert await apply_consent(practice.consents(), "c-1") == []
    assert practice.store.drafts.get(other.id) == other


async def test_a_withdrawn_recording_consent_leaves_dictations_alone(practice: Any) -> None:
    practice.document(kind=DocumentKind.DICTATION)
    record = await practice.prepare()
    practice.withdraw("recording")
    assert await apply_consent(practice.consents(), "c-1") == []
    assert practice.store.drafts.get(record.id).state is DraftState.IN_REVIEW


async def test_a_recording_that_is_gone_from_the_chart_does_not_save_its_draft(
    practice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await practice.prepare()
    practice.withdraw()
    practice.ehr._objects[type(await practice.ehr.get_document("d-1"))].clear()
    assert await apply_consent(practice.consents(), "c-1") == [record.id]
    assert stands(practice, record) == []


async def test_killed_anywhere_repeating_it_erases_and_proves_everything(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    for dies_at in count():
        client = f"c-{dies_at}"
        practice.client(client)
        practice.clinician(caseload=(client,))
        practice.session(f"a-{client}", client)
        practice.document(f"d-{client}", appointment_id=f"a-{client}", client_id=client)
        record = await practice.prepare(f"a-{client}", f"d-{client}", practice.ports(f"run-{client}"))
        practice.withdraw(client_id=client)
        calls = count()
        parts = {
            name: mortal(getattr(practice.store, name), calls, dies_at)
            for name in ("drafts", "contents", "recordings", "audit")
        }
        runs = mortal(practice.runs, calls, dies_at)
        try:
            await apply_consent(practice.consents(runs=runs, **parts), client)
        except killed:
            await apply_consent(practice.consents(), client)
        else:
            assert dies_at > 10, "not one step was killed"
            break
        assert practice.store.drafts.get(record.id).state is DraftState.CANCELLED
        assert stands(practice, record) == []
        assert f"run-{client}" in practice.runs.cancelled
        proved = [entry.resource for entry in practice.entries(Action.CONTENT_DELETED, client)]
        assert len(proved) == len(set(proved)) == 3, dies_at
        assert len(practice.entries(Action.DRAFT_CANCELLED, client)) == 1


async def test_an_orchestrator_that_is_away_does_not_keep_the_content(practice: Any) -> None:
    record = await practice.prepare()
    practice.withdraw()
    practice.runs.script = [Transient("prefect_unavailable")]
    with pytest.raises(Transient):
        await apply_consent(practice.consents(), "c-1")
    assert stands(practice, record) == []
    await apply_consent(practice.consents(), "c-1")
    assert practice.runs.cancelled == ["run-1"]


async def test_what_a_killed_step_stored_before_its_row_named_it_is_erased(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    with pytest.raises(killed):
        await steps.fetch_recording(practice.ports(audit=mortal(practice.store.audit, count(), 1)), record.id)
    assert practice.store.drafts.get(record.id).recording_id is None
    assert stands(practice, record) == ["recording"]
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert stands(practice, record) == []


async def test_a_draft_in_the_making_is_stopped_and_leaves_nothing(practice: Any) -> None:
    record = await steps.open_draft(practice.ports(), "a-1", "d-1")
    await steps.fetch_recording(practice.ports(), record.id)
    practice.withdraw()
    assert await apply_consent(practice.consents(), "c-1") == [record.id]
    with pytest.raises(Refused, match="draft_closed"):
        await steps.transcribe(practice.ports(), record.id, lambda done: None)
    assert stands(practice, record) == []


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_of_a_decided_draft_the_sources_go_and_the_decision_stays(practice: Any, verdict: str) -> None:
    record = await practice.prepare()
    practice.decide(record.id, verdict=verdict)
    practice.withdraw()
    assert await apply_consent(practice.consents(), "c-1") == []
    assert stands(practice, record) == []
    assert practice.store.decisions.for_draft(record.id) is not None
    assert practice.store.drafts.get(record.id).state in (DraftState.APPROVED, DraftState.REJECTED)


async def test_of_a_filed_note_the_evidence_stays(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id)
    await steps.post_note(practice.ports(), record.id)
    await steps.verify_note(practice.ports(), record.id)
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert stands(practice, record) == []
    assert practice.store.contents.get(content_ids.evidence_id(record.id))
    assert len(practice.ehr.notes()) == 1


async def test_a_consent_that_ran_out_stops_new_work_and_keeps_what_was_decided(practice: Any) -> None:
    decided = await practice.prepare()
    practice.decide(decided.id)
    practice.session("a-2")
    practice.document("d-2", appointment_id="a-2")
    waiting = await practice.prepare("a-2", "d-2", practice.ports("run-2"))
    practice.client(consents={"recording": {"expires_at": practice.at}, "ai_processing": {}})
    assert await apply_consent(practice.consents(), "c-1") == [waiting.id]
    assert stands(practice, waiting) == []
    assert stands(practice, decided) == ["transcript", "draft", "recording"]


async def test_a_draft_approved_at_this_moment_is_left_to_the_check_before_posting(
    practice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await practice.prepare()
    practice.withdraw()
    real = type(practice.store.drafts).move

    def approved_first(drafts: Any, draft_id: str, **how: Any) -> DraftRecord:
        if how["to"] is DraftState.CANCELLED:
            practice.decide(draft_id)
        return real(drafts, draft_id, **how)

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.store.drafts), "move", approved_first)
        assert await apply_consent(practice.consents(), "c-1") == []
    with pytest.raises(Refused, match="recording_consent_withdrawn"):
        await steps.post_note(practice.ports(), record.id)
    assert practice.ehr.posts == 0


async def test_what_a_model_was_sent_and_answered_goes_with_the_draft(practice: Any) -> None:
    record = await practice.prepare()
    for kind in ("prompt", "completion"):
        practice.store.contents.put("c-1", kind, b"words", content_id=f"cnt_{kind}", draft_id=record.id)
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    proved = {entry.resource: entry.details["kind"] for entry in practice.entries(Action.CONTENT_DELETED)}
    assert (proved["content/cnt_prompt"], proved["content/cnt_completion"]) == ("prompt", "completion")
    assert all(item.is_settled for item in practice.store.contents.of_client("c-1"))


async def test_what_an_older_version_stored_of_a_models_calls_goes_too(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id)
    practice.store.contents.put("c-1", "prompt", b"words", content_id="cnt_ownerless")
    practice.withdraw("ai_processing")
    await apply_consent(practice.consents(), "c-1")
    assert not practice.exists(practice.store.contents.get, "cnt_ownerless")


async def test_the_words_of_a_rejection_go_and_its_code_stays(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id, verdict="reject", words="She talks about Example Bakery here.")
    decision = practice.store.decisions.for_draft(record.id)
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert not practice.exists(practice.store.contents.get, decision.reason_content_id)
    assert practice.store.decisions.for_draft(record.id).reason_code == "not_needed"


async def test_an_approved_text_that_no_decision_names_belongs_to_no_record(practice: Any) -> None:
    """Left by a crash between the content and the decision's row."""
    record = await practice.prepare()
    practice.store.contents.put("c-1", "approved_draft", b"words", content_id="cnt_orphan", draft_id=record.id)
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert not practice.exists(practice.store.contents.get, "cnt_orphan")


async def test_of_an_approved_note_the_approved_text_stays_until_its_period_ends(practice: Any) -> None:
    record = await practice.prepare()
    practice.decide(record.id)
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert practice.exists(practice.store.contents.get, practice.store.decisions.for_draft(record.id).content_id)


@pytest.fixture
async def unsigned(practice: Any) -> DraftRecord:
    """Approved by an associate, with nobody's co-signature yet."""
    found = await practice.prepare()
    practice.decide(found.id)
    practice.store.decisions.cosignatures.ask(practice.store.decisions.for_draft(found.id).id, found.id)
    return practice.store.drafts.get(found.id)


async def test_an_approval_that_waits_for_a_co_signature_waits_no_longer(practice: Any, unsigned: DraftRecord) -> None:
    practice.withdraw()
    for _ in range(2):
        await apply_consent(practice.consents(), "c-1")
    row = practice.store.drafts.get(unsigned.id)
    assert (row.state, row.failure_code) == (DraftState.FAILED, "recording_consent_withdrawn")
    assert [task.assignee_id for task in practice.tasks("could not be filed")] == ["u-1"]
    assert [entry.outcome for entry in practice.entries(Action.TASK_CREATED)] == ["recording_consent_withdrawn"]
    assert set(practice.runs.resumed) == {"run-1"}
    assert practice.exists(practice.store.contents.get, practice.store.decisions.for_draft(unsigned.id).content_id)
    assert stands(practice, unsigned) == []
    assert await watch_cosignatures(practice.watch()) == 0


async def test_killed_while_it_ends_repeating_it_ends_it(
    practice: Any, unsigned: DraftRecord, mortal: Any, killed: Any
) -> None:
    practice.withdraw()
    for dies_at in range(1, 60):
        life = count(1)
        parts = {n: mortal(getattr(practice.store, n), life, dies_at) for n in ("audit", "drafts", "decisions")}
        with contextlib.suppress(killed):
            await apply_consent(practice.consents(**parts), "c-1")
            break
    assert practice.store.drafts.get(unsigned.id).state is DraftState.FAILED
    assert len(practice.tasks("could not be filed")) == len(practice.entries(Action.TASK_CREATED)) == 1
    assert set(practice.runs.resumed) == {"run-1"}


async def test_one_that_is_signed_is_left_to_its_run(practice: Any, unsigned: DraftRecord) -> None:
    practice.store.decisions.cosignatures.sign(
        practice.store.decisions.for_draft(unsigned.id).id, by="u-4", role="Supervisor"
    )
    practice.withdraw()
    await apply_consent(practice.consents(), "c-1")
    assert practice.store.drafts.get(unsigned.id).state is DraftState.APPROVED
    assert practice.runs.resumed == []


# --- with nobody sending an event ---


async def watched(practice: Any, **changes: Any) -> list[str]:
    return [draft_id async for draft_id in watch_consents(practice.consents(**changes))]


async def test_a_consent_that_ran_out_is_noticed_with_nobody_reporting_it(practice: Any) -> None:
    practice.client(consents={"recording": {"expires_at": practice.at.replace(day=9)}, "ai_processing": {}})
    record = await practice.prepare()
    assert await watched(practice) == []
    practice.forward(days=7)
    assert await watched(practice) == [record.id]
    assert practice.store.drafts.get(record.id).failure_code == "recording_consent_expired"
    assert stands(practice, record) == []
    assert practice.runs.cancelled == ["run-1"]
    assert await watched(practice) == []


async def test_what_a_crash_left_of_a_cancelled_draft_is_finished_by_the_next_round(practice: Any) -> None:
    record = await practice.prepare()
    practice.store.drafts.move(record.id, expected=[DraftState.IN_REVIEW], to=DraftState.CANCELLED)
    assert await watched(practice) == []
    assert stands(practice, record) == []


async def test_one_client_whom_the_chart_does_not_know_does_not_hold_up_the_others(practice: Any) -> None:
    practice.client("c-2")
    practice.clinician(caseload=("c-1", "c-2"))
    practice.session("a-2", "c-2")
    practice.document("d-2", appointment_id="a-2", client_id="c-2")
    first = await practice.prepare()
    second = await practice.prepare("a-2", "d-2", practice.ports("run-2"))
    practice.withdraw(client_id="c-2")
    practice.ehr._objects[type(await practice.ehr.get_client("c-1"))].pop("c-1")
    assert await watched(practice) == [second.id]
    assert practice.store.drafts.get(first.id).state is DraftState.IN_REVIEW
