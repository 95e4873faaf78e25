"""Somebody who stands in no chart: registered once, or found to be a client, and nothing before a person says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.core.intake.conftest import FILE, Office, form_of

from therapyflows.core.chart import Client, Role, User
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.drafts.submitting import submit_for_review
from therapyflows.core.errors import Invalid, NotFound, Refused, Transient
from therapyflows.core.intake import review, steps
from therapyflows.core.intake.draft import IntakeDraft
from therapyflows.core.intake.enrolling import media_type_of
from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import Extracted
from therapyflows.core.intake.steps import FormReading, IntakePorts
from therapyflows.core.ports import Contents
from therapyflows.governance.audit.model import Action

BORN = date(1991, 4, 3)
TWIN = {"birth_date": BORN, "phone": "617-555-0142"}
SUICIDAL = with_field(form_of(), "phq9.items.8", Extracted(2))


@pytest.fixture
def desk(office: Office) -> Office:
    """A practice in whose charts nobody like the person stands."""
    office.client(first_name="Robert", last_name="Stone", birth_date=date(1950, 1, 1))
    return office


async def prepared(office: Office, run: str = "run-1") -> DraftRecord:
    ports, handed_in = office.ports(run), office.hand_in()
    record = await steps.open_intake(ports, handed_in.source_ref)
    assert record is not None
    await steps.read_form(ports, record.id)
    await steps.flag_risk(ports, record.id)
    await steps.check_form(ports, record.id)
    await submit_for_review(ports, record.id)
    return office.store.drafts.get(record.id)


async def approved(office: Office, change: Callable[[IntakeDraft], IntakeDraft] = lambda d: d) -> DraftRecord:
    record = await prepared(office)
    office.approve(record, change(office.draft(record.id)))
    return office.store.drafts.get(record.id)


async def posted(office: Office, record: DraftRecord, ports: IntakePorts | None = None) -> DraftRecord:
    assert await steps.post_record(ports or office.ports(), record.id)
    return office.store.drafts.get(record.id)


async def clients(office: Office) -> list[Client]:
    return [client async for client in office.ehr.list_clients()]


async def test_nothing_stands_in_the_ehr_before_a_person_has_approved(desk: Office) -> None:
    desk.script = [FormReading(SUICIDAL)]
    record = await prepared(desk)
    assert record.is_prospect
    assert [client.id for client in await clients(desk)] == ["c-1"]
    assert {task.client_id for task in desk.ehr.tasks.values()} == {None}
    assert [task.priority for task in desk.ehr.tasks.values()] == ["urgent"]
    assert [message.client_id for message in desk.ehr.staff_messages.values()] == [None]


async def test_an_approved_form_registers_the_client_files_the_form_and_is_read_back(desk: Office) -> None:
    record = await posted(desk, await approved(desk))
    (client,) = [c for c in await clients(desk) if c.id != "c-1"]
    assert (client.first_name, client.last_name, client.birth_date, client.assigned_clinicians) == (
        "Imogen", "Hale", BORN, ("u-1",),
    )  # fmt: skip
    assert record.client_id == client.id
    (document,) = [d async for d in desk.ehr.list_documents(client.id)]
    assert (document.kind, document.content_type, document.file_name) == (
        "intake_form", "application/pdf", "intake-form.pdf",
    )  # fmt: skip
    assert [a.measure async for a in desk.ehr.list_assessments(client.id)] == ["PHQ-9"]
    assert await steps.verify_record(desk.ports(), record.id)
    assert desk.store.own_writes.contains("documents", document.id)
    assert await steps.open_intake(desk.ports("run-2"), document.id) is None  # its own event starts nothing


async def test_what_was_made_goes_under_the_clients_own_key(desk: Office) -> None:
    before = await approved(desk)
    record = await posted(desk, before)
    assert desk.store.contents.of_client(before.client_id) == []
    held = {item.kind for item in desk.store.contents.of_client(record.client_id)}
    assert {"intake_upload", "intake_form", "page_image", "draft", "approved_draft"} <= held
    assert desk.store.keys.shred(before.client_id) == 0
    assert desk.store.contents.get(record.source_ref) == FILE
    assert desk.store.drafts.for_client(record.client_id) == [record]
    (linked,) = [e.entry for e in desk.store.audit.search() if e.entry.action == Action.PROSPECT_LINKED]
    assert (linked.client_id, linked.details["prospect"]) == (record.client_id, before.client_id)


async def test_killed_after_any_write_the_client_is_registered_once(desk: Office) -> None:
    record = await approved(desk)
    for name in ("create_client", "create_document", "create_assessment", "create_message"):
        real = getattr(desk.ehr, name)

        async def killed(*args: Any, real: Any = real) -> Any:
            await real(*args)
            raise Transient("ehr_busy")

        setattr(desk.ehr, name, killed)
        with pytest.raises(Transient):
            await steps.post_record(desk.ports(), record.id)
        setattr(desk.ehr, name, real)
    desk.store.drafts.update(record.id, client_id=record.client_id)  # killed before the row knew the client
    done = await posted(desk, record)
    assert len(await clients(desk)) == 2
    assert len([d async for d in desk.ehr.list_documents(done.client_id)]) == 1
    assert len(desk.ehr.messages) == 1


async def test_the_same_file_is_one_intake(desk: Office) -> None:
    first = desk.hand_in()
    assert desk.hand_in().id == first.id
    record = await posted(desk, await approved(desk))
    desk.store.drafts.move(record.id, expected=[DraftState.APPROVED], to=DraftState.POSTED)
    assert desk.hand_in().state is DraftState.POSTED
    assert await steps.open_intake(desk.ports("run-2"), first.source_ref) is None


@pytest.mark.parametrize(
    "ended", [DraftState.FAILED, DraftState.EXPIRED, DraftState.REJECTED, DraftState.CANCELLED], ids=str
)
async def test_a_form_whose_intake_ended_without_a_record_may_be_handed_in_again(
    desk: Office, ended: DraftState
) -> None:
    first = desk.hand_in()
    desk.store.drafts.move(first.id, expected=[DraftState.PREPARING], to=ended, failure_code="form_unreadable")
    again = desk.hand_in()
    assert again.id != first.id
    assert (again.state, desk.store.contents.get(again.source_ref)) == (DraftState.PREPARING, FILE)
    assert desk.hand_in().id == again.id


async def test_a_client_who_is_known_is_asked_about_first_and_changed_instead(desk: Office) -> None:
    desk.client("c-2", **TWIN)
    record = await prepared(desk)
    draft = desk.draft(record.id)
    assert [point.code for point in review.open_points(draft)] == ["duplicate_unanswered"]
    with pytest.raises(NotFound):
        review.answer_duplicate(draft, "same_person", "c-1")
    desk.approve(record, review.answer_duplicate(draft, "same_person", "c-2"))
    done = await posted(desk, record)
    assert done.client_id == "c-2"
    assert len(await clients(desk)) == 2
    assert (await desk.ehr.get_client("c-2")).city == "Cambridge"
    assert len([d async for d in desk.ehr.list_documents("c-2")]) == 1
    assert await steps.verify_record(desk.ports(), done.id)


async def test_who_is_registered_between_approval_and_writing_is_asked_about(desk: Office) -> None:
    record = await approved(desk)
    desk.client("c-2", **TWIN)
    assert not await steps.post_record(desk.ports(), record.id)
    back = desk.store.drafts.get(record.id)
    assert (back.state, back.failure_code) == (DraftState.IN_REVIEW, "duplicate_found_late")
    assert len(await clients(desk)) == 2
    draft = desk.draft(record.id)
    assert [candidate.client_id for candidate in draft.duplicates] == ["c-2"]
    assert "may have a record already" in " ".join(task.title for task in desk.ehr.tasks.values())
    desk.approve(back, review.answer_duplicate(draft, "somebody_else"))
    await posted(desk, back)
    assert len(await clients(desk)) == 3


async def test_an_approver_who_is_not_responsible_for_the_known_client_changes_nothing(desk: Office) -> None:
    desk.client("c-9", **TWIN)
    record = await approved(desk, lambda draft: review.answer_duplicate(draft, "same_person", "c-9"))
    assert not await steps.post_record(desk.ports(), record.id)
    assert desk.store.drafts.get(record.id).state is DraftState.IN_REVIEW
    assert (await desk.ehr.get_client("c-9")).city is None


async def test_without_a_name_nobody_is_registered_whatever_is_let_stand(desk: Office) -> None:
    desk.script = [FormReading(with_field(form_of(), "demographics.last_name", Extracted()))]
    record = await prepared(desk)
    draft = desk.draft(record.id)
    assert [point.code for point in review.open_points(draft)] == ["name_needed"]
    with pytest.raises(Invalid):
        desk.approve(record, draft)


@pytest.mark.parametrize(
    ("clinician", "code"),
    [
        ({"roles": (Role.SCHEDULER,)}, "role_not_permitted"),
        ({"ai_opt_out": True}, "person_opted_out_of_ai"),
        ({"ai_opt_out_workflows": ("intake",)}, "clinician_opted_out"),
        ({"active": False}, "person_inactive"),
    ],
)
async def test_a_form_is_not_taken_in_for_who_may_or_will_not(
    desk: Office, clinician: dict[str, Any], code: str
) -> None:
    record = desk.hand_in(b"%PDF another form")
    desk.clinician(**clinician)
    with pytest.raises(Refused, match=code):
        desk.hand_in()
    with pytest.raises(Refused, match=code):  # allowed when it was handed in, and not any more
        await steps.open_intake(desk.ports(), record.source_ref)
    assert desk.store.drafts.get(record.id).failure_code == code


async def test_no_trace_of_the_form_is_in_tasks_or_trail(desk: Office) -> None:
    desk.script = [FormReading(replace(SUICIDAL))]
    record = await prepared(desk)
    draft = desk.draft(record.id)
    for flag in draft.risks:
        draft = review.accept_field(draft, flag.path)
    desk.approve(record, draft)
    await posted(desk, record)
    told = repr(list(desk.ehr.tasks.values())) + repr(desk.store.audit.search())
    for value in ("Imogen", "Hale", "555-0142", "NWH-2210", "1991-04"):
        assert value not in told


def test_an_empty_file_is_no_form(desk: Office) -> None:
    with pytest.raises(Invalid):
        desk.hand_in(b"")


@pytest.mark.parametrize(
    ("begins", "type_"),
    [(b"%PDF-1.7", "application/pdf"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b' {"a":1}', "application/json")],
)
def test_the_type_is_what_the_bytes_say(begins: bytes, type_: str) -> None:
    assert media_type_of(begins)[0] == type_


async def test_a_supervisor_may_verify_and_a_stranger_may_not(desk: Office) -> None:
    desk.ehr.add(User(id="u-5", name="Other", roles=(Role.CLINICIAN,)))
    desk.ehr.add(User(id="u-6", name="Super", roles=(Role.SUPERVISOR,), supervises=("u-1",)))
    for by, allowed in (("u-5", False), ("u-6", True)):
        record = await prepared(desk)
        desk.approve(record, desk.draft(record.id), by=by)
        assert await steps.post_record(desk.ports(), record.id) is allowed


async def test_who_supervises_the_clinician_of_a_form_does_not_thereby_write_into_any_clients_record(
    desk: Office,
) -> None:
    desk.client("c-9", **TWIN, assigned_clinicians=("u-5",))
    desk.ehr.add(User(id="u-5", name="Other", roles=(Role.CLINICIAN,), caseload=("c-9",)))
    desk.ehr.add(User(id="u-6", name="Super", roles=(Role.SUPERVISOR,), supervises=("u-1",)))
    record = await prepared(desk)
    same = review.answer_duplicate(desk.draft(record.id), "same_person", "c-9")
    desk.approve(record, same, by="u-6")
    assert not await steps.post_record(desk.ports(), record.id)
    assert (await desk.ehr.get_client("c-9")).city is None
    desk.ehr.add(User(id="u-6", name="Super", roles=(Role.SUPERVISOR,), supervises=("u-1", "u-5")))
    desk.approve(desk.store.drafts.get(record.id), same, by="u-6")
    assert (await posted(desk, record)).client_id == "c-9"


class DyingContents:
    """A store whose process is killed when contents are to change hands."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._contents, name)

    def hand_over(self, from_client: str, to_client: str) -> int:
        raise Transient("killed")


