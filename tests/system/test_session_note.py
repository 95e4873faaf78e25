"""One session through the whole system, and what must not happen on the way."""

import asyncio

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from system import System, poll
from therapyflows.app.auditing import verify_trail
from therapyflows.app.run_pages import show_touched_runs
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.session_note.model import DRAFT
from therapyflows.governance.audit.model import Action, Actor, AuditEntry


@pytest.fixture(scope="module")
def posted(system: System, transcript_file):
    """A session that went all the way."""
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], transcript_file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    system.approve(record)
    return appointment, system.draft_in(appointment["id"], DraftState.POSTED)


def test_the_note_stands_in_the_chart_as_an_unlocked_draft(system, posted):
    appointment, record = posted
    [note] = system.drafts_in_chart(appointment)
    assert note["id"] == record.ehr_note_id
    assert note["status"] == "Draft"
    assert note["draftContent"][0]["text"]


def test_the_chart_holds_exactly_what_was_approved(system, posted):
    _, record = posted
    decision = system.store.decisions.for_draft(record.id)
    approved = DRAFT.validate_json(system.store.contents.get(decision.content_id))
    note = system.chart(f"/v1/notes/{record.ehr_note_id}")
    posted_text = " ".join(section["text"] for section in note["draftContent"])
    assert all(" ".join(s.text.split()) in " ".join(posted_text.split()) for s in approved.statements)
    verified = system.store.audit.search(resource=f"notes/{record.ehr_note_id}")
    assert [e.entry.action for e in verified if e.entry.action.startswith("note.")] == ["note.posted", "note.verified"]


def test_the_audit_trail_tells_the_whole_story_and_verifies(system, posted):
    _, record = posted
    run = [e.entry.action.value for e in system.store.audit.search(flow_run_id=record.flow_run_id)]
    asked = "consent.checked"  # before each step that uses material
    story = [asked, asked, "transcript.stored", asked, "draft.stored", "draft.submitted", asked, "note.posted"]
    story.append("note.verified")
    assert [action for action in run if action in story] == story
    decided = [e.entry.action.value for e in system.store.audit.search(resource=f"draft/{record.id}")]
    assert "draft.approved" in decided
    assert verify_trail(None, None, None)["intact"]


def artifacts_of(system, record) -> list[dict]:
    wanted = {"flow_runs": {"id": {"any_": [record.flow_run_id]}}, "limit": 50}
    return system.prefect("POST", "/artifacts/filter", wanted)


def trail_page(system, record) -> str:
    """The audit entries on the run's page: there at most once, however often the run was woken."""
    found = [a["data"] for a in artifacts_of(system, record) if a["key"] == f"audit-{record.flow_run_id}"]
    assert len(found) <= 1
    return found[0] if found else ""


def test_the_run_shows_summary_audit_entries_and_tags_to_an_operator(system, posted):
    _, record = posted
    run = system.prefect("GET", f"/flow_runs/{record.flow_run_id}")
    assert run["name"].startswith("session-note-")
    assert {"therapyflows", "session-note"} <= set(run["tags"])
    assert "session-note-summary" in {a["key"] for a in artifacts_of(system, record)}
    poll(lambda: "note.verified" in trail_page(system, record), seconds=60, what="the run shows how it ended")


def test_a_rejected_draft_is_never_posted(system, transcript_file):
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], transcript_file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    clinician = system.person(record.clinician_id)
    page = clinician.browser.open(f"{system.settings.review.base_url}/drafts/{record.id}")
    clinician.browser.send(page, page.form("/reject"), reason_code="inaccurate", words="Not what was said.")
    assert system.draft_in(appointment["id"], DraftState.REJECTED)
    poll(lambda: system.run_state(record.flow_run_id) == "NotApproved", seconds=60, what="the run ends")
    assert system.drafts_in_chart(appointment) == []


def test_a_draft_that_is_sent_back_is_made_anew_by_its_run_and_then_filed(system, transcript_file):
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], transcript_file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    clinician = system.person(record.clinician_id)
    page = clinician.browser.open(f"{system.settings.review.base_url}/drafts/{record.id}")
    clinician.browser.send(page, page.form("/redraft"), words="As DAP, please.")
    poll(
        lambda: system.store.drafts.get(record.id).failure_code == "redrafted",
        seconds=180,
        what="another draft is made",
    )
    again = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    assert (again.id, again.flow_run_id, again.format) == (record.id, record.flow_run_id, "dap")
    system.approve(again)
    assert system.draft_in(appointment["id"], DraftState.POSTED)


