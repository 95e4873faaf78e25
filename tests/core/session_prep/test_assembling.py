"""The page before a session, from what was read: pure, and honest about what could not be read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from therapyflows.core.chart import (
    Appointment,
    Assessment,
    Client,
    Consent,
    Document,
    DocumentKind,
    Note,
    NoteSection,
    Task,
    TreatmentPlan,
)
from therapyflows.core.session_prep.assembling import prepare
from therapyflows.core.session_prep.model import Prep
from therapyflows.core.session_prep.reading import ChartParts, Part

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def session(number: int, start: datetime, status: str = "completed") -> Appointment:
    end = start + timedelta(minutes=50)
    return Appointment(id=f"a-{number}", client_id="c-1", clinician_id="u-1", start=start, end=end, status=status)


def note(number: int, at: datetime, type: str = "progress_note") -> Note:
    section = NoteSection(name="Plan", text=f"Words {number}.")
    return Note(
        id=f"n-{number}", client_id="c-1", clinician_id="u-1", type=type, status="Signed", created_at=at,
        draft_content=(section,),
    )  # fmt: skip


def document(number: int, at: datetime, kind: str = "letter") -> Document:
    return Document(
        id=f"d-{number}", client_id="c-1", kind=DocumentKind(kind), file_name="x", content_type="x", size_bytes=1,
        sha256="0" * 64, created_at=at,
    )  # fmt: skip


def consent(kind: str, status: str = "granted", **more: object) -> Consent:
    given = {"statement": "I agree.", "granted_at": ago(days=300)} | more
    return Consent(id=f"k-{kind}-{status}", kind=kind, status=status, **given)


CLIENT = Client(
    id="c-1", first_name="Marigold", last_name="Fernweh", consents=(consent("recording"), consent("ai_processing"))
)
EMPTY = ChartParts(Part(()), Part(()), Part(()), Part(()), Part(()), Part(()))


def page(client: Client | None = CLIENT, **parts: object) -> Prep:
    known = Part(client) if client is not None else Part(None, "failed")
    read = {name: value if isinstance(value, Part) else Part(tuple(value)) for name, value in parts.items()}
    return prepare(known, replace(EMPTY, **read), NOW)


def test_an_empty_chart_is_an_empty_page() -> None:
    found = page()
    assert (found.next_session, found.last_session, found.note.value, found.plan.value) == (None, None, None, None)
    assert (found.happened, found.not_compared, found.critical) == ((), (), ())


def test_the_next_session_runs_now_or_comes_first_and_the_last_one_took_place() -> None:
    running = session(3, ago(minutes=10), "scheduled")
    found = page(
        appointments=[
            session(1, ago(days=14)),
            session(2, ago(days=7)),
            session(9, ago(days=1), "no_show"),
            session(4, NOW + timedelta(days=7), "scheduled"),
            session(5, NOW + timedelta(hours=1), "cancelled"),
            running,
        ]
    )
    assert (found.next_session.id, found.last_session.id) == ("a-3", "a-2")


def test_the_last_note_is_the_newest_progress_note_and_never_a_psychotherapy_note() -> None:
    notes = [note(1, ago(days=9)), note(2, ago(days=2), "psychotherapy_note"), note(3, ago(days=1), "contact_note")]
    assert page(notes=notes).note.value.id == "n-1"
    assert page(notes=notes[1:]).note.value.id == "n-3"
    assert page(notes=notes[1:2]).note.value is None


def test_the_plan_in_force_is_shown_and_a_draft_of_a_plan_is_not() -> None:
    plans = [
        TreatmentPlan(id="p-1", client_id="c-1", status="Active", start=date(2025, 1, 1)),
        TreatmentPlan(id="p-2", client_id="c-1", status="Active", start=date(2026, 6, 1)),
        TreatmentPlan(id="p-3", client_id="c-1", status="Draft", start=date(2026, 11, 1)),
    ]
    assert page(plans=plans).plan.value.id == "p-2"


def test_urgent_tasks_come_first_and_done_ones_not_at_all() -> None:
    def task(number: int, **more: object) -> Task:
        return Task(id=f"t-{number}", assignee_id="u-1", client_id="c-1", title="Call", created_at=ago(days=1), **more)

    tasks = [task(1), task(2, priority="urgent"), task(3, status="done"), task(4, priority="high")]
    assert [found.id for found in page(tasks=tasks).tasks.value] == ["t-2", "t-4", "t-1"]


def test_what_is_new_since_the_last_session_newest_first() -> None:
    client = CLIENT.model_copy(
        update={"consents": (*CLIENT.consents, consent("telehealth", "withdrawn", withdrawn_at=ago(days=2)))}
    )
    found = page(
        client,
        appointments=[session(1, ago(days=7)), session(2, ago(days=3), "no_show"), session(3, ago(days=9), "no_show")],
        notes=[note(1, ago(days=20)), note(2, ago(days=1)), note(3, ago(hours=2), "psychotherapy_note")],
        documents=[document(1, ago(days=4)), document(2, ago(days=4), "psychotherapy_note"), document(3, ago(days=30))],
        plans=[TreatmentPlan(id="p-1", client_id="c-1", status="Active", updated_at=ago(days=5))],
        assessments=[
            Assessment(id="as-1", client_id="c-1", measure="GAD-7", answers=(0,) * 7, administered_at=ago(days=6))
        ],
    )
    assert [(one.what, one.name) for one in found.happened] == [
        ("note", "progress_note"),
        ("consent_withdrawn", "telehealth"),
        ("no_show", ""),
        ("document", "letter"),
        ("plan", "Active"),
        ("measure", "GAD-7"),
    ]


@pytest.mark.parametrize(
    ("consents", "to_look_at"),
    [
        ((consent("recording"), consent("ai_processing")), []),
        ((consent("recording", expires_at=NOW + timedelta(days=31)), consent("ai_processing")), []),
        (
            (consent("recording", expires_at=NOW + timedelta(days=29)), consent("ai_processing")),
            [("recording", "granted")],
        ),
        ((consent("recording", expires_at=ago(days=1)), consent("ai_processing")), [("recording", "expired")]),
        ((consent("recording"),), [("ai_processing", "unknown")]),
        (
            (consent("recording"), consent("ai_processing", "withdrawn", withdrawn_at=ago(days=1))),
            [("ai_processing", "withdrawn")],
        ),
    ],
)
def test_consents_that_end_soon_or_are_missing(
    consents: tuple[Consent, ...], to_look_at: list[tuple[str, str]]
) -> None:
    found = page(CLIENT.model_copy(update={"consents": consents})).consents.value
    assert [(one.kind, one.status.value) for one in found] == to_look_at


def test_a_part_2_client_needs_that_consent_too() -> None:
    found = page(CLIENT.model_copy(update={"part2_program": True})).consents.value
    assert [(one.kind, one.status.value) for one in found] == [("part2_tpo", "unknown")]


def test_what_could_not_be_read_says_so_and_the_rest_stands() -> None:
    found = page(None, appointments=[session(1, ago(days=7))], notes=Part(None, "slow"), plans=Part(None, "failed"))
    assert (found.note.trouble, found.plan.trouble, found.consents.trouble) == ("slow", "failed", "failed")
    assert found.not_compared == ("notes", "treatment plan", "consents")
    assert found.last_session.id == "a-1"
    assert found.tasks.value == ()
