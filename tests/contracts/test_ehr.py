"""What every adapter of the ``Ehr`` port keeps to: the chart in memory, and the contract over a real socket."""

import hashlib
import io
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integrations.ehr.fakes import ACTOR, AuditFake
from tests.integrations.ehr.live import LiveSimulator, simulator

from therapyflows.core.chart import (
    Appointment,
    Client,
    ClientChanges,
    Consent,
    ConsentKind,
    Contact,
    Document,
    DocumentKind,
    InsurancePolicy,
    NewAssessment,
    NewClient,
    NewDocument,
    NewMessage,
    NewProgressNote,
    NewStaffMessage,
    NewTask,
    NoteSection,
    NoteStatus,
    PlanGoal,
    Role,
    TreatmentPlan,
    User,
)
from therapyflows.core.consents import consent_records
from therapyflows.core.errors import Conflict, Invalid, NotFound, Transient
from therapyflows.core.ports import Ehr
from therapyflows.governance.consent.part2 import Purpose, Recipient, part2_objection
from therapyflows.integrations.ehr.memory import MemoryEhr

RECORDING = b"RIFF" + bytes(range(256)) * 600
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Practice:
    """One chart behind the port, one appointment with its recording, and what happens in the EHR itself."""

    chart: Ehr
    audit: AuditFake
    appointment: Appointment
    recording: Document
    sign: Callable[[str], Any]
    spoil_recording: Callable[[], Any]
    part2_client: str
    """A client of a Part 2 program whose consent names its scope."""
    external_id: str = field(default_factory=lambda: f"drf_{uuid.uuid4().hex}")

    def note(self, **changes: Any) -> NewProgressNote:
        given = {
            "client_id": self.appointment.client_id,
            "appointment_id": self.appointment.id,
            "clinician_id": self.appointment.clinician_id,
            "format": "soap",
            "draft_content": (
                NoteSection(name="Subjective", text="Client reports “sleeping better”.\nSecond line – naïve."),
                NoteSection(name="Plan", text="Continue weekly."),
            ),
            "diagnosis_codes": ("F41.1",),
            "service_code": "90834",
            "external_id": self.external_id,
        }
        return NewProgressNote(**{**given, **changes})

    def task(self, **changes: Any) -> NewTask:
        given = {
            "assignee_id": self.appointment.clinician_id,
            "client_id": self.appointment.client_id,
            "title": "Draft waits",
            "text": "See draft drf_1.",
            "external_id": self.external_id,
        }
        return NewTask(**{**given, **changes})


def memory_practice() -> Practice:
    audit = AuditFake()
    appointment = Appointment(
        id="a-1", client_id="c-1", clinician_id="u-1", start=NOW, end=NOW + timedelta(minutes=50), updated_at=NOW,
        status="completed", actual_minutes=50,
    )  # fmt: skip
    recording = Document(
        id="d-1", client_id="c-1", appointment_id="a-1", kind=DocumentKind.RECORDING, file_name="s.wav",
        content_type="audio/wav", size_bytes=len(RECORDING), sha256=hashlib.sha256(RECORDING).hexdigest(),
        created_at=NOW, updated_at=NOW + timedelta(minutes=1),
    )  # fmt: skip
    people = [User(id=f"u-{n}", name=f"Tess Testling {n}", roles=(Role.CLINICIAN,)) for n in (1, 2, 3)]
    clients = [
        Client(id=f"c-{n}", first_name="Zelda", last_name="Quartz", updated_at=NOW - timedelta(days=n)) for n in (1, 2)
    ]
    scope = Consent(
        id="k-1", kind=ConsentKind.PART2_TPO, status="granted", statement="I consent.", offered_at=NOW, granted_at=NOW,
        purposes=("treatment", "payment", "operations"),
        recipients=("treating_providers", "health_plans", "third_party_payers", "program_helpers"),
    )  # fmt: skip
    clients[1] = clients[1].model_copy(update={"part2_program": True, "consents": (scope,)})
    plan = TreatmentPlan(id="p-1", client_id="c-1", status="Active", goals=(PlanGoal(id="g-1", text="Sleep"),))
    chart = MemoryEhr(
        [*people, *clients, appointment, recording, plan],
        {"d-1": RECORDING},
        audit=audit,
        actor=ACTOR,
        flow_run_id="run-1",
    )
    return Practice(
        chart,
        audit,
        appointment,
        recording,
        chart.sign,
        lambda: chart.add(recording, RECORDING[:-1] + b"\x00"),
        part2_client="c-2",
    )


