"""One story on a real recording, each step checked where it happened.

A therapist ends a telehealth session; the recording lands in the chart; a signed webhook arrives; a run starts; the
note is drafted and waits; the clinician signs in, corrects a sentence, approves; the run wakes; the note stands in the
EHR as an unlocked Draft; the audit trail verifies.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx

from therapyflows.app.auditing import verify_trail
from therapyflows.app.demo.clinician import Clinician, Login, StoryBroke, wait_until
from therapyflows.app.demo.stage import CONTROL_TOKEN, DEMO_SERVICE_SECRET, Stage
from therapyflows.app.settings import Settings
from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.drafts.model import DraftRecord, DraftState

CLIENT_ID = "cl-0001"
CLINICIAN_ID = "us-0001"
CLINICIAN = Login("dana.reyes", "demo-dana")
MINUTES = 45

Tell = Callable[[str], None]


class Story:
    """The demonstration's session, from its end to the note in the chart."""

    def __init__(self, stage: Stage, settings: Settings, tell: Tell) -> None:
        self.stage, self.settings, self.tell = stage, settings, tell
        self.ehr = httpx.Client(base_url=stage.ehr_url, timeout=30)
        self._shown = 0.0

    def end_session(self) -> str:
        """The therapist ends the session and the recording lands in the chart; returns the appointment's id."""
        appointment = self._next_appointment()
        recording = Path(str(files("therapyflows").joinpath("simulator/recordings/session.opus")))
        answer = self.ehr.post(
            "/_control/complete_session",
            headers={"X-Control-Token": CONTROL_TOKEN},
            json={
                "appointmentId": appointment,
                "recordingPath": str(recording),
                "actualMinutes": MINUTES,
                "contentType": "audio/ogg",
            },
        )
        answer.raise_for_status()
        self.tell(f"The therapist ended session {appointment}; its recording is in the chart.")
        return appointment

    def _next_appointment(self) -> str:
        """The demo client's next session; after some demonstrations, another client's of the same clinician."""
        for client_id in (CLIENT_ID, *self._clients_who_agreed()):
            for item in self._chart(f"/v1/appointments?clientId={client_id}&limit=100")["items"]:
                if item["status"] == "scheduled" and item["clinicianId"] == CLINICIAN_ID:
                    return str(item["id"])
        raise StoryBroke(
            "no_session_left", f"Every session of the simulated fortnight is over; delete {self.stage.folder}."
        )

    def _clients_who_agreed(self) -> list[str]:
        clients = self._chart("/v1/clients?limit=100")["items"]
        return [
            client["id"]
            for client in clients
            if CLINICIAN_ID in client["assignedClinicians"]
            and not client["aiOptOut"]
            and {"recording", "ai_processing"} <= {c["kind"] for c in client["consents"] if c["status"] == "granted"}
        ]

    def follow_to_review(self, appointment_id: str) -> DraftRecord:
        """Webhook, run, draft: wait until it waits for its reviewer."""
        store = open_store_of_settings()
        wait_until("a webhook starts a run", lambda: store.drafts.for_appointment(appointment_id), seconds=90)
        self.tell("A signed webhook arrived and started a run; consent and role were checked.")

        def waiting() -> DraftRecord | None:
            record = store.drafts.for_appointment(appointment_id)[0]
            self._show_progress(record)
            if record.state.is_final:
                raise StoryBroke("draft_ended", "The draft ended before review.", failure=record.failure_code)
            return record if record.state == DraftState.IN_REVIEW else None

        record = wait_until("the recording is transcribed and drafted", waiting, seconds=600)
        assert isinstance(record, DraftRecord)
        self.tell(f"The note is drafted and waits: {self.settings.review.base_url}/drafts/{record.id}")
        return record

    def _show_progress(self, record: DraftRecord) -> None:
        """What the run's progress artifact says, whenever it has moved on by a tenth."""
        found = httpx.post(
            f"{self.settings.prefect_ui_url}/api/artifacts/filter",
            json={"artifacts": {"flow_run_id": {"any_": [record.flow_run_id]}, "type": {"any_": ["progress"]}}},
            timeout=10,
        )
        percent = max((float(a["data"]) for a in found.json()), default=0.0) if found.is_success else 0.0
        if percent >= self._shown + 10:
            self._shown = percent
            self.tell(f"Transcribing the recording: {percent:.0f} %")

    def play_clinician(self, draft_id: str) -> None:
        """Sign in, see the draft beside its transcript, change a sentence, approve."""
        clinician = Clinician(self.settings.review.base_url)
        clinician.sign_in(CLINICIAN)
        if draft_id not in clinician.waiting_drafts():
            raise StoryBroke("not_in_queue", "The draft is not in the clinician's queue.", draft=draft_id)
        clinician.correct_one_sentence(draft_id)
        removed = clinician.settle_open_statements(draft_id)
        unsupported = f"{removed} unsupported statement{'' if removed == 1 else 's'}"
        self.tell(f"{CLINICIAN.name} signed in, corrected a sentence and removed {unsupported}.")
        clinician.approve(draft_id)
        undo_s = self.settings.review.undo_seconds
        self.tell(f"{CLINICIAN.name} approved; until the run wakes in {undo_s:g} s it can be undone.")

    def follow_to_chart(self, draft_id: str, *, seconds: float) -> None:
        """Wait until the note is posted, then look for it in the EHR itself."""
        store = open_store_of_settings()

        def finished() -> DraftRecord | None:
            record = store.drafts.get(draft_id)
            return record if record.state.is_final else None

        record = wait_until("the approved note is posted", finished, seconds=seconds)
        assert isinstance(record, DraftRecord)
        if record.state != DraftState.POSTED:
            raise StoryBroke("not_posted", "The note was not posted.", state=record.state.value)
        note = self._chart(f"/v1/notes/{record.ehr_note_id}")
        if note["status"] != "Draft":
            raise StoryBroke("not_a_draft", "The note in the EHR is not an unlocked Draft.", note=note["id"])
        self.tell(f"The note stands in the EHR as an unlocked Draft: {note['id']} ({self.stage.ehr_url}/ui/login)")

    def tell_the_end_of(self, draft_id: str) -> Callable[[], None]:
        """To be called again and again: says once what became of the draft that the person decides on."""
        store = open_store_of_settings()
        told: list[DraftState] = []

        def look() -> None:
            record = store.drafts.get(draft_id)
            if told or not record.state.is_final:
                return
            told.append(record.state)
            if record.state == DraftState.POSTED:
                self.tell(f"The note stands in the EHR as an unlocked Draft: {record.ehr_note_id}. Sign it there.")
                self.verify_audit()
            else:
                self.tell(f"The draft ended without a note in the chart: {record.state.value}.")

        return look

    def verify_audit(self) -> None:
        """The whole trail, hash chain and signed checkpoints."""
        report = verify_trail(None, None, None)
        if not report["intact"]:
            raise StoryBroke("audit_broken", "The audit trail does not verify.")
        self.tell(f"The audit trail verifies: {report['summary']}")

    def _chart(self, path: str) -> dict[str, Any]:
        token = self.ehr.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("therapyflows", DEMO_SERVICE_SECRET)
        )
        token.raise_for_status()
        answer = self.ehr.get(path, headers={"Authorization": f"Bearer {token.json()['access_token']}"})
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body
