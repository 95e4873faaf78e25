"""A language model is asked for what the rules did not find: by consent alone, in words of the page alone."""

import json
from datetime import date
from typing import Any

import pytest
from tests.core.intake.conftest import NOW, Office, form_of
from tests.core.intake.test_asking import PAGE

from therapyflows.core.chart import Consent
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Refused, Transient
from therapyflows.core.intake import steps
from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import INTAKE_FORM, Extracted, IntakeForm, Method
from therapyflows.core.intake.page import Page, Rect, Word
from therapyflows.core.intake.steps import AskedModel, FormReading, IntakePorts
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.llm.scripted import ScriptedModel

FOUND = json.dumps({"answers": [{"field": "presenting.problem", "quote": "I lie awake since spring"}]})
CONSENT = Consent(id="co-1", kind="ai_processing", status="granted", statement="I agree.", granted_at=NOW)


def said(text: str) -> Page:
    words = tuple(Word(word, Rect(20.0 * at, 100, 20.0 * at + 18, 110)) for at, word in enumerate(text.split()))
    return Page(1, 612, 792, Method.OCR, words)


def asking(office: Office, model: ScriptedModel, *, leaves: bool = False) -> IntakePorts:
    async def model_for(record: DraftRecord, form: IntakeForm) -> AskedModel | None:
        return AskedModel(model, leaves)

    return office.ports(model_for=model_for)


async def read(office: Office, ports: IntakePorts, page: Page = PAGE) -> DraftRecord:
    office.script = [FormReading(form_of(), (b"page one",), (page,))]
    record = await steps.open_intake(ports, "d-1")
    assert record is not None
    await steps.read_form(ports, record.id)
    await steps.flag_risk(ports, record.id)
    return record


def form_in(office: Office, record: DraftRecord) -> IntakeForm:
    row = office.store.drafts.get(record.id)
    return INTAKE_FORM.validate_json(office.store.contents.get(row.transcript_id or ""))


def told(office: Office) -> list[tuple[str, object]]:
    entries = [e.entry for e in office.store.audit.search() if e.entry.action == Action.FORM_ASKED]
    return [(entry.outcome, entry.details.get("values")) for entry in entries]


async def test_words_of_the_page_fill_an_absent_field_with_their_place(office: Office) -> None:
    office.client(consents=(CONSENT,))
    model = ScriptedModel([FOUND])
    ports = asking(office, model)
    record = await read(office, ports)
    for _ in range(2):
        await steps.ask_model(ports, record.id)
    found = form_in(office, record).presenting.problem
    assert (found.value, found.raw, found.method, found.page) == (
        "I lie awake since spring", "I lie awake since spring", Method.MODEL, 1,
    )  # fmt: skip
    assert found.box is not None
    assert found.confidence < 0.8
    assert len(model.history) == 1
    assert told(office) == [("ok", 1)]
    await steps.check_form(ports, record.id)
    assert office.draft(record.id).form.presenting.problem == found


async def test_risk_in_what_the_model_found_reaches_people_at_once(office: Office) -> None:
    office.client(consents=(CONSENT,))
    quote = "I want to kill myself"
    answer = json.dumps({"answers": [{"field": "presenting.problem", "quote": quote}]})
    ports = asking(office, ScriptedModel([answer]))
    record = await read(office, ports, said(f"Tell us why: {quote}"))
    assert office.ehr.tasks == {}
    await steps.ask_model(ports, record.id)
    assert [task.priority for task in office.ehr.tasks.values()] == ["urgent"]


async def test_what_does_not_stand_on_the_page_is_not_taken(office: Office) -> None:
    office.client(consents=(CONSENT,))
    invented = json.dumps({"answers": [{"field": "allergies", "quote": "penicillin"}]})
    ports = asking(office, ScriptedModel([invented]))
    record = await read(office, ports)
    await steps.ask_model(ports, record.id)
    assert form_in(office, record) == form_of()
    assert told(office) == [("nothing_found", None)]


@pytest.mark.parametrize(
    ("client", "leaves", "outcome"),
    [
        ({}, False, "ai_processing_consent_missing"),
        ({"consents": (CONSENT.model_copy(update={"status": "offered"}),)}, False, "ai_processing_consent_offered"),
        ({"consents": (CONSENT,), "part2_program": True}, True, "part2_tpo_consent_missing"),
    ],
)
async def test_without_a_consent_that_covers_it_no_model_is_asked_and_the_intake_goes_on(
    office: Office, client: dict[str, Any], leaves: bool, outcome: str
) -> None:
    office.client(**client)
    model = ScriptedModel([FOUND])
    ports = asking(office, model, leaves=leaves)
    record = await read(office, ports)
    await steps.ask_model(ports, record.id)
    assert model.history == []
    assert told(office) == [(outcome, None)]
    await steps.check_form(ports, record.id)
    assert office.draft(record.id).form == form_of()


async def test_a_model_that_is_down_or_not_there_costs_its_answers_and_nothing_else(office: Office) -> None:
    office.client(consents=(CONSENT,))
    ports = asking(office, ScriptedModel([Transient("model_down")]))
    record = await read(office, ports)
    await steps.ask_model(ports, record.id)
    assert told(office) == [("model_down", None)]
    assert form_in(office, record) == form_of()


async def test_a_model_that_is_not_set_up_right_leaves_the_form_as_it_was_read(office: Office) -> None:
    async def misconfigured(record: DraftRecord, form: IntakeForm) -> AskedModel | None:
        raise Refused("model_misconfigured")

    office.client(consents=(CONSENT,))
    ports = office.ports(model_for=misconfigured)
    record = await read(office, ports)
    await steps.ask_model(ports, record.id)
    assert told(office) == [("model_misconfigured", None)]
    await steps.check_form(ports, record.id)
    assert office.draft(record.id).form == form_of()


async def test_another_clients_form_is_not_shown_to_a_model_under_this_ones_consent(office: Office) -> None:
    office.client(consents=(CONSENT,), birth_date=date(1984, 3, 9))
    model = ScriptedModel([FOUND])
    ports = asking(office, model)
    record = await read(office, ports)
    await steps.ask_model(ports, record.id)
    assert model.history == []
    assert told(office) == [("another_clients_form", None)]


async def test_somebody_who_stands_in_no_chart_has_consented_to_nothing(office: Office) -> None:
    model = ScriptedModel([FOUND])
    ports = asking(office, model)
    office.script = [FormReading(form_of(), (), (PAGE,))]
    record = await steps.open_intake(ports, office.hand_in().source_ref)
    assert record is not None
    await steps.read_form(ports, record.id)
    await steps.ask_model(ports, record.id)
    assert model.history == []


async def test_switched_off_nothing_is_asked_and_no_words_are_kept(office: Office) -> None:
    office.client(consents=(CONSENT,))
    record = await read(office, office.ports())
    await steps.ask_model(office.ports(), record.id)
    assert "page_words" not in {item.kind for item in office.store.contents.of_client("c-1")}
    assert told(office) == []


async def test_a_field_that_was_read_is_never_replaced(office: Office) -> None:
    office.client(consents=(CONSENT,))
    written = with_field(form_of(), "presenting.problem", Extracted("Cannot sleep", confidence=0.9, method=Method.OCR))
    ports = asking(office, ScriptedModel([FOUND]))
    office.script = [FormReading(written, (), (PAGE,))]
    record = await steps.open_intake(ports, "d-1")
    assert record is not None
    await steps.read_form(ports, record.id)
    await steps.ask_model(ports, record.id)
    assert form_in(office, record).presenting.problem.value == "Cannot sleep"