async def live_practice(live: LiveSimulator, folder: Path) -> AsyncIterator[Practice]:
    audit = AuditFake()
    async with live.adapter(audit) as chart:
        appointment = await _some_appointment(chart)
        (folder / "s.wav").write_bytes(RECORDING)
        live.control(
            "/_control/complete_session",
            {"appointmentId": appointment.id, "recordingPath": str(folder / "s.wav"), "actualMinutes": 50},
        )
        documents = [d async for d in chart.list_documents(appointment.client_id) if d.appointment_id == appointment.id]

        def sign(note_id: str) -> None:
            live.control("/_control/sign_note", {"noteId": note_id, "userId": appointment.clinician_id})

        def spoil() -> None:
            live.fault("recording_corrupt", path="/v1/documents")

        audit.history.clear()
        yield Practice(chart, audit, await chart.get_appointment(appointment.id), documents[-1], sign, spoil, "cl-0009")


async def _some_appointment(chart: Ehr) -> Appointment:
    """One whose client has a treatment plan."""
    async for change in chart.changes_since(LONG_AGO):
        if change.resource == "appointment" and change.data["status"] == "scheduled" and change.client_id:
            async for _ in chart.list_treatment_plans(change.client_id):
                return await chart.get_appointment(change.id)
    raise AssertionError("the practice has no such appointment")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSimulator]:
    with simulator(tmp_path_factory.mktemp("practice"), "--check-responses") as running:
        yield running


@pytest.fixture(params=["memory", "therapynotes"])
async def practice(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Practice]:
    if request.param == "memory":
        yield memory_practice()
        return
    running: LiveSimulator = request.getfixturevalue("live")
    running.clear_faults()
    async for found in live_practice(running, tmp_path):
        yield found


async def test_a_client_an_appointment_and_a_user_are_read_by_id(practice: Practice) -> None:
    appointment = practice.appointment
    assert await practice.chart.get_appointment(appointment.id) == appointment
    assert (await practice.chart.get_client(appointment.client_id)).id == appointment.client_id
    assert Role.CLINICIAN in (await practice.chart.get_user(appointment.clinician_id)).roles


async def test_a_part_2_consent_is_read_with_its_scope(practice: Practice) -> None:
    client = await practice.chart.get_client(practice.part2_client)
    assert client.part2_program
    [consent] = [found for found in consent_records(client) if found.kind == "part2_tpo"]
    assert consent.offered_at is not None
    assert consent.purposes == {"treatment", "payment", "operations"}
    assert consent.recipients == {"treating_providers", "health_plans", "third_party_payers", "program_helpers"}
    assert part2_objection([consent], NOW, purpose=Purpose.TREATMENT, recipient=Recipient.PROGRAM_HELPERS) is None


