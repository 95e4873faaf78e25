"""What stands in each client's chart before the story begins."""

import hashlib
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from therapyflows.simulator.contract import Json
from therapyflows.simulator.database import wire_time
from therapyflows.simulator.records import Records

PAST_NOTES = 4
SECTIONS = ("subjective", "objective", "assessment", "plan")
MEASURES = {"PHQ-9": (9, "2001"), "GAD-7": (7, "2006")}
SEVERITY = {"PHQ-9": ((20, "severe"), (15, "moderately severe"), (10, "moderate"), (5, "mild"), (0, "minimal")),
            "GAD-7": ((15, "severe"), (10, "moderate"), (5, "mild"), (0, "minimal"))}  # fmt: skip


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def note_content(theme: Json, turn: int) -> list[Json]:
    """One line per section; neighbours differ, and as many turns are distinct as there are pairs of the first two."""
    lap, first = divmod(turn, len(theme["subjective"]))
    picks = (first, first + lap, first + lap + 1, first + 2 * lap)
    return [
        {"name": name.capitalize(), "text": theme[name][pick % len(theme[name])]}
        for name, pick in zip(SECTIONS, picks, strict=True)
    ]


def seed_chart(records: Records, index: int, client: Json, theme: Json, day: date, dice: random.Random) -> None:
    """Plan, past signed notes and measures."""
    clinician, number = client["assignedClinicians"][0], client["id"][3:]
    start = day - timedelta(days=84)
    plan = {
        "id": f"tp-{number}",
        "clientId": client["id"],
        "status": "Active",
        "diagnosisCodes": theme["codes"],
        "goals": [{"id": f"goal-{number}-{i}", **goal} for i, goal in enumerate(theme["goals"], 1)],
        "start": start.isoformat(),
        "reviewDate": (start + timedelta(days=dice.choice((90, 100, 120, 180)))).isoformat(),
    }
    records.insert("treatmentplans", plan, at=wire_time(at_hour(start, 17)))
    for turn in range(PAST_NOTES):
        written = at_hour(day - timedelta(days=7 * (PAST_NOTES + 1 - turn)), 17, dice.randrange(60))
        note = signed_note(f"no-{number}-{turn + 1}", client["id"], clinician, None, theme, index + turn, written)
        records.insert("notes", note, at=wire_time(written))
    for turn, (measure, (items, version)) in enumerate(MEASURES.items()):
        level = dice.choice((0.6, 1.1, 1.6, 2.2))
        for past in range(2):
            answers = [min(3, max(0, round(dice.gauss(level + 0.3 * (1 - past), 0.7)))) for _ in range(items)]
            # Item nine of the PHQ-9 asks about thoughts of death: seeded answers leave it at zero.
            answers[-1] = 0 if measure == "PHQ-9" else answers[-1]
            taken = at_hour(day - timedelta(days=70 - 49 * past), 12, turn)
            records.insert(
                "assessments",
                assessment(f"as-{number}-{turn}{past}", client["id"], measure, version, answers, taken),
                at=wire_time(taken),
            )


def assessment(record_id: str, client_id: str, measure: str, version: str, answers: list[int], taken: datetime) -> Json:
    score = sum(answers)
    severity = next(name for floor, name in SEVERITY[measure] if score >= floor)
    return {
        "id": record_id,
        "clientId": client_id,
        "measure": measure,
        "version": version,
        "answers": answers,
        "score": score,
        "severity": severity,
        "narrative": f"{measure} score {score}, {severity} range.",
        "administeredAt": wire_time(taken),
        "externalId": None,
    }


def signed_note(
    note_id: str,
    client_id: str,
    clinician: str,
    appointment_id: str | None,
    theme: Json,
    turn: int,
    written: datetime,
) -> Json:
    return {
        "id": note_id,
        "clientId": client_id,
        "appointmentId": appointment_id,
        "clinicianId": clinician,
        "type": "progress_note",
        "format": "soap",
        "draftContent": note_content(theme, turn),
        "diagnosisCodes": theme["codes"],
        "serviceCode": theme["service"],
        "status": "Signed",
        "createdBy": clinician,
        "signedBy": clinician,
        "signedAt": wire_time(written),
        "externalId": None,
    }


def seed_messages(records: Records, clients: list[Json], data: Json, day: date) -> None:
    for index, message in enumerate(data["messages"] * 2):
        client = clients[(index * 7) % len(clients)]
        sent = at_hour(day - timedelta(days=1 + index // 3), 8, index)
        fields = {
            "id": f"me-{index + 1:04}",
            "clientId": client["id"],
            "threadId": f"th-{index + 1:04}",
            "box": "inbox",
            "status": "Received",
            "fromId": client["id"],
            "toId": client["assignedClinicians"][0],
            "sentAt": wire_time(sent),
            "externalId": None,
            **message,
        }
        records.insert("messages", fields, at=wire_time(sent))


def seed_documents(records: Records, clients: list[Json], content_dir: Path, day: date) -> None:
    """A welcome letter in every fifth chart: a document with real bytes behind it."""
    for client in clients[::5]:
        text = f"Dear {client['firstName']},\n\nwelcome to the practice. Please arrive ten minutes early.\n".encode()
        document_id = f"do-{client['id'][3:]}"
        (content_dir / document_id).write_bytes(text)
        sent = at_hour(day - timedelta(days=85), 10)
        fields = {
            "id": document_id,
            "clientId": client["id"],
            "appointmentId": None,
            "kind": "letter",
            "fileName": "welcome.txt",
            "contentType": "text/plain",
            "sizeBytes": len(text),
            "sha256": hashlib.sha256(text).hexdigest(),
            "externalId": None,
        }
        records.insert("documents", fields, at=wire_time(sent))
