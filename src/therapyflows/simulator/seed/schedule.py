"""The fortnight of appointments around today, with the notes and claims of what lies behind."""

import random
from collections import Counter
from datetime import date, datetime, timedelta

from therapyflows.simulator.contract import Json
from therapyflows.simulator.database import wire_time
from therapyflows.simulator.records import Records
from therapyflows.simulator.seed.charts import PAST_NOTES, at_hour, signed_note

MINUTES = {"90832": 30, "90834": 45, "90837": 55}
MODALITIES = (("video", "10"), ("in_person", "11"), ("video", "10"), ("audio", "10"), ("in_person", "11"))
SLOTS = (9, 10, 11, 13, 14, 15, 16)
OUTCOMES = ("completed",) * 8 + ("no_show", "cancelled")


def seed_fortnight(records: Records, clients: list[Json], themes: list[Json], day: date, dice: random.Random) -> None:
    """Two sessions ahead for everybody (ap-0001 to ap-0120 in client order, from today on), then those behind.

    Every second client has two sessions behind, the others one.
    """
    ahead = [day, *weekdays(day, range(1, 8))]
    behind = weekdays(day, range(-7, 0))
    numbered = list(enumerate(clients))
    booked: Counter[tuple[str, bool]] = Counter()
    number = 0
    for days, turn, group in (
        (ahead, 0, numbered),
        (ahead, 1, numbered),
        (behind, 0, numbered),
        (behind, 1, numbered[::2]),
    ):
        for index, client in group:
            number += 1
            clinician = client["assignedClinicians"][0]
            taken = booked[clinician, days is ahead]
            booked[clinician, days is ahead] += 1
            # Day after day, then the next hour: a clinician never has two sessions at once.
            hour = SLOTS[taken // len(days)]
            appointment = appointment_of(number, index, client, themes[index], at_hour(days[taken % len(days)], hour))
            if days is ahead:
                records.insert("appointments", appointment, at=wire_time(at_hour(day, 8) - timedelta(days=14 - turn)))
            else:
                finish(records, appointment, client, themes[index], index + PAST_NOTES + turn, dice)


def weekdays(day: date, offsets: range) -> list[date]:
    return [on for on in (day + timedelta(days=offset) for offset in offsets) if on.weekday() < 5]


def appointment_of(number: int, index: int, client: Json, theme: Json, begins: datetime) -> Json:
    modality, place = MODALITIES[index % 5]
    return {
        "id": f"ap-{number:04}",
        "clientId": client["id"],
        "clinicianId": client["assignedClinicians"][0],
        "serviceCode": theme["service"],
        "start": wire_time(begins),
        "end": wire_time(begins + timedelta(minutes=60)),
        "actualMinutes": None,
        "modality": modality,
        "placeOfService": place,
        "status": "scheduled",
        "sessionType": "individual",
        "sessionFields": None,
    }


def finish(records: Records, appointment: Json, client: Json, theme: Json, turn: int, dice: random.Random) -> None:
    """Most sessions took place and have a signed note; every fourth of those that a payer covers has a claim."""
    begins, status = datetime.fromisoformat(appointment["start"]), dice.choice(OUTCOMES)
    appointment["status"] = status
    if status == "completed":
        minutes = MINUTES[theme["service"]]
        appointment["actualMinutes"] = dice.choice((minutes, minutes - 2, minutes + 3, None))
        appointment["sessionFields"] = {"moodRating": dice.randrange(3, 8)}
    records.insert("appointments", appointment, at=wire_time(begins + timedelta(hours=1)))
    if status != "completed":
        return
    written = begins + timedelta(hours=2)
    note = signed_note(
        f"no-{appointment['id']}", client["id"], appointment["clinicianId"], appointment["id"], theme, turn, written
    )
    records.insert("notes", note, at=wire_time(written))
    if client["insurance"] and int(appointment["id"][3:]) % 4 == 0:
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