async def test_what_does_not_exist_is_not_found(practice: Practice) -> None:
    for read in (
        practice.chart.get_client, practice.chart.get_user, practice.chart.get_appointment,
        practice.chart.get_document, practice.chart.get_note,
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await read("nobody-0")


async def test_users_are_listed_once_each(practice: Practice) -> None:
    users = [user.id async for user in practice.chart.list_users()]
    assert len(users) == len(set(users)) >= 3
    assert practice.appointment.clinician_id in users


async def test_plans_are_those_of_the_client(practice: Practice) -> None:
    plans = [plan async for plan in practice.chart.list_treatment_plans(practice.appointment.client_id)]
    assert plans
    assert {plan.client_id for plan in plans} == {practice.appointment.client_id}
    assert any(goal.text for plan in plans for goal in plan.goals)


async def test_a_recording_is_downloaded_unchanged(practice: Practice) -> None:
    into = io.BytesIO()
    await practice.chart.download_document(practice.recording, into)
    assert into.getvalue() == RECORDING
    listed = [d.id async for d in practice.chart.list_documents(practice.appointment.client_id)]
    assert practice.recording.id in listed
    assert await practice.chart.get_document(practice.recording.id) == practice.recording


async def test_a_spoilt_recording_is_never_taken_for_a_good_one(practice: Practice) -> None:
    practice.spoil_recording()
    with pytest.raises(Transient, match="digest_mismatch"):
        await practice.chart.download_document(practice.recording, io.BytesIO())


async def test_a_note_stands_in_the_chart_as_a_draft_word_for_word(practice: Practice) -> None:
    wanted = practice.note()
    created = await practice.chart.create_progress_note(wanted)
    read = await practice.chart.get_note(created.id)
    assert read.status is NoteStatus.DRAFT
    assert read.model_dump(include=set(type(wanted).model_fields)) == wanted.model_dump()
    assert read.type == "progress_note"
    assert created == read
    assert await practice.chart.find_note(wanted.client_id, wanted.external_id) == read


async def test_creating_again_makes_nothing_new(practice: Practice) -> None:
    first = await practice.chart.create_progress_note(practice.note())
    again = await practice.chart.create_progress_note(practice.note(service_code="90837"))
    assert again == first
    notes = [n.id async for n in practice.chart.list_notes(first.client_id) if n.external_id == first.external_id]
    assert notes == [first.id]


async def test_a_note_signed_meanwhile_is_returned_as_it_stands(practice: Practice) -> None:
    first = await practice.chart.create_progress_note(practice.note())
    practice.sign(first.id)
    again = await practice.chart.create_progress_note(practice.note())
    assert (again.id, again.status) == (first.id, NoteStatus.SIGNED)
    assert again.etag != first.etag


async def test_a_note_nobody_wrote_is_not_found_by_its_external_id(practice: Practice) -> None:
    assert await practice.chart.find_note(practice.appointment.client_id, "drf_nobody") is None


async def test_notes_since_are_those_created_since(practice: Practice) -> None:
    created = await practice.chart.create_progress_note(practice.note())
    assert created.created_at is not None
    client_id = practice.appointment.client_id
    since = [n.id async for n in practice.chart.list_notes(client_id, since=created.created_at)]
    assert created.id in since
    later = created.created_at + timedelta(minutes=1)
    assert [n async for n in practice.chart.list_notes(client_id, since=later)] == []


@pytest.mark.parametrize(
    "wrong", [{"client_id": "nobody-0"}, {"appointment_id": "nobody-0"}, {"clinician_id": "nobody-0"}], ids=str
)
async def test_a_note_about_what_does_not_exist_is_invalid(practice: Practice, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await practice.chart.create_progress_note(practice.note(**wrong))


async def test_a_task_is_created_once(practice: Practice) -> None:
    first = await practice.chart.create_task(practice.task())
    assert await practice.chart.create_task(practice.task()) == first
    assert await practice.chart.create_task(practice.task(external_id=f"{practice.external_id}-2")) != first


async def test_the_open_tasks_of_a_client_are_listed(practice: Practice) -> None:
    task_id = await practice.chart.create_task(practice.task(priority="urgent"))
    other = await practice.chart.create_task(practice.task(client_id=None, external_id=f"{practice.external_id}-2"))
    tasks = {task.id: task async for task in practice.chart.list_tasks(practice.appointment.client_id)}
    assert other not in tasks
    assert (tasks[task_id].title, tasks[task_id].priority, tasks[task_id].status) == ("Draft waits", "urgent", "open")
    assert {task.client_id for task in tasks.values()} == {practice.appointment.client_id}
    assert practice.audit.history[-1].client_id == practice.appointment.client_id


async def test_appointments_are_listed_by_day_by_clinician_and_by_client(practice: Practice) -> None:
    at = practice.appointment
    day = {"start": at.start, "end": at.start + timedelta(seconds=1)}

    async def ids(**asked: Any) -> set[str]:
        return {found.id async for found in practice.chart.list_appointments(**asked)}

    assert at.id in await ids(**day, clinician_id=at.clinician_id)
    assert at.id in await ids(**day, client_id=at.client_id)
    assert at.id not in await ids(**day, client_id=practice.part2_client)
    assert at.id not in await ids(start=at.start + timedelta(seconds=1), end=at.start + timedelta(days=400))
    assert at.id not in await ids(start=at.start - timedelta(days=400), end=at.start)


async def test_a_task_for_nobody_is_invalid(practice: Practice) -> None:
    with pytest.raises(Invalid):
        await practice.chart.create_task(practice.task(assignee_id="nobody-0"))


async def test_changes_come_oldest_first_and_from_then_on(practice: Practice) -> None:
    changes = [change async for change in practice.chart.changes_since(LONG_AGO)]
    times = [change.updated_at for change in changes]
    assert times == sorted(times)
    assert {change.resource for change in changes} == {"appointment", "document", "client"}
    middle = times[len(times) // 2]
    later = [change async for change in practice.chart.changes_since(middle)]
    assert later == [change for change in changes if change.updated_at >= middle]


async def test_a_change_says_what_a_sync_must_know_and_nothing_clinical(practice: Practice) -> None:
    changes = [change async for change in practice.chart.changes_since(LONG_AGO)]
    appointment = next(c for c in changes if c.id == practice.appointment.id)
    assert appointment.data["status"] == "completed"
    assert datetime.fromisoformat(appointment.data["end"]) == practice.appointment.end
    document = next(c for c in changes if c.id == practice.recording.id)
    assert (document.data["kind"], document.data["appointment_id"]) == ("recording", practice.appointment.id)
    assert {c.client_id == c.id for c in changes if c.resource == "client"} == {True}
    assert {frozenset(c.data) for c in changes if c.resource == "client"} == {frozenset()}


async def test_a_time_without_a_zone_is_invalid(practice: Practice) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(Invalid):
        _ = [change async for change in practice.chart.changes_since(naive)]
    with pytest.raises(Invalid):
        _ = [note async for note in practice.chart.list_notes(practice.appointment.client_id, since=naive)]


async def test_one_subscription_per_address(practice: Practice) -> None:
    url = f"http://127.0.0.1:9/{practice.external_id}"
    secret = "whsec_" + "A" * 40
    first = await practice.chart.subscribe(url, ["note.signed"], secret)
    again = await practice.chart.subscribe(url, ["note.signed"], "whsec_" + "B" * 40)
    assert again.id == first.id
    other = await practice.chart.subscribe(url, ["note.signed", "document.created"], secret)
    ours = [s for s in await practice.chart.list_subscriptions() if s.url == url]
    assert [(s.id, set(s.event_types)) for s in ours] == [(other.id, {"note.signed", "document.created"})]
    assert ours[0].secret is None


async def test_every_write_is_announced_and_reported(practice: Practice) -> None:
    await practice.chart.create_progress_note(practice.note())
    written = [entry for entry in practice.audit.history if entry.action.value == "ehr.write"]
    assert [entry.outcome for entry in written] == ["started", "ok"]
    assert {(e.resource, e.client_id, e.flow_run_id, e.actor) for e in written} == {
        ("progressnotes", practice.appointment.client_id, "run-1", ACTOR)
    }


async def test_every_read_stands_in_the_trail_with_its_client(practice: Practice) -> None:
    await practice.chart.get_appointment(practice.appointment.id)
    entry = practice.audit.history[-1]
    assert (entry.action.value, entry.resource) == ("ehr.read", f"appointments/{practice.appointment.id}")
    assert (entry.client_id, entry.outcome) == (practice.appointment.client_id, "ok")


def _new_client(practice: Practice) -> NewClient:
    return NewClient(
        first_name="Imogen",
        last_name="Vasquez-Hale",
        birth_date=date(1991, 4, 3),
        contacts=(Contact(name="Tomas Hale", relationship="spouse"),),
        insurance=(InsurancePolicy(payer="Northwind Health", member_id="NWH-2210"),),
        external_id=practice.external_id,
    )


async def test_a_client_is_registered_once_and_listed(practice: Practice) -> None:
    created = await practice.chart.create_client(_new_client(practice))
    again = await practice.chart.create_client(_new_client(practice))
    assert again.id == created.id
    assert created.contacts == _new_client(practice).contacts
    listed = [client.id async for client in practice.chart.list_clients()]
    assert listed.count(created.id) == 1
    assert practice.appointment.client_id in listed


async def test_a_change_of_a_client_changes_what_it_names_and_nothing_else(practice: Practice) -> None:
    before = await practice.chart.create_client(_new_client(practice))
    changes = ClientChanges(phone="(617) 555-0142", contacts=())
    after = await practice.chart.update_client(before.id, changes, etag=before.etag or "")
    assert (after.phone, after.contacts, after.insurance) == ("(617) 555-0142", (), before.insurance)
    assert (await practice.chart.get_client(before.id)).phone == "(617) 555-0142"


async def test_changing_a_client_again_with_the_old_etag_is_no_second_change(practice: Practice) -> None:
    before = await practice.chart.create_client(_new_client(practice))
    changes = ClientChanges(city="Cambridge")
    first = await practice.chart.update_client(before.id, changes, etag=before.etag or "")
    again = await practice.chart.update_client(before.id, changes, etag=before.etag or "")
    assert again.etag == first.etag


async def test_a_client_changed_by_somebody_else_is_not_overwritten(practice: Practice) -> None:
    before = await practice.chart.create_client(_new_client(practice))
    await practice.chart.update_client(before.id, ClientChanges(city="Cambridge"), etag=before.etag or "")
    with pytest.raises(Conflict):
        await practice.chart.update_client(before.id, ClientChanges(city="Boston"), etag=before.etag or "")
    assert (await practice.chart.get_client(before.id)).city == "Cambridge"


async def test_a_measure_is_filed_once_and_an_unanswered_item_stays_unanswered(practice: Practice) -> None:
    client_id = practice.appointment.client_id
    wanted = NewAssessment(
        client_id=client_id,
        measure="PHQ-9",
        answers=(1, 0, None, 2, 0, 0, 1, 0, 0),
        score=4,
        severity="minimal",
        external_id=practice.external_id,
    )
    filed = await practice.chart.create_assessment(wanted)
    assert (await practice.chart.create_assessment(wanted)).id == filed.id
    ours = [a async for a in practice.chart.list_assessments(client_id) if a.external_id == wanted.external_id]
    assert [(a.id, a.answers, a.score) for a in ours] == [(filed.id, wanted.answers, 4)]


async def test_a_document_is_filed_once_and_read_back_unchanged(practice: Practice) -> None:
    wanted = NewDocument(
        client_id=practice.appointment.client_id, kind=DocumentKind.INTAKE_FORM, file_name="intake-form.pdf",
        content_type="application/pdf", external_id=practice.external_id,
    )  # fmt: skip
    content = b"%PDF \r\n--\x00 invented"
    filed = await practice.chart.create_document(wanted, content)
    assert (await practice.chart.create_document(wanted, content)).id == filed.id
    assert (filed.external_id, filed.kind, filed.content_type, filed.size_bytes) == (
        wanted.external_id, DocumentKind.INTAKE_FORM, "application/pdf", len(content),
    )  # fmt: skip
    into = io.BytesIO()
    await practice.chart.download_document(filed, into)
    assert into.getvalue() == content
    listed = [d async for d in practice.chart.list_documents(wanted.client_id) if d.external_id == wanted.external_id]
    assert [d.id for d in listed] == [filed.id]


async def test_a_message_is_written_once(practice: Practice) -> None:
    message = NewMessage(client_id=practice.appointment.client_id, body="Welcome.", external_id=practice.external_id)
    assert await practice.chart.create_message(message) == await practice.chart.create_message(message)


async def test_a_message_to_staff_is_written_once_and_to_nobody_not_at_all(practice: Practice) -> None:
    clinician, client = practice.appointment.clinician_id, practice.appointment.client_id
    message = NewStaffMessage(
        to_id=clinician, client_id=client, subject="Please read", body="A task.", external_id=practice.external_id
    )
    assert await practice.chart.create_staff_message(message) == await practice.chart.create_staff_message(message)
    nobody = message.model_copy(update={"to_id": "nobody-0", "external_id": f"{practice.external_id}-2"})
    with pytest.raises(Invalid):
        await practice.chart.create_staff_message(nobody)


async def test_a_measure_or_message_of_nobody_is_invalid(practice: Practice) -> None:
    with pytest.raises(Invalid):
        await practice.chart.create_message(NewMessage(client_id="nobody-0", body="x", external_id="m-0"))
    with pytest.raises(Invalid):
        await practice.chart.create_assessment(
            NewAssessment(client_id="nobody-0", measure="PHQ-9", answers=(), external_id="a-0")
        )
