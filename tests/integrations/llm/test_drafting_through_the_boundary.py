"""The whole way of a draft: transcript, PHI boundary, HTTP, answer, restored statements with evidence."""

import json
import re
from dataclasses import replace
from typing import TypeVar

import pytest
from pydantic import BaseModel, SecretStr

from therapyflows.core.chart import Client, Contact
from therapyflows.core.identifiers import chart_identifiers
from therapyflows.core.ports import Completion, LanguageModel
from therapyflows.core.prompt import Prompt
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.core.session_note.model_drafter import Patience, draft_with_model
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.governance.phi import PhiBoundary
from therapyflows.integrations.llm import LlmSettings, make_model
from therapyflows.integrations.llm.guarded import GuardedModel, ModelCall
from therapyflows.integrations.llm.local import LlamaServer

from .conftest import Exchange, FakeProvider

T = TypeVar("T", bound=BaseModel)
CLIENT = Client(
    id="c1",
    first_name="Marlowe",
    last_name="Testperson",
    phone="617-555-0199",
    contacts=(Contact(name="Josefina Examplez", relationship="sister", phone="617-555-0142"),),
)
TURNS = (
    (Speaker.THERAPIST, "Marlowe, how have things been with Josefina?"),
    (Speaker.CLIENT, "My sister Josefina called from 617-555-0142 and I slept four hours. [CLIENT_CONTACT_1] did it."),
    (Speaker.THERAPIST, "What will you try this week, Marlowe?"),
    (Speaker.CLIENT, "I will walk with Josefina every evening."),
)


def session(repeats: int = 1) -> Transcript:
    turns = TURNS * repeats
    segments = tuple(Segment(f"s{n}", who, n * 5.0, n * 5.0 + 4, text) for n, (who, text) in enumerate(turns, 1))
    return Transcript(SourceKind.TRANSCRIPT, 60.0, segments)


async def test_a_draft_by_a_provider_without_baa_names_people_and_the_provider_saw_none(provider: FakeProvider) -> None:
    def writes(exchange: Exchange) -> None:
        [line] = re.findall(r"s2 \| client \| (.*)", exchange.json["messages"][1]["content"])
        person = re.findall(r"\[CLIENT_SISTER\]", line)[0]
        statement = {
            "section": "subjective",
            "kind": "reported",
            "text": f"Client reports a call from {person} and four hours of sleep.",
            "segments": ["s2"],
            "quote": f"My sister {person} called",
        }
        exchange.complete(json.dumps({"statements": [statement]}))

    transcript, template = session(), load_template("soap")
    calls: list[ModelCall] = []
    remote = make_model(LlmSettings(provider="openai", endpoint=provider.then(writes).url, model="m", timeout_s=20))
    assert remote is not None
    guarded = GuardedModel(remote, PhiBoundary(chart_identifiers(CLIENT)), calls.append)
    draft = await draft_with_model(
        guarded, transcript, None, template, fallback=lambda: draft_from_evidence(transcript, None, template)
    )
    [statement] = [s for s in draft.statements if s.kind == "reported"]
    assert statement.text == "Client reports a call from Josefina and four hours of sleep."
    assert statement.evidence[0].quote == "My sister Josefina called"
    left = b"".join(provider.bodies).decode().lower()
    assert not any(name in left for name in ("marlowe", "josefina", "testperson", "0142"))
    assert [call.outcome for call in calls] == ["ok"]


@pytest.mark.parametrize(
    "answer", [lambda e: e.reply(200, "<html>proxy</html>", "text/html"), lambda e: e.fail(503, "x")]
)
async def test_a_provider_that_misbehaves_costs_the_model_not_the_draft(provider: FakeProvider, answer) -> None:
    transcript, template = session(), load_template("dap")
    remote = make_model(LlmSettings(provider="openai", endpoint=provider.then(answer).url, model="m", timeout_s=20))
    assert remote is not None
    guarded = GuardedModel(remote, PhiBoundary(chart_identifiers(CLIENT)), lambda call: None)
    draft = await draft_with_model(
        guarded,
        transcript,
        None,
        template,
        fallback=lambda: draft_from_evidence(transcript, None, template),
        patience=Patience(first_wait_s=0, longest_wait_s=0),
    )
    assert draft.fallback_from == "openai:m"
    assert draft.statements


class Brief:
    """The model with short answers, so that a test takes seconds."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.info = model.info
        self.count_tokens = model.count_tokens

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        return await self._model.complete(replace(prompt, max_output_tokens=90), schema)


@pytest.mark.parametrize(("repeats", "purpose"), [(1, "draft_note"), (12, "extract_facts")])
async def test_a_real_model_is_asked_in_one_pass_or_in_two(llama: LlamaServer, repeats: int, purpose: str) -> None:
    transcript, template = session(repeats), load_template("soap")
    calls: list[ModelCall] = []
    key, context = SecretStr(llama.key), llama.context_tokens
    model = make_model(
        LlmSettings(provider="local", endpoint=llama.url, api_key=key, context_tokens=context, timeout_s=180)
    )
    assert model is not None
    draft = await draft_with_model(
        GuardedModel(Brief(model), PhiBoundary(chart_identifiers(CLIENT)), calls.append),
        transcript,
        None,
        template,
        fallback=lambda: draft_from_evidence(transcript, None, template),
    )
    # 135M parameters prove the path, not the quality: the answer is the schema's or falls back, and citations stand.
    assert calls[0].purpose == purpose
    assert {call.outcome for call in calls} <= {"ok", "output_truncated"}
    texts = {segment.id: segment.text for segment in transcript.segments}
    assert draft.statements
    assert all(span.quote in texts[span.segment_id] for s in draft.statements for span in s.evidence)
