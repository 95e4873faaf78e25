"""Builders for session-note tests: transcripts from lines, a chart of invented people, the AnnoMI dialogues."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from therapyflows.core.chart import Appointment, Client, Consent, Note, PlanGoal, Role, TreatmentPlan, User
from therapyflows.core.session_note.model import SessionContext, SourceKind, Transcript
from therapyflows.governance.evidence.model import Segment, Speaker

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", Path(__file__).parents[3] / "../shared/data"))
SPEAKERS = {"T": Speaker.THERAPIST, "C": Speaker.CLIENT, "U": Speaker.UNKNOWN}


def transcript_of(*lines: str, source: SourceKind = SourceKind.TRANSCRIPT) -> Transcript:
    """``"T: How are you?"`` -> a therapist's segment of five seconds."""
    segments = []
    for number, line in enumerate(lines, 1):
        speaker, _, text = line.partition(": ")
        segments.append(Segment(f"s{number}", SPEAKERS[speaker], (number - 1) * 5.0, number * 5.0, text))
    return Transcript(source, 5.0 * len(segments), tuple(segments))


def appointment_of(minutes: int | None = 50, session_type: str = "individual") -> Appointment:
    return Appointment.model_validate(
        {
            "id": "a-1",
            "client_id": "c-1",
            "clinician_id": "u-1",
            "start": datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
            "end": datetime(2026, 3, 2, 10, 50, tzinfo=UTC),
            "actual_minutes": minutes,
            "modality": "video",
            "session_type": session_type,
        }
    )


@pytest.fixture
def talk() -> Callable[..., Transcript]:
    return transcript_of


@pytest.fixture
def appointment() -> Callable[..., Appointment]:
    return appointment_of


@pytest.fixture
def chart() -> Callable[..., SessionContext]:
    """A context; ``pronouns``, ``goals``, ``plan_codes``, ``note_codes`` and ``minutes`` can be chosen."""

    def build(
        *,
        pronouns: str | None = None,
        goals: tuple[PlanGoal, ...] = (),
        plan_codes: tuple[str, ...] = (),
        note_codes: tuple[str, ...] = (),
        minutes: int | None = 50,
    ) -> SessionContext:
        consent = Consent.model_validate(
            {
                "id": "k-1",
                "kind": "recording",
                "status": "granted",
                "statement": "I agree that sessions are recorded to write my notes.",
                "granted_at": datetime(2026, 1, 5, tzinfo=UTC),
            }
        )
        client = Client(id="c-1", first_name="Testa", last_name="Example", pronouns=pronouns, consents=(consent,))
        plan = TreatmentPlan(id="p-1", client_id="c-1", status="Active", goals=goals, diagnosis_codes=plan_codes)
        note = Note.model_validate(
            {"id": "n-1", "client_id": "c-1", "clinician_id": "u-1", "status": "Signed", "diagnosis_codes": note_codes}
        )
        clinician = User(id="u-1", name="Clin Example", roles=(Role.CLINICIAN,))
        return SessionContext(appointment_of(minutes), client, clinician, note, plan if goals or plan_codes else None)

    return build


@pytest.fixture(scope="session")
def annomi() -> dict[str, Transcript]:
    """All development dialogues of AnnoMI by id."""
    path = DATA / "annomi_dev.csv"
    if not path.exists():
        pytest.skip("annomi_dev.csv is not on this machine")
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["transcript_id"]].append(row)
    return {key: _dialogue(lines) for key, lines in rows.items()}


def _dialogue(rows: list[dict[str, str]]) -> Transcript:
    starts = [_seconds(row["timestamp"]) for row in rows]
    ends = [*starts[1:], starts[-1] + 5]
    segments = tuple(
        Segment(f"s{n}", Speaker(row["interlocutor"]), start, max(start, end), row["utterance_text"])
        for n, (row, start, end) in enumerate(zip(rows, starts, ends, strict=True), 1)
    )
    return Transcript(SourceKind.TRANSCRIPT, ends[-1], segments)


def _seconds(timestamp: str) -> float:
    hours, minutes, seconds = timestamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
