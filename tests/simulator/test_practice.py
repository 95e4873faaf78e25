"""The seeded practice is what the demonstration and the README count on, and the same every time."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from therapyflows.simulator import SimulatorSettings
from therapyflows.simulator.records import Records
from therapyflows.simulator.server import open_practice

TODAY = date(2026, 11, 23)
RESOURCES = (
    "users",
    "clients",
    "appointments",
    "notes",
    "treatmentplans",
    "assessments",
    "messages",
    "claims",
    "documents",
)


def seeded(folder: Path, today: date = TODAY) -> dict[str, list[dict[str, Any]]]:
    practice = open_practice(SimulatorSettings(data_dir=folder, today=today))
    with practice.db.reading() as connection:
        records = Records(connection, practice.db.stamp)
        return {resource: records.all(resource) for resource in RESOURCES}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    return seeded(tmp_path_factory.mktemp("practice"))


def test_the_same_day_gives_the_same_practice(tmp_path: Path, practice: dict[str, Any]) -> None:
    assert seeded(tmp_path / "again") == practice


def test_a_seeded_practice_is_not_seeded_again(tmp_path: Path) -> None:
    assert seeded(tmp_path) == seeded(tmp_path, date(2027, 1, 1))


def test_sizes_and_roles(practice: dict[str, Any]) -> None:
    roles = [role for user in practice["users"] for role in user["roles"]]
    assert roles.count("Clinician") >= 6
    assert {"Supervisor", "Billing Manager", "Scheduler", "Practice Administrator"} <= set(roles)
    assert len(practice["clients"]) == 60
    days = {a["start"][:10] for a in practice["appointments"]}
    assert len(days) >= 11, "two working weeks and today"
    assert len(practice["notes"]) > 240
    assert len(practice["claims"]) > 5


def test_everybody_has_a_name_of_their_own_and_contacts_that_reach_nobody(practice: dict[str, Any]) -> None:
    clients = practice["clients"]
    assert len({(c["firstName"], c["lastName"]) for c in clients}) == 60
    assert all(c["phone"].startswith("555-01") and c["email"].endswith("@example.com") for c in clients)
    assert all(contact["phone"].startswith("555-01") for c in clients for contact in c["contacts"])


def test_consents_cover_every_state(practice: dict[str, Any]) -> None:
    recording = [
        next((k["status"] for k in c["consents"] if k["kind"] == "recording"), "absent") for c in practice["clients"]
    ]
    assert recording.count("granted") >= 50
    assert {"declined", "withdrawn", "absent"} <= set(recording)
    assert all(k["statement"] for c in practice["clients"] for k in c["consents"])
    assert [c["id"] for c in practice["clients"] if c["aiOptOut"]] == ["cl-0015"]
    assert [c["id"] for c in practice["clients"] if c["part2Program"]] == ["cl-0009", "cl-0027"]


def test_the_story_can_be_told(practice: dict[str, Any]) -> None:
    maya = next(c for c in practice["clients"] if c["id"] == "cl-0001")
    session = next(a for a in practice["appointments"] if a["id"] == "ap-0001")
    plan = next(p for p in practice["treatmentplans"] if p["clientId"] == "cl-0001")
    assert maya["assignedClinicians"] == ["us-0001"]
    assert {k["kind"] for k in maya["consents"] if k["status"] == "granted"} >= {"recording", "ai_processing"}
    assert (session["clientId"], session["modality"], session["status"]) == ("cl-0001", "video", "scheduled")
    assert session["start"].startswith(TODAY.isoformat())
    assert (plan["status"], plan["diagnosisCodes"]) == ("Active", ["F40.10"])


def test_twenty_and_more_sessions_are_ready_to_be_recorded(practice: dict[str, Any]) -> None:
    willing = {
        c["id"]
        for c in practice["clients"]
        if {k["kind"] for k in c["consents"] if k["status"] == "granted"} >= {"recording", "ai_processing"}
        and not c["aiOptOut"]
    }
    ready = [a for a in practice["appointments"] if a["status"] == "scheduled" and a["clientId"] in willing]
    assert len({a["clientId"] for a in ready}) >= 40


@pytest.mark.parametrize("today", [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22), TODAY])
def test_no_clinician_is_in_two_sessions_at_once(tmp_path: Path, today: date) -> None:
    """Friday, a weekend, Monday."""
    practice = seeded(tmp_path, today)
    taken = [(a["clinicianId"], a["start"]) for a in practice["appointments"] if a["status"] != "cancelled"]
    assert len(set(taken)) == len(taken)


def test_every_client_has_a_history_without_two_equal_notes(practice: dict[str, Any]) -> None:
    for client in practice["clients"]:
        notes = [n for n in practice["notes"] if n["clientId"] == client["id"]]
        assert len(notes) >= 4
        assert all(n["status"] == "Signed" for n in notes)
        texts = [tuple(section["text"] for section in n["draftContent"]) for n in notes]
        assert len(set(texts)) == len(texts)


def test_scores_are_the_sum_of_the_answers(practice: dict[str, Any]) -> None:
    assert {a["measure"] for a in practice["assessments"]} == {"PHQ-9", "GAD-7"}
    assert all(a["score"] == sum(a["answers"]) for a in practice["assessments"])


def test_caseloads_and_assignments_say_the_same(practice: dict[str, Any]) -> None:
    for user in practice["users"]:
        assigned = [c["id"] for c in practice["clients"] if user["id"] in c["assignedClinicians"]]
        assert sorted(user["caseload"]) == sorted(assigned)


def test_pronouns_in_notes_follow_the_client(practice: dict[str, Any]) -> None:
    pronouns = {c["id"]: c["pronouns"] for c in practice["clients"]}
    for note in practice["notes"]:
        words = {w.strip('.,;"').lower() for s in note["draftContent"] for w in s["text"].split()}
        own = set(pronouns[note["clientId"]].split("/"))
        assert not words & ({"she", "he"} - own), note["id"]
