"""The whole system for a test: every process real, each on a free port, the EHR simulated."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from therapyflows import simulator
from therapyflows.app.demo.clinician import Clinician, Login
from therapyflows.app.demo.stage import CONTROL_TOKEN, DEMO_SERVICE_SECRET, PORTS, set_stage, simulator_process
from therapyflows.app.running import Running
from therapyflows.app.settings import load_settings
from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.governance.access.cosign import default_rules

DEMO_RECORDING = Path(simulator.__file__).parent / "recordings" / "session.opus"
LOGINS = {
    user["id"]: Login(user["login"], user["password"])
    for user in yaml.safe_load((Path(simulator.__file__).parent / "seed" / "practice.yaml").read_text())["users"]
}


def poll(check: Callable[[], Any], *, seconds: float, what: str, every_s: float = 0.3) -> Any:
    """The first true-ish answer; fails with ``what`` after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := check():
            return answer
        time.sleep(every_s)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class System:
    """Start it with ``with System(folder) as system``."""

    demo_recording = DEMO_RECORDING

    def __init__(self, folder: Path, overrides: Mapping[str, str] | None = None) -> None:
        self.stage = set_stage(
            folder,
            {"THERAPYFLOWS_SPEECH__MODEL": "fast", "THERAPYFLOWS_REVIEW__UNDO_SECONDS": "0", **(overrides or {})},
            ports=dict.fromkeys(PORTS, 0),
        )
        self._env_file_before = os.environ.get("THERAPYFLOWS_ENV_FILE")
        os.environ["THERAPYFLOWS_ENV_FILE"] = str(self.stage.env_file)
        load_settings.cache_clear()
        open_store_of_settings.cache_clear()
        self.settings = load_settings()
        self.running = Running(self.settings, tell=lambda line: None)
        self.ehr = httpx.Client(base_url=self.stage.ehr_url, timeout=30)
        self._people: dict[str, Clinician] = {}

    def __enter__(self) -> "System":
        try:
            self.running.start(extra=(simulator_process(self.stage),))
        except BaseException:
            self.running.supervisor.stop()
            raise
        self.store = open_store_of_settings()
        return self

    def __exit__(self, *_: object) -> None:
        self.running.supervisor.stop()
        self.store.close()
        # A system inside another one's lifetime leaves the process with the settings of the other.
        if self._env_file_before is not None:
            os.environ["THERAPYFLOWS_ENV_FILE"] = self._env_file_before
        open_store_of_settings.cache_clear()
        load_settings.cache_clear()

    # --- the chart

    def control(self, path: str, body: Mapping[str, Any]) -> Any:
        """The simulator's control plane."""
        answer = self.ehr.post(path, headers={"X-Control-Token": CONTROL_TOKEN}, json=dict(body))
        answer.raise_for_status()
        return answer.json()

    def chart(self, path: str) -> Any:
        """What the EHR itself says."""
        token = self.ehr.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("therapyflows", DEMO_SERVICE_SECRET)
        ).json()["access_token"]
        answer = self.ehr.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.json()

    def scheduled(self, count: int, *, excluding: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Appointments to come of clients with full consent and clinicians who take part and sign alone."""
        allowed = {c["id"] for c in self._all("/v1/clients") if _consents_to_everything(c)} - excluding
        taking_part = {
            u["id"]
            for u in self._all("/v1/users")
            if "Clinician" in u["roles"]
            and not u["aiOptOut"]
            and not default_rules().needs(u.get("credential"), "session-note")
        }
        found = [
            a
            for a in self._all("/v1/appointments")
            if a["status"] == "scheduled" and a["clientId"] in allowed and a["clinicianId"] in taking_part
        ]
        assert len(found) >= count, "the synthetic practice has too few appointments"
        return found[:count]

    def _all(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.chart(f"{path}?limit=100{cursor}")
            items += page["items"]
            if not page["next"]:
                return items
            cursor = f"&cursor={page['next']}"

    def end_session(self, appointment_id: str, file: Path, *, kind: str = "transcript", minutes: int = 45) -> None:
        """The therapist ends the session and the file lands in the chart."""
        self.control(
            "/_control/complete_session",
            {"appointmentId": appointment_id, "recordingPath": str(file), "actualMinutes": minutes, "kind": kind},
        )

    def drafts_in_chart(self, appointment: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Notes of this appointment that stand in the EHR."""
        notes = self._all_of_client("/v1/notes", appointment["clientId"])
        return [note for note in notes if note["appointmentId"] == appointment["id"]]

    def tasks_of(self, client_id: str) -> list[dict[str, Any]]:
        return self._all_of_client("/v1/tasks", client_id)

    def _all_of_client(self, path: str, client_id: str) -> list[dict[str, Any]]:
        page = self.chart(f"{path}?clientId={client_id}&limit=100")
        assert not page["next"]
        items: list[dict[str, Any]] = page["items"]
        return items

    # --- drafts and people

    def draft_in(self, appointment_id: str, *states: DraftState, seconds: float = 180) -> DraftRecord:
        """The draft of this appointment once it is in one of these states."""

        def found() -> DraftRecord | None:
            records = self.store.drafts.for_appointment(appointment_id)
            return next((r for r in records if r.state in states), None)

        record: DraftRecord = poll(found, seconds=seconds, what=f"draft of {appointment_id} in {states}")
        return record

    def person(self, user_id: str) -> Clinician:
        """The person at the review application, signed in."""
        if user_id not in self._people:
            clinician = Clinician(self.settings.review.base_url)
            clinician.sign_in(LOGINS[user_id])
            self._people[user_id] = clinician
        return self._people[user_id]

    def approve(self, record: DraftRecord) -> None:
        """The responsible clinician removes what is unsupported and approves."""
        clinician = self.person(record.clinician_id)
        clinician.settle_open_statements(record.id)
        clinician.approve(record.id)

    # --- Prefect and processes

    def send_event(self, event: Mapping[str, Any]) -> None:
        """Put an event into Prefect's feed."""
        answer = httpx.post(f"{self.settings.prefect_ui_url}/api/events", json=[dict(event)], timeout=30)
        answer.raise_for_status()

    def prefect(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Prefect's API, as its UI uses it; a busy database (503) is asked again, as Prefect's own client does."""
        for _ in range(10):
            answer = httpx.request(method, f"{self.settings.prefect_ui_url}/api{path}", json=body, timeout=30)
            if answer.status_code != 503:
                break
            time.sleep(0.5)
        answer.raise_for_status()
        return answer.json()

    def run_state(self, flow_run_id: str) -> str:
        name: str = self.prefect("GET", f"/flow_runs/{flow_run_id}")["state"]["name"]
        return name

    def kill(self, name: str) -> None:
        """kill -9 of the process and everything it started; then it is started again."""
        os.killpg(self.running.supervisor.running[name].pid, signal.SIGKILL)
        self.running.supervisor.running[name].wait()
        self.running.supervisor.restart_dead()


def _consents_to_everything(client: Mapping[str, Any]) -> bool:
    granted = {c["kind"] for c in client["consents"] if c["status"] == "granted"}
    return {"recording", "ai_processing"} <= granted and not client["aiOptOut"] and not client["part2Program"]
