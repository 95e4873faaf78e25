"""What crosses the PHI boundary, and the record of it."""

import hashlib
import json
from dataclasses import replace

import pytest
from pydantic import BaseModel

from therapyflows.core.errors import ModelOutputInvalid, Refused, Transient
from therapyflows.core.ports import Prompt
from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary, Redaction
from therapyflows.integrations.llm import LlmSettings, make_model
from therapyflows.integrations.llm.guarded import GuardedModel, ModelCall
from therapyflows.integrations.llm.scripted import SCRIPTED, ScriptedModel

from .conftest import Exchange, FakeProvider

CHART = ChartIdentifiers(
    (
        Identifier(IdentifierType.CLIENT, "Marlowe", "client"),
        Identifier(IdentifierType.CLIENT_CONTACT, "Josefina Examplez", "contact-1"),
        Identifier(IdentifierType.PHONE, "617-555-0199"),
    )
)
REMOTE = replace(SCRIPTED, provider="elsewhere", on_device=False)


class Told(BaseModel):
    people: list[str]
    summary: str


@pytest.fixture
def prompt() -> Prompt:
    return Prompt("test/told", "3", "Do not name Marlowe.", "Marlowe called Josefina at 617-555-0199.", "test")


@pytest.fixture
def calls() -> list[ModelCall]:
    return []


async def test_a_model_elsewhere_sees_tokens_and_its_answer_is_restored(prompt: Prompt, calls: list[ModelCall]) -> None:
    model = ScriptedModel(['{"people": ["[CLIENT]", "[CLIENT_CONTACT_1]"], "summary": "[PHONE_1]"}'], info=REMOTE)
    done = await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(prompt, Told)
    assert done.value == Told(people=["Marlowe", "Josefina"], summary="617-555-0199")
    [seen] = model.history
    assert (seen.system, seen.user) == ("Do not name [CLIENT].", "[CLIENT] called [CLIENT_CONTACT_1] at [PHONE_1].")
    assert seen.redacted


async def test_a_model_that_may_see_clear_text_gets_clear_text(prompt: Prompt, calls: list[ModelCall]) -> None:
    model = ScriptedModel(['{"people": [], "summary": "[CLIENT] as it was said"}'])
    done = await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(prompt, Told)
    assert model.history == [prompt]
    assert done.value.summary == "[CLIENT] as it was said"
    assert not calls[0].redacted


async def test_every_call_is_on_record(prompt: Prompt, calls: list[ModelCall]) -> None:
    model = ScriptedModel(['{"people": [], "summary": "[CLIENT]"}'], info=REMOTE)
    await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(prompt, Told)
    [call] = calls
    assert (call.provider, call.purpose, call.prompt_id, call.prompt_version) == ("elsewhere", "test", "test/told", "3")
    assert (call.outcome, call.redacted) == ("ok", True)
    assert call.replaced == {"CLIENT": 2, "CLIENT_CONTACT": 1, "PHONE": 1}
    assert json.loads(call.sent)["user"] == "[CLIENT] called [CLIENT_CONTACT_1] at [PHONE_1]."
    assert call.sent_digest == f"sha256:{hashlib.sha256(call.sent).hexdigest()}"
    assert call.received == b'{"people":[],"summary":"[CLIENT]"}'
    assert "Marlowe" not in repr(call)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [(Transient("model_busy"), "model_busy"), ("garbage", "output_not_json")],
)
async def test_a_failed_call_is_on_record(prompt: Prompt, calls: list[ModelCall], line, outcome: str) -> None:
    with pytest.raises((Transient, ModelOutputInvalid)):
        await GuardedModel(ScriptedModel([line], info=REMOTE), PhiBoundary(CHART), calls.append).complete(prompt, Told)
    assert calls[0].outcome == outcome
    assert calls[0].received is None


@pytest.mark.parametrize("summary", ["[CLIENT_CONTACT_7]", "[CLIENT_MOTHER]", "[PERSON_1]", "PHONE_2"])
async def test_an_answer_with_an_unknown_or_altered_token_is_invalid(
    prompt: Prompt, calls: list[ModelCall], summary: str
) -> None:
    model = ScriptedModel([json.dumps({"people": [], "summary": summary})], info=REMOTE)
    with pytest.raises(ModelOutputInvalid) as caught:
        await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(prompt, Told)
    assert caught.value.code == "unknown_token"
    assert calls[0].received is not None


class Leaky(PhiBoundary):
    """A boundary whose detectors all fail."""

    def redact(self, text: str, *, ours: bool = False) -> Redaction:
        return Redaction(text, {}, {})


async def test_a_prompt_that_still_names_somebody_is_not_sent(prompt: Prompt, calls: list[ModelCall]) -> None:
    model = ScriptedModel(["never"], info=REMOTE)
    with pytest.raises(Refused) as caught:
        await GuardedModel(model, Leaky(CHART), calls.append).complete(prompt, Told)
    assert caught.value.code == "unredacted_text"
    assert "Marlowe" not in str(caught.value)
    assert model.history == []
    assert calls[0].outcome == "unredacted_text"


async def test_no_answer_without_a_record(prompt: Prompt) -> None:
    def broken(call: ModelCall) -> None:
        raise Transient("store_unavailable")

    model = ScriptedModel(['{"people": [], "summary": "fine"}'], info=REMOTE)
    with pytest.raises(Transient):
        await GuardedModel(model, PhiBoundary(CHART), broken).complete(prompt, Told)


async def test_planted_identifiers_never_leave_in_clear(provider: FakeProvider, calls: list[ModelCall]) -> None:
    def echo(exchange: Exchange) -> None:
        said = exchange.json["messages"][1]["content"]
        exchange.complete(json.dumps({"people": [], "summary": said}))

    remote = make_model(LlmSettings(provider="openai", endpoint=provider.then(echo).url, model="m", timeout_s=20))
    assert remote is not None
    guarded = GuardedModel(remote, PhiBoundary(CHART), calls.append)
    spoken = (
        "MARLOWE, marlowe's friend; M-A-R-L-O-W-E. Josefina and Examplez, [CLIENT]. Call 617.555.0199 or six one seven "
        "five five five zero one nine nine."
    )
    done = await guarded.complete(Prompt("t", "1", "system", spoken, "test"), Told)
    left = b"".join(provider.bodies).decode().lower()
    assert not any(name in left for name in ("marlowe", "m-a-r-l", "josefina", "examplez", "0199", "one nine nine"))
    assert done.value.summary == spoken