def test_resuming_from_prefect_without_a_decision_goes_back_to_waiting(system, transcript_file):
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], transcript_file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    poll(lambda: system.run_state(record.flow_run_id) == "Suspended", seconds=60, what="the run waits")
    before = len(_states(system, record.flow_run_id, "Suspended"))
    system.prefect("POST", f"/flow_runs/{record.flow_run_id}/resume", {"run_input": {"decision_id": "dec_of_nobody"}})
    poll(
        lambda: len(_states(system, record.flow_run_id, "Suspended")) > before,
        seconds=60,
        what="the run goes back to waiting",
    )
    assert system.drafts_in_chart(appointment) == []
    system.approve(record)
    assert system.draft_in(appointment["id"], DraftState.POSTED)


def test_an_approval_by_somebody_who_lost_the_client_does_not_count(system, transcript_file):
    appointment = system.scheduled(1)[0]
    client_id, clinician_id = appointment["clientId"], appointment["clinicianId"]
    system.end_session(appointment["id"], transcript_file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    system.approve(record)  # the run takes seconds to wake
    system.control("/_control/assign_client", {"clientId": client_id, "clinicianIds": []})
    sent_back = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    assert sent_back.failure_code == "approver_not_authorized"
    assert any("needs a new decision" in task["title"] for task in system.tasks_of(client_id))
    assert system.drafts_in_chart(appointment) == []
    system.control("/_control/assign_client", {"clientId": client_id, "clinicianIds": [clinician_id]})
    poll(lambda: _approves(system, sent_back), seconds=90, what="the clinician sees the client again")
    assert system.draft_in(appointment["id"], DraftState.POSTED)
    assert len(system.drafts_in_chart(appointment)) == 1


def _approves(system, record) -> bool:
    """Roles are believed for half a minute: until then the draft may still be hidden."""
    try:
        system.approve(record)
    except httpx.HTTPStatusError:
        return False
    return True


def test_a_client_without_recording_consent_is_not_processed(system, tmp_path):
    appointment = next(a for a in system._all("/v1/appointments") if a["clientId"] == "cl-0046" and _scheduled(a))
    recording = tmp_path / "session.wav"
    recording.write_bytes(b"RIFF")
    system.end_session(appointment["id"], recording, kind="recording")
    poll(lambda: system.tasks_of("cl-0046"), seconds=120, what="the clinician gets a task")
    assert system.store.drafts.for_appointment(appointment["id"]) == []
    assert system.drafts_in_chart(appointment) == []


def test_an_unusable_recording_leaves_a_task_that_says_what_to_do(system, tmp_path):
    appointment = system.scheduled(1)[0]
    broken = tmp_path / "session.mp3"
    broken.write_bytes(b"this is no sound at all " * 100)
    system.end_session(appointment["id"], broken, kind="recording")
    record = system.draft_in(appointment["id"], DraftState.FAILED)
    assert record.failure_code
    tasks = [t for t in system.tasks_of(appointment["clientId"]) if "cannot be used" in t["title"]]
    assert tasks
    assert "original stays in the chart" in tasks[0]["text"]


def test_a_note_that_differs_from_the_approval_is_an_incident(system, transcript_file):
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], transcript_file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    system.control("/_faults", {"kind": "alter_draft", "count": 1})
    system.approve(record)
    record = system.draft_in(appointment["id"], DraftState.INCIDENT, DraftState.POSTED)
    assert record.state == DraftState.INCIDENT
    actions = [e.entry.action.value for e in system.store.audit.search(resource=f"notes/{record.ehr_note_id}")]
    assert "note.mismatch" in actions
    assert any(t["priority"] == "urgent" for t in system.tasks_of(appointment["clientId"]))


def _states(system, flow_run_id: str, name: str) -> list[dict]:
    states = system.prefect("GET", f"/flow_run_states/?flow_run_id={flow_run_id}")
    return [s for s in states if s["name"] == name]


def _scheduled(appointment: dict) -> bool:
    return appointment["status"] == "scheduled"


def test_what_is_told_of_a_run_after_its_end_gets_onto_its_page_with_the_next_watch(system, posted):
    """As of one that crashed or was cancelled, which writes no page of its own."""
    _, record = posted
    system.store.audit.append(
        AuditEntry(Action.TASK_CREATED, Actor("service", "test"), "x/1", None, record.flow_run_id)
    )

    def shown() -> bool:
        """A round that met a busy Prefect leaves the rest to the next one."""
        asyncio.run(show_touched_runs())
        return "task.created" in trail_page(system, record)

    with temporary_settings({PREFECT_API_URL: f"{system.settings.prefect_ui_url}/api"}):
        poll(shown, seconds=60, what="the entry stands on the run's page")
