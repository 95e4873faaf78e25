"""The record of what left: enough to account for each call, and no content in the clear."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.stores import open_test_store

from therapyflows.app.model_calls import About, ModelCallRecorder
from therapyflows.core.errors import Refused
from therapyflows.core.ids import derived_id
from therapyflows.core.prompt import Prompt, PromptField
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary
from therapyflows.governance.phi.leaving import Place
from therapyflows.governance.retention.policy import Periods
from therapyflows.integrations.llm.guarded import GuardedModel, ModelCall
from therapyflows.integrations.llm.scripted import SCRIPTED, ScriptedModel
from therapyflows.integrations.store import Store

ABOUT = About("c-1", "drf_1", "ap-1")
CHART = ChartIdentifiers((Identifier(IdentifierType.CLIENT, "Marlowe", "client"),))
ELSEWHERE = replace(SCRIPTED, provider="elsewhere", on_device=False)


class Told(BaseModel):
    summary: str


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_test_store(tmp_path / "data")
    yield found
    found.close()


async def ask(store: Store, said: str, *, field: str = "transcript") -> None:
    recorder = ModelCallRecorder(store, Actor("service", "worker"), ABOUT, "run-1", Periods())
    model = GuardedModel(ScriptedModel(['{"summary": "[CLIENT]"}'], info=ELSEWHERE), PhiBoundary(CHART), recorder)
    prompt = Prompt("p", "2", "Be brief.", "It was: $it", "draft_note", fields=(PromptField(field, said, "it"),))
    await model.complete(prompt, Told)


async def test_a_call_says_what_left_to_whom_and_what_for(
    store: Store, therapyflows: Callable[..., Any], practice_settings: dict[str, str]
) -> None:
    await ask(store, "Marlowe slept. MARLOWE wrote to a@example.org.")
    [entry] = (found.entry for found in store.audit.search(client_id="c-1"))
    assert entry.action is Action.MODEL_CALLED
    details = dict(entry.details)
    assert details.pop("seconds") >= 0
    assert details.pop("prompt_tokens") > 0
    assert details.pop("output_tokens") > 0
    assert details == {
        "provider": "elsewhere",
        "model": "script",
        "place": "elsewhere",
        "covered_by_baa": False,
        "purpose": "draft_note",
        "prompt_id": "p",
        "prompt_version": "2",
        "fields": "transcript",
        "redacted": True,
        "redaction": PhiBoundary(CHART).version,
        "replaced": 3,
        "replaced_types": "CLIENT:2,EMAIL:1",
        "appointment_id": "ap-1",
    }
    shown = therapyflows("audit", "show", "--client", "c-1", "--json", **practice_settings)
    assert json.loads(shown.out)[0]["details"]["replaced_types"] == "CLIENT:2,EMAIL:1"
    sent = store.contents.get(derived_id("cnt", entry.resource.removeprefix("model_calls/"), "prompt"))
    assert json.loads(sent)["user"] == "It was: [CLIENT] slept. [CLIENT.2] wrote to [EMAIL_1]."


async def test_a_refused_call_keeps_nothing_of_the_prompt(store: Store) -> None:
    with pytest.raises(Refused):
        await ask(store, "12 Harbor Street", field="address")
    [entry] = (found.entry for found in store.audit.search(client_id="c-1"))
    assert (entry.action, entry.outcome, entry.sent_digest) == (Action.MODEL_REFUSED, "field_not_allowed", None)
    assert entry.details["fields"] == "address"
    assert store.contents.of_client("c-1") == []


def test_a_call_with_every_kind_of_identifier_is_recorded_too(store: Store) -> None:
    """An entry takes short texts only; a call that cannot be recorded does not happen."""
    replaced = {type_.value: 12 for type_ in IdentifierType}
    fields = tuple(f"field_number_{n}" for n in range(40))
    call = ModelCall(
        provider="elsewhere",
        model="m",
        place=Place.ELSEWHERE,
        purpose="draft_note",
        prompt_id="p",
        prompt_version="1",
        fields=fields,
        redacted=True,
        redaction="1",
        replaced=replaced,
        left=True,
        outcome="ok",
        seconds=0.1,
    )
    ModelCallRecorder(store, Actor("service", "worker"), ABOUT, "run-1", Periods())(call)
    [entry] = (found.entry for found in store.audit.search(client_id="c-1"))
    assert entry.details["replaced"] == 12 * len(IdentifierType)
    listed, more = str(entry.details["replaced_types"]).rsplit(",+", 1)
    assert len(listed.split(",")) + int(more) == len(IdentifierType)


def test_the_version_of_the_redaction_names_every_detector_from_outside() -> None:
    class Recognizer:
        def detect(self, text: str) -> list[Any]:
            return []

    alone, with_another = PhiBoundary(CHART).version, PhiBoundary(CHART, additional=[Recognizer()]).version
    assert with_another == f"{alone}+Recognizer"