async def test_killed_before_the_contents_change_hands_what_was_begun_is_finished(desk: Office) -> None:
    desk.client("c-2", **TWIN)
    record = await prepared(desk)
    desk.approve(record, review.answer_duplicate(desk.draft(record.id), "same_person", "c-2"))
    with pytest.raises(Transient):
        await steps.post_record(desk.ports(contents=DyingContents(desk.store.contents)), record.id)
    desk.clinician(active=False)  # the approver left in between: half of it helps nobody
    assert (await posted(desk, record)).client_id == "c-2"
    assert (await desk.ehr.get_client("c-2")).city == "Cambridge"


async def test_killed_while_registering_the_right_is_not_judged_anew(desk: Office) -> None:
    record = await approved(desk)
    real = desk.ehr.create_client

    async def killed(*args: Any) -> Any:
        await real(*args)
        raise Transient("ehr_busy")

    desk.ehr.create_client = killed  # type: ignore[method-assign]
    with pytest.raises(Transient):
        await steps.post_record(desk.ports(), record.id)
    desk.ehr.create_client = real  # type: ignore[method-assign]
    desk.clinician(active=False)
    done = await posted(desk, record)
    assert not done.is_prospect
    assert len(await clients(desk)) == 2


async def test_two_forms_of_one_person_written_at_once_are_told_of(desk: Office) -> None:
    """Both looked before either wrote: whoever looks again afterwards sees the other."""
    record = await approved(desk)
    real = desk.ehr.create_client

    async def beside_another(new: Any) -> Any:
        desk.client("c-2", **TWIN)
        return await real(new)

    desk.ehr.create_client = beside_another  # type: ignore[method-assign]
    await posted(desk, record)
    told = [task.title for task in desk.ehr.tasks.values()]
    assert told == ["A new client may have two records now"]
