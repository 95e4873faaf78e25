"""What an operator finds in Prefect after `deploy`, and that the automations really tell somebody."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from system import System, poll
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import NotFound


def test_every_deployment_explains_itself(system: System):
    deployments = system.prefect("POST", "/deployments/filter", {})
    assert {d["name"] for d in deployments} == {
        "session-note",
        "intake",
        "intake-quality",
        "review-watch",
        "retention",
        "consent-change",
        "consent-watch",
        "alert",
    }
    assert all(d["description"] for d in deployments)
    assert all(d["work_pool_name"] == "therapyflows" for d in deployments)


def test_blocks_wait_for_an_operator_with_sensible_defaults(system):
    documents = system.prefect("POST", "/block_documents/filter", {"include_secrets": False})
    found = {d["block_type"]["slug"]: d for d in documents if d["name"] == "practice"}
    assert {"language-model-connection", "speech-model"} <= set(found)
    assert found["language-model-connection"]["data"]["provider"] == "evidence"
    assert found["speech-model"]["block_type"]["description"]


def test_speech_has_a_limit_of_its_own(system):
    limit = system.prefect("GET", "/v2/concurrency_limits/therapyflows-speech")
    assert limit["limit"] >= 1


def test_an_overdue_draft_becomes_a_task_for_the_administrators(system):
    draft_id = f"drf_{uuid4().hex}"
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "therapyflows.draft.overdue",
        "resource": {"prefect.resource.id": f"therapyflows.draft.{draft_id}"},
        "related": [],
        "payload": {},
    }

    def told() -> list[dict]:
        tasks = system.chart("/v1/tasks?limit=100")["items"]
        return [t for t in tasks if draft_id in t["text"]]

    system.send_event(event)
    tasks = poll(told, seconds=90, what="the practice administrator gets a task")
    assert tasks[0]["priority"] == "urgent"
    assert tasks[0]["assigneeId"] == "us-0012"


def test_withdrawn_consent_ends_the_run_and_deletes_what_was_recorded(system, tmp_path_factory):
    recording = system.demo_recording
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], recording, kind="recording")
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW, seconds=300)
    system.control("/_control/withdraw_consent", {"clientId": appointment["clientId"], "kind": "recording"})
    record = system.draft_in(appointment["id"], DraftState.CANCELLED)
    poll(lambda: system.run_state(record.flow_run_id) in ("Cancelled", "Cancelling"), seconds=60, what="the run ends")

    def gone() -> bool:
        try:
            system.store.contents.get(record.transcript_id)
        except NotFound:
            return True
        return False

    poll(gone, seconds=60, what="the transcript is deleted")
    with pytest.raises(NotFound):
        next(iter(system.store.recordings.read(record.recording_id)))
    proofs = [
        e
        for e in system.store.audit.search(client_id=appointment["clientId"], limit=5000)
        if e.entry.action == "content.deleted" and e.entry.details.get("ciphertext_digest")
    ]
    assert {f"recording/{record.recording_id}", f"content/{record.transcript_id}"} <= {e.entry.resource for e in proofs}
    assert system.drafts_in_chart(appointment) == []
