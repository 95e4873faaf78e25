"""A form's page on its way to a model and back: consent, PHI boundary, HTTP, the trail, words of the page."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.stores import open_test_store

from therapyflows.app.intake import model_for_intakes
from therapyflows.app.settings import Settings
from therapyflows.core.chart import Client, Consent, Role, User
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import ConsentMissing
from therapyflows.core.intake.asking import ask_for_missing
from therapyflows.core.intake.model import (
    ContactDetails,
    Demographics,
    Extracted,
    FormSource,
    Insurance,
    IntakeForm,
    Medication,
    Method,
    Policy,
    RelatedPerson,
)
from therapyflows.core.intake.page import Page, Rect, Word
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.retention.policy import Periods
from therapyflows.integrations.ehr.memory import MemoryEhr
from therapyflows.integrations.llm import LlmSettings

from .conftest import Exchange, FakeProvider

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
SAID = (
    "Why do you come: since Imogen left me I lie awake. Imogen Thackeray 617-555-0142 Anselm Osmotherly 617 555 0188 "
    "my Quenby knows, Wren and Drustan too; the office of Wexcombe sent me. Skelmersby Academy"
)
CONSENT = Consent(id="co-1", kind="ai_processing", status="granted", statement="I agree.", granted_at=NOW)
FORM = IntakeForm(
    FormSource.SCAN,
    demographics=Demographics(
        first_name=Extracted("Imogen"),
        middle_name=Extracted("Quenby"),
        last_name=Extracted("Thackeray"),
        referred_by=Extracted("the office of Dr. Wexcombe"),
        school=Extracted("Skelmersby Academy"),
    ),
    contact=ContactDetails(work_phone=Extracted("(617) 555-0188")),
    guardian=RelatedPerson(name=Extracted("Anselm Osmotherly")),
    insurance=Insurance(primary=Policy(subscriber_name=Extracted("Wren Thackeray"))),
    medications=(Medication(name=Extracted("Sertraline"), prescriber=Extracted("Drustan")),),
)
NAMES = (
    "imogen", "thackeray", "0142", "quenby", "wexcombe", "anselm", "osmotherly", "0188", "wren", "drustan",
    "skelmersby",
)  # fmt: skip
RECORD = DraftRecord(
    id="drf_1", workflow="intake", client_id="c-1", clinician_id="u-1", appointment_id="", source_ref="d-1",
    format="intake", state=DraftState.PREPARING, version=1, created_at=NOW, updated_at=NOW,
)  # fmt: skip


def page() -> Page:
    words = tuple(Word(word, Rect(9.0 * at, 100, 9.0 * at + 8, 110)) for at, word in enumerate(SAID.split()))
    return Page(1, 612, 792, Method.OCR, words)


def quotes(exchange: Exchange) -> None:
    """Copies what stands between the question and the signature, tokens and all."""
    [line] = re.findall(r"come: (since .* awake)", exchange.json["messages"][1]["content"])
    exchange.complete(json.dumps({"answers": [{"field": "presenting.problem", "quote": line}]}))


async def test_the_model_sees_no_name_and_the_form_gets_the_words_of_the_page(
    provider: FakeProvider, tmp_path: Path
) -> None:
    store = open_test_store(tmp_path)
    store.drafts.claim(RECORD)
    client = Client(id="c-1", first_name="I.", last_name="T.", consents=(CONSENT,), assigned_clinicians=("u-1",))
    clinician = User(id="u-1", name="Ada Quillfeather", roles=(Role.CLINICIAN,), caseload=("c-1",))
    ehr = MemoryEhr([client, clinician])
    llm = LlmSettings(provider="openai", endpoint=provider.then(quotes).url, model="m", timeout_s=20)
    settings = Settings.model_construct(phi_gguf=None, retention=Periods(), llm=llm, llm_block=None)
    asked = await model_for_intakes(settings, store, ehr, Actor("service", "worker"), "run-1")(RECORD, FORM)
    assert asked is not None
    model = asked.model
    found = (await ask_for_missing(FORM, [page()], model)).presenting.problem
    assert (found.value, found.method) == ("since Imogen left me I lie awake", Method.MODEL)
    left = b"".join(provider.bodies).decode().lower()
    assert [name for name in NAMES if name in left] == []
    [called] = [e.entry for e in store.audit.search(client_id="c-1") if e.entry.action is Action.MODEL_CALLED]
    assert (called.details["purpose"], called.details["fields"]) == ("read_intake_form", "intake_page")
    assert "appointment_id" not in called.details
    assert {item.kind for item in store.contents.of_client("c-1")} == {"prompt", "completion"}
    assert {item.draft_id for item in store.contents.of_client("c-1")} == {"drf_1"}

    ehr.add(client.model_copy(update={"consents": ()}))
    with pytest.raises(ConsentMissing):
        await ask_for_missing(FORM, [page()], model)
    assert len(provider.bodies) == 1
    store.close()
