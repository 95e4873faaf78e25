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
MINUTES = {"90832": 30, "90834": 45, "90837": 55}
MODALITIES = (("video", "10"), ("in_person", "11"), ("video", "10"), ("audio", "10"), ("in_person", "11"))
SLOTS = (9, 10, 11, 13, 14, 15, 16)


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def theme_index(index: int, client_id: str, data: Json, themes: list[Json]) -> int:
    """cl-0001 has social anxiety; Part 2 clients have the alcohol theme; nobody else has."""
    alcohol = next(i for i, theme in enumerate(themes) if theme["name"] == "alcohol use")
    if client_id in data["part2_program"]:
        return alcohol
    others = [i for i in range(len(themes)) if i != alcohol]
    return others[index % len(others)]


def with_pronouns(text: str, client: Json) -> str:
    """The theme texts are written for one person each; the pronouns follow the client's."""
    subject, object_, possessive = {"she/her": ("she", "her", "her"), "he/him": ("he", "him", "his")}.get(
        client["pronouns"], ("they", "them", "their")
    )
    del object_
    swaps = {"she": subject, "he": subject, "his": possessive, "her": possessive}
    words = []
    for word in text.split(" "):
        bare = word.strip(".,;\"'")
        new = swaps.get(bare.lower())
        words.append(word.replace(bare, new.capitalize() if bare[0].isupper() else new) if new else word)
    return " ".join(words)


def note_content(theme: Json, turn: int, offset: int) -> list[Json]:
    """One line per section; consecutive turns never repeat a line of the same section before the list is used up."""
    return [{"name": name.capitalize(), "text": theme[name][(turn + offset) % len(theme[name])]} for name in SECTIONS]


def seed_chart(records: Records, client: Json, theme: Json, day: date, dice: random.Random) -> None:
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
    offset = dice.randrange(20)
    for turn in range(PAST_NOTES):
        written = at_hour(day - timedelta(days=7 * (PAST_NOTES + 1 - turn)), 17, dice.randrange(60))
        note = signed_note(f"no-{number}-{turn + 1}", client["id"], clinician, None, theme, turn, offset, written)
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
    offset: int,
    written: datetime,
) -> Json:
    return {
        "id": note_id,
        "clientId": client_id,
        "appointmentId": appointment_id,
        "clinicianId": clinician,
        "type": "progress_note",
        "format": "soap",
        "draftContent": note_content(theme, turn, offset),
        "diagnosisCodes": theme["codes"],
        "serviceCode": theme["service"],
        "status": "Signed",
        "createdBy": clinician,
        "signedBy": clinician,
        "signedAt": wire_time(written),
        "externalId": None,
    }


def seed_fortnight(
    records: Records, clients: list[Json], themes: list[Json], data: Json, day: date, dice: random.Random
) -> None:
    """One week back, one week ahead.  ap-0001 is Maya's video session today; past sessions have notes and claims."""
    number = 0
    for turn in range(4):
        for index, client in enumerate(clients):
            # Turns 0 and 1 are today and ahead, 2 and 3 lie behind; a busy clinician's clients spread over the slots.
            ahead = (0, 1 + index % 6, -1 - index % 6, -7)[turn]
            if turn == 3 and index % 3:
                continue
            number += 1
            seed_appointment(
                records,
                number,
                client,
                themes[theme_index(index, client["id"], data, themes)],
                day + timedelta(days=ahead),
                index,
                dice,
            )


def seed_appointment(
    records: Records, number: int, client: Json, theme: Json, on: date, index: int, dice: random.Random
) -> None:
    appointment_id, minutes = f"ap-{number:04}", MINUTES[theme["service"]]
    begins = at_hour(on, SLOTS[(index // 3) % len(SLOTS)])
    modality, place = MODALITIES[index % 5]
    past = number > 2 * 60
    status = dice.choice(("completed",) * 8 + ("no_show", "cancelled")) if past else "scheduled"
    appointment = {
        "id": appointment_id,
        "clientId": client["id"],
        "clinicianId": client["assignedClinicians"][0],
        "serviceCode": theme["service"],
        "start": wire_time(begins),
        "end": wire_time(begins + timedelta(minutes=60)),
        "actualMinutes": dice.choice((minutes, minutes - 2, minutes + 3, None)) if status == "completed" else None,
        "modality": modality,
        "placeOfService": place,
        "status": status,
        "sessionType": "individual",
        "sessionFields": {"notes": None, "moodRating": dice.randrange(3, 8), "interventions": None, "homework": None}
        if status == "completed"
        else None,
    }
    booked = begins - timedelta(days=14) if not past else begins + timedelta(hours=1)
    records.insert("appointments", appointment, at=wire_time(booked))
    if status == "completed":
        written = begins + timedelta(hours=2)
        note = signed_note(
            f"no-{appointment_id}",
            client["id"],
            client["assignedClinicians"][0],
            appointment_id,
            theme,
            PAST_NOTES,
            index,
            written,
        )
        records.insert("notes", note, at=wire_time(written))
        if client["insurance"] and number % 4 == 0:
            seed_claim(records, appointment, note, client, written)


def seed_claim(records: Records, appointment: Json, note: Json, client: Json, written: datetime) -> None:
    modifiers = ["95"] if appointment["modality"] == "video" else []
    line = {
        "serviceCode": note["serviceCode"],
        "modifiers": modifiers,
        "units": 1,
        "chargeCents": 15_000,
        "diagnosisPointers": [1],
        "placeOfService": appointment["placeOfService"],
        "serviceDate": appointment["start"][:10],
    }
    claim = {
        "id": f"bc-{appointment['id'][3:]}",
        "clientId": client["id"],
        "appointmentId": appointment["id"],
        "clinicianId": appointment["clinicianId"],
        "kind": "claim",
        "payer": client["insurance"][0]["payer"],
        "status": "submitted" if int(appointment["id"][3:]) % 8 else "draft",
        "diagnosisCodes": note["diagnosisCodes"],
        "lines": [line],
        "rejectionReason": None,
        "externalId": None,
    }
    records.insert("claims", claim, at=wire_time(written + timedelta(hours=3)))


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
