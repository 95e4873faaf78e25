"""From a form in the chart to a verified record: each step, twice, killed, refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.core.intake.conftest import FILE, NOW, Office, form_of

from therapyflows.core.chart import ClientChanges, Consent, DocumentKind, Role, User
from therapyflows.core.drafts.giving_up import give_up
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.submitting import submit_for_review
from therapyflows.core.errors import Conflict, ConsentMissing, Invalid, NotFound, Refused, Transient, UnusableSource
from therapyflows.core.intake import content_ids, review, steps
from therapyflows.core.intake.draft import QualityFinding
from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import Extracted
from therapyflows.core.intake.quality import rows_of
from therapyflows.core.intake.steps import FormReading
from therapyflows.governance.audit.model import Action

SUICIDAL = with_field(form_of(), "phq9.items.8", Extracted(2))


async def prepared(office: Office, run: str = "run-1") -> DraftRecord:
    """A form that waits for its reviewer."""
    ports = office.ports(run)
    record = await steps.open_intake(ports, "d-1")
    assert record is not None
    await steps.read_form(ports, record.id)
    await steps.flag_risk(ports, record.id)
    await steps.check_form(ports, record.id)
    await submit_for_review(ports, record.id)
    return office.store.drafts.get(record.id)


async def approved(office: Office) -> DraftRecord:
    record = await prepared(office)
    draft = office.draft(record.id)
    for flag in draft.risks:
        draft = review.accept_field(draft, flag.path)
    office.approve(record, draft)
    return office.store.drafts.get(record.id)


async def test_a_form_waits_with_its_values_and_its_pages(office: Office) -> None:
    record = await prepared(office)
    assert (record.state, record.workflow, record.clinician_id) == (DraftState.IN_REVIEW, "intake", "u-1")
    draft = office.draft(record.id)
    assert draft.form == form_of()
    assert "Imogen" in draft.welcome.body
    assert "Harbor Practice" in draft.welcome.subject
    assert office.store.contents.get(content_ids.page_id(record.id, 2)) == b"page two"


async def test_every_step_again_changes_nothing(office: Office) -> None:
    first = await prepared(office)
    told = len(office.actions())
    ports = office.ports()
    for step in (steps.read_form, steps.check_form, submit_for_review):
        await step(ports, first.id)
    assert office.read == 1
    assert office.store.drafts.get(first.id).version == first.version
    assert [a for a in office.actions()[told:] if a not in (Action.EHR_READ, Action.EHR_WRITE)] == []


async def test_each_form_adds_one_row_to_the_statistics_under_no_client(office: Office) -> None:
    office.findings = (QualityFinding("birth_date_given", True, "Missing."),)
    record = await prepared(office)
    office.store.drafts.update(record.id, draft_content_id=None)  # killed before the row of the draft knew
    office.store.drafts.move(record.id, expected=[DraftState.IN_REVIEW], to=DraftState.PREPARING)
    await steps.check_form(office.ports(), record.id)
    (row,) = rows_of(office.store.contents)
    assert row.failed == ("birth_date_given",)
    assert "quality" not in {item.kind for item in office.store.contents.of_client("c-1")}


async def test_the_second_event_of_the_same_form_finds_nothing_to_do(office: Office) -> None:
    await prepared(office)
    assert await steps.open_intake(office.ports("run-2"), "d-1") is None


async def test_a_run_that_died_is_taken_over(office: Office) -> None:
    record = await steps.open_intake(office.ports("run-1"), "d-1")
    assert record is not None
    office.at = record.updated_at.replace(year=2027)
    again = await steps.open_intake(office.ports("run-2"), "d-1")
    assert again is not None
    assert (again.id, again.flow_run_id) == (record.id, "run-2")


async def test_risk_reaches_the_clinician_and_the_supervisor_once_before_anything_else(office: Office) -> None:
    office.ehr.add(User(id="u-2", name="Super Example", roles=(Role.SUPERVISOR,), supervises=("u-1",)))
    office.script = [FormReading(SUICIDAL)]
    ports = office.ports()
    record = await steps.open_intake(ports, "d-1")
    assert record is not None
    await steps.read_form(ports, record.id)
    for _ in range(2):
        await steps.flag_risk(ports, record.id)
    urgent = [task for task in office.ehr.tasks.values() if task.priority == "urgent"]
    assert sorted(task.assignee_id for task in urgent) == ["u-1", "u-2"]
    assert office.actions().count(Action.RISK_FLAGGED) == 1
    assert office.store.drafts.get(record.id).draft_content_id is None
    assert "item" not in urgent[0].text.lower()
    (message,) = office.ehr.staff_messages.values()
    assert (message.to_id, message.client_id) == ("u-1", "c-1")
    assert office.ehr.messages == {}  # nothing to the client


async def test_an_ehr_without_messages_for_staff_still_has_the_tasks(office: Office) -> None:
    async def unknown_path(message: object) -> str:
        raise NotFound("ehr_not_found")

    office.ehr.create_staff_message = unknown_path  # type: ignore[assignment, method-assign]
    office.script = [FormReading(SUICIDAL)]
    record = await prepared(office)
    assert record.state is DraftState.IN_REVIEW
    assert [task.priority for task in office.ehr.tasks.values()] == ["urgent"]
    (told,) = [e.entry for e in office.store.audit.search() if e.entry.action == Action.RISK_FLAGGED]
    assert told.details["message"] == "ehr_not_found"


async def test_a_form_without_risk_makes_no_task(office: Office) -> None:
    await prepared(office)
    assert (office.ehr.tasks, office.ehr.staff_messages) == ({}, {})


async def test_a_file_that_cannot_be_used_leaves_a_task_and_writes_nothing(office: Office) -> None:
    office.script = [UnusableSource("form_damaged", "The file is damaged.", remedy="Scan it again.")]
    ports = office.ports()
    record = await steps.open_intake(ports, "d-1")
    assert record is not None
    with pytest.raises(UnusableSource):
        await steps.read_form(ports, record.id)
    assert office.store.drafts.get(record.id).state is DraftState.FAILED
    (task,) = office.ehr.tasks.values()
    assert "Scan it again." in task.text
    assert await steps.open_intake(office.ports("run-2"), "d-1") is None


async def test_a_form_of_somebody_else_blocks(office: Office) -> None:
    office.client(birth_date="1950-01-01", first_name="Robert", last_name="Stone")
    record = await prepared(office)
    draft = office.draft(record.id)
    assert [f.key for f in draft.findings if f.blocks] == ["another_clients_form"]
    with pytest.raises(Invalid, match="intake_open"):
        office.approve(record, draft)


async def test_somebody_who_is_a_client_already_is_asked_about(office: Office) -> None:
    office.client("c-2", birth_date="1991-04-03", phone="617-555-0142")
    record = await prepared(office)
    assert [c.client_id for c in office.draft(record.id).duplicates] == ["c-2"]


@pytest.mark.parametrize(
    ("client", "clinician", "code"),
    [
        ({"ai_opt_out": True}, {}, "client_opted_out"),
        ({}, {"ai_opt_out": True}, "person_opted_out_of_ai"),
        ({}, {"caseload": ()}, "client_not_assigned"),
        ({}, {"roles": (Role.SCHEDULER,)}, "role_not_permitted"),
        ({"assigned_clinicians": ()}, {}, "no_clinician_assigned"),
    ],
)
async def test_who_may_not_or_does_not_want_gets_a_task_and_no_run(
    office: Office, client: dict[str, object], clinician: dict[str, object], code: str
) -> None:
    office.ehr.add(User(id="u-9", name="Admin", roles=(Role.PRACTICE_ADMINISTRATOR,)))
    office.client(**client)
    office.clinician(**clinician)
    with pytest.raises(Refused) as refused:
        await steps.open_intake(office.ports(), "d-1")
    assert refused.value.code == code
    (task,) = office.ehr.tasks.values()
    assert task.assignee_id == ("u-9" if code == "no_clinician_assigned" else "u-1")
    assert office.store.drafts.for_client("c-1") == []


async def test_another_kind_of_document_is_no_intake_form(office: Office) -> None:
    office.form("d-2", kind=DocumentKind.LETTER)
    with pytest.raises(Invalid, match="not_an_intake_form"):
        await steps.open_intake(office.ports(), "d-2")


async def test_what_was_approved_stands_in_the_chart(office: Office) -> None:
    record = await approved(office)
    ports = office.ports()
    assert await steps.post_record(ports, record.id)
    client = await office.ehr.get_client("c-1")
    assert (client.phone, client.city, client.birth_date) == (
        "(617) 555-0142",
        "Cambridge",
        form_of().demographics.birth_date.value,
    )
    assert [policy.member_id for policy in client.insurance] == ["NWH-2210"]
    (measure,) = [a async for a in office.ehr.list_assessments("c-1")]
    assert (measure.measure, measure.score, measure.severity) == ("PHQ-9", 7, "mild")
    (message,) = office.ehr.messages.values()
    assert message.status == "Draft"
    assert await steps.verify_record(ports, record.id)
    assert office.store.drafts.get(record.id).state is DraftState.POSTED


async def test_posting_again_writes_nothing_again(office: Office) -> None:
    record = await approved(office)
    for _ in range(2):
        await steps.post_record(office.ports(), record.id)
    office.store.drafts.update(record.id, approved_digest=None)  # killed before the row knew
    await steps.post_record(office.ports(), record.id)
    assert len([a async for a in office.ehr.list_assessments("c-1")]) == 1
    assert len(office.ehr.messages) == 1
    assert (await office.ehr.get_client("c-1")).etag == '"2"'


async def test_what_the_form_does_not_say_changes_nothing_in_the_chart(office: Office) -> None:
    office.client(email="kept@example.com", preferred_name="Immy")
    record = await approved(office)
    await steps.post_record(office.ports(), record.id)
    client = await office.ehr.get_client("c-1")
    assert (client.email, client.preferred_name) == ("kept@example.com", "Immy")


async def test_a_record_that_somebody_changes_at_the_same_moment_is_read_again(office: Office) -> None:
    record = await approved(office)
    real, times = office.ehr.update_client, [0]

    async def raced(client_id: str, changes: ClientChanges, *, etag: str) -> object:
        times[0] += 1
        if times[0] == 1:
            await real(client_id, ClientChanges(employer="Northwind"), etag=etag)
            raise Conflict("ehr_conflict")
        return await real(client_id, changes, etag=etag)

    office.ehr.update_client = raced  # type: ignore[assignment]
    await steps.post_record(office.ports(), record.id)
    client = await office.ehr.get_client("c-1")
    assert (client.employer, client.city) == ("Northwind", "Cambridge")


async def test_without_approval_nothing_is_written(office: Office) -> None:
    record = await prepared(office)
    with pytest.raises(Refused, match="no_approval"):
        await steps.post_record(office.ports(), record.id)
    assert (await office.ehr.get_client("c-1")).city is None


async def test_an_approver_who_lost_the_client_has_decided_nothing(office: Office) -> None:
    record = await approved(office)
    office.clinician(caseload=())
    assert not await steps.post_record(office.ports(), record.id)
    assert office.store.drafts.get(record.id).state is DraftState.IN_REVIEW
    assert (await office.ehr.get_client("c-1")).city is None


async def test_what_was_begun_with_the_right_is_finished_without_it(office: Office) -> None:
    record = await approved(office)
    real = office.ehr.create_assessment

    async def killed(assessment: object) -> object:
        raise Transient("ehr_busy")

    office.ehr.create_assessment = killed  # type: ignore[assignment, method-assign]
    with pytest.raises(Transient):
        await steps.post_record(office.ports(), record.id)
    office.ehr.create_assessment = real  # type: ignore[method-assign]
    office.clinician(caseload=())
    assert await steps.post_record(office.ports(), record.id)
    assert len([a async for a in office.ehr.list_assessments("c-1")]) == 1


async def test_a_client_who_opts_out_before_the_writing_is_not_written(office: Office) -> None:
    record = await approved(office)
    office.client(ai_opt_out=True)
    with pytest.raises(ConsentMissing):
        await steps.post_record(office.ports(), record.id)
    assert office.store.drafts.get(record.id).state is DraftState.FAILED
    asked = [e.entry.outcome for e in office.store.audit.search() if e.entry.action == Action.CONSENT_CHECKED]
    assert asked == ["ok", "ok", "ok", "client_opted_out"]
    assert (await office.ehr.get_client("c-1")).city is None


async def before(office: Office, step: str) -> DraftRecord:
    record = await steps.open_intake(office.ports(), "d-1")
    assert record is not None
    if step == "check":
        await steps.read_form(office.ports(), record.id)
        await steps.flag_risk(office.ports(), record.id)
    return office.store.drafts.get(record.id)


def withdraw(office: Office) -> None:
    declined = Consent(id="co-1", kind="ai_processing", status="declined", statement="", offered_at=NOW)
    office.client(consents=(declined,))


def client_opts_out(office: Office) -> None:
    office.client(ai_opt_out_workflows=("intake",))


def clinician_opts_out(office: Office) -> None:
    office.clinician(ai_opt_out_workflows=("intake",))


@pytest.mark.parametrize("step", ["read", "check"])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (withdraw, "ai_processing_consent_declined"),
        (client_opts_out, "client_opted_out"),
        (clinician_opts_out, "clinician_opted_out"),
    ],
)
async def test_who_says_no_between_two_steps_ends_the_intake_and_leaves_nothing_behind(
    office: Office, step: str, said: Callable[[Office], None], code: str
) -> None:
    record = await before(office, step)
    said(office)
    run = steps.read_form if step == "read" else steps.check_form
    with pytest.raises(ConsentMissing, match=code):
        await run(office.ports(), record.id)
    ended = office.store.drafts.get(record.id)
    assert (ended.state, ended.failure_code) == (DraftState.CANCELLED, code)
    assert office.read == (1 if step == "check" else 0)
    assert all(item.is_settled for item in office.store.contents.of_client("c-1"))
    assert [task.title for task in office.ehr.tasks.values()] == ["Intake form not processed: not permitted"]
    with pytest.raises(Refused):
        await run(office.ports(), record.id)  # again, after a crash
    assert len(office.ehr.tasks) == 1


async def test_risk_that_was_read_reaches_people_although_the_client_says_no_meanwhile(office: Office) -> None:
    office.script = [FormReading(SUICIDAL)]
    record = await before(office, "read")
    await steps.read_form(office.ports(), record.id)
    withdraw(office)
    await steps.flag_risk(office.ports(), record.id)
    assert [task.priority for task in office.ehr.tasks.values()] == ["urgent"]


async def test_a_record_that_differs_after_the_writing_opens_an_incident(office: Office) -> None:
    record = await approved(office)
    await steps.post_record(office.ports(), record.id)
    client = await office.ehr.get_client("c-1")
    await office.ehr.update_client("c-1", ClientChanges(phone="(617) 555-9999"), etag=client.etag or "")
    assert not await steps.verify_record(office.ports(), record.id)
    assert office.store.drafts.get(record.id).state is DraftState.INCIDENT
    assert any(task.priority == "urgent" for task in office.ehr.tasks.values())


async def test_an_empty_welcome_writes_no_message(office: Office) -> None:
    record = await prepared(office)
    office.approve(record, review.change_welcome(office.draft(record.id), "", " "))
    await steps.post_record(office.ports(), record.id)
    assert office.ehr.messages == {}


async def test_giving_up_says_why_once(office: Office) -> None:
    record = await prepared(office)
    for _ in range(2):
        await give_up(office.ports(), record.id, "record_not_posted")
    assert office.store.drafts.get(record.id).failure_code == "record_not_posted"
    assert len(office.ehr.tasks) == 1


async def test_tasks_and_the_trail_hold_nothing_from_the_form(office: Office) -> None:
    office.script = [FormReading(replace(SUICIDAL, phq9=SUICIDAL.phq9))]
    record = await approved(office)
    await steps.post_record(office.ports(), record.id)
    told = repr(list(office.ehr.tasks.values())) + repr(office.store.audit.search(client_id="c-1"))
    for value in ("Imogen", "Hale", "555-0142", "NWH-2210", "1991-04"):
        assert value not in told
    assert FILE.decode() not in told


async def test_an_unknown_outcome_of_the_welcome_is_tried_again_and_written_once(office: Office) -> None:
    record = await approved(office)
    real, times = office.ehr.create_message, [0]

    async def flaky(message: object) -> str:
        times[0] += 1
        made = await real(message)  # type: ignore[arg-type]
        if times[0] == 1:
            raise Transient("ehr_busy")
        return made

    office.ehr.create_message = flaky  # type: ignore[assignment]
    with pytest.raises(Transient):
        await steps.post_record(office.ports(), record.id)
    await steps.post_record(office.ports(), record.id)
    assert len(office.ehr.messages) == 1
