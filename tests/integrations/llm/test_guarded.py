"""What crosses the PHI boundary, and the record of it."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from therapyflows.core.errors import ModelOutputInvalid, Refused, Transient
from therapyflows.core.prompt import Prompt, PromptField
from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary, Redaction
from therapyflows.governance.phi.leaving import Material, Place
from therapyflows.governance.phi.minimum_necessary import fields_by_purpose
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


def asked(said: str, name: str = "transcript", purpose: str = "draft_note", **changes: Any) -> Prompt:
    """Our words, and what was said as a field."""
    field = PromptField(name, said, "source", changes.pop("material", Material.ORDINARY))
    return Prompt("test/told", "3", "Do not name Marlowe.", "It was: $source", purpose, fields=(field,), **changes)


class Told(BaseModel):
    people: list[str]
    summary: str


@pytest.fixture
def prompt() -> Prompt:
    return asked("Marlowe called Josefina at 617-555-0199.")


@pytest.fixture
def calls() -> list[ModelCall]:
    return []


async def test_a_model_elsewhere_sees_tokens_and_its_answer_is_restored(prompt: Prompt, calls: list[ModelCall]) -> None:
    model = ScriptedModel(['{"people": ["[CLIENT]", "[CLIENT_CONTACT_1]"], "summary": "[PHONE_1]"}'], info=REMOTE)
    done = await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(prompt, Told)
    assert done.value == Told(people=["Marlowe", "Josefina"], summary="617-555-0199")
    [seen] = model.history
    assert (seen.system, seen.user) == (
        "Do not name [CLIENT].",
        "It was: [CLIENT] called [CLIENT_CONTACT_1] at [PHONE_1].",
    )
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
    assert (call.provider, call.place, call.purpose) == ("elsewhere", Place.ELSEWHERE, "draft_note")
    assert (call.prompt_id, call.prompt_version, call.fields) == ("test/told", "3", ("transcript",))
    assert (call.outcome, call.left, call.redacted, call.redaction) == ("ok", True, True, PhiBoundary(CHART).version)
    assert call.replaced == {"CLIENT": 2, "CLIENT_CONTACT": 1, "PHONE": 1}
    assert json.loads(call.sent)["user"] == "It was: [CLIENT] called [CLIENT_CONTACT_1] at [PHONE_1]."
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
    assert (calls[0].outcome, calls[0].left) == ("unredacted_text", False)


async def test_no_answer_without_a_record(prompt: Prompt) -> None:
    def broken(call: ModelCall) -> None:
        raise Transient("store_unavailable")

    model = ScriptedModel(['{"people": [], "summary": "fine"}'], info=REMOTE)
    with pytest.raises(Transient):
        await GuardedModel(model, PhiBoundary(CHART), broken).complete(prompt, Told)


async def test_planted_identifiers_never_leave_in_clear(provider: FakeProvider, calls: list[ModelCall]) -> None:
    def echo(exchange: Exchange) -> None:
        said = exchange.json["messages"][1]["content"]
        exchange.complete(json.dumps({"people": [], "summary": said.removeprefix("It was: ")}))

    remote = make_model(LlmSettings(provider="openai", endpoint=provider.then(echo).url, model="m", timeout_s=20))
    assert remote is not None
    guarded = GuardedModel(remote, PhiBoundary(CHART), calls.append)
    spoken = (
        "MARLOWE, marlowe's friend; M-A-R-L-O-W-E. Josefina and Examplez, [CLIENT]. Call 617.555.0199 or six one seven "
        "five five five zero one nine nine."
    )
    done = await guarded.complete(asked(spoken), Told)
    left = b"".join(provider.bodies).decode().lower()
    assert not any(name in left for name in ("marlowe", "m-a-r-l", "josefina", "examplez", "0199", "one nine nine"))
    assert done.value.summary == spoken


# --- what may leave ---

COVERED = replace(REMOTE, covered_by_baa=True)
EMPTY = '{"people": [], "summary": "fine"}'
EVERY_FIELD = frozenset().union(*fields_by_purpose().values())


@pytest.mark.parametrize("info", [SCRIPTED, COVERED, REMOTE], ids=["on device", "covered", "elsewhere"])
@pytest.mark.parametrize("purpose", [*fields_by_purpose(), "some_other_purpose"])
async def test_a_field_that_the_purpose_does_not_need_does_not_leave(
    info, purpose: str, calls: list[ModelCall]
) -> None:
    allowed = fields_by_purpose().get(purpose, frozenset())
    for name in sorted({*EVERY_FIELD, "date_of_birth", "address"}):
        model = ScriptedModel([EMPTY], info=info)
        work = GuardedModel(model, PhiBoundary(CHART), calls.append).complete(asked("yes", name, purpose), Told)
        if name in allowed:
            assert (await work).value.summary == "fine"
            continue
        with pytest.raises(Refused) as caught:
            await work
        assert (caught.value.code, caught.value.ids["fields"]) == ("field_not_allowed", name)
        assert model.history == []
        assert (calls[-1].outcome, calls[-1].left, calls[-1].sent) == ("field_not_allowed", False, b"")


@pytest.mark.parametrize("info", [SCRIPTED, COVERED, REMOTE], ids=["on device", "covered", "elsewhere"])
@pytest.mark.parametrize(
    ("material", "code"),
    [
        (Material.PSYCHOTHERAPY_NOTE, "psychotherapy_note_never_leaves"),
        (Material.OFF_RECORD, "off_record_never_leaves"),
    ],
)
async def test_walled_material_reaches_no_model_and_no_record_holds_it(
    info, material: Material, code: str, calls: list[ModelCall]
) -> None:
    model = ScriptedModel([EMPTY], info=info)
    with pytest.raises(Refused) as caught:
        await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(asked("secret", material=material), Told)
    assert caught.value.code == code
    assert model.history == []
    assert (calls[0].outcome, calls[0].left, calls[0].sent) == (code, False, b"")
    with pytest.raises(Refused):  # the adapter refuses, too, whatever wrapped it
        await model.complete(asked("secret", material=material, redacted=True), Told)


@pytest.mark.parametrize(
    ("info", "objection", "outcome"),
    [
        (SCRIPTED, "part2_tpo_consent_missing", "ok"),
        (COVERED, "part2_tpo_consent_expired", "part2_tpo_consent_expired"),
        (REMOTE, "part2_tpo_consent_other_purpose", "part2_tpo_consent_other_purpose"),
        (COVERED, None, "ok"),
        (REMOTE, None, "ok"),
    ],
)
async def test_part_2_material_leaves_the_machine_only_with_consent(
    info, objection: str | None, outcome: str, prompt: Prompt, calls: list[ModelCall]
) -> None:
    guarded = GuardedModel(
        ScriptedModel([EMPTY], info=info), PhiBoundary(CHART), calls.append, part2_objection=lambda: objection
    )
    if outcome == "ok":
        await guarded.complete(prompt, Told)
    else:
        with pytest.raises(Refused, match=outcome):
            await guarded.complete(prompt, Told)
    assert calls[0].outcome == outcome


async def test_a_consent_that_ends_between_two_calls_stops_the_second(prompt: Prompt, calls: list[ModelCall]) -> None:
    said = iter([None, "part2_tpo_consent_withdrawn"])
    model = ScriptedModel([EMPTY, EMPTY], info=COVERED)
    guarded = GuardedModel(model, PhiBoundary(CHART), calls.append, part2_objection=lambda: next(said))
    await guarded.complete(prompt, Told)
    with pytest.raises(Refused):
        await guarded.complete(prompt, Told)
    assert len(model.history) == 1


async def test_our_own_words_keep_their_examples_and_are_searched_for_the_chart(calls: list[ModelCall]) -> None:
    words = "Copy [CLIENT] and [PERSON_1] exactly. Never write Marlowe. It costs $$5."
    model = ScriptedModel([EMPTY], info=REMOTE)
    await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(Prompt("t", "1", words, "Go.", "test"), Told)
    assert model.history[0].system == "Copy [CLIENT] and [PERSON_1] exactly. Never write [CLIENT]. It costs $5."


@pytest.mark.parametrize(
    ("people", "restored"),
    [
        (["[CLI", "ENT] came"], ["Marlowe", " came"]),
        (["so [CLIENT_", "CONTACT", "_1]", "left"], ["so Josefina", "", "", "left"]),
        (["[CLIENT", "said"], ["Marlowe", "said"]),
        (["a [b", "c] d"], ["a [b", "c] d"]),
    ],
)
async def test_a_token_split_over_strings_is_restored(
    people: list[str], restored: list[str], prompt: Prompt, calls: list[ModelCall]
) -> None:
    model = ScriptedModel([json.dumps({"people": people, "summary": "-"})], info=REMOTE)
    done = await GuardedModel(model, PhiBoundary(CHART), calls.append).complete(prompt, Told)
    assert done.value.people == restored
