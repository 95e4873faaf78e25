"""A real model: the packaged 135M GGUF, in this process and behind the OpenAI-compatible path."""

from dataclasses import replace
from enum import Enum
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr

from therapyflows.core.errors import ContextOverflow, ModelOutputInvalid, Refused, Transient
from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import Prompt
from therapyflows.core.session_note.model_drafter.answers import note_answer
from therapyflows.governance.phi.leaving import Place
from therapyflows.integrations.llm import LlmSettings, make_model
from therapyflows.integrations.llm.local import LlamaServer
from therapyflows.integrations.llm.tokens import estimate_tokens

SPEECH = (
    "Therapist: How have you been sleeping since we last met? Client: Honestly, not great; I wake up at 3 a.m. and "
    "can't get back to sleep, I keep going over what my brother-in-law said at the barbecue... you know? "
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Answer(BaseModel):
    colour: Colour
    word: str = Field(max_length=12)


def settings(llama: LlamaServer, **changes: object) -> LlmSettings:
    """The provider ``local`` at the running server (the file is loaded once for all tests)."""
    base = LlmSettings(
        provider="local",
        endpoint=llama.url,
        model="SmolLM2",
        api_key=SecretStr(llama.key),
        context_tokens=2048,
        timeout_s=180,
    )
    return base.model_copy(update=changes)


@pytest.fixture(params=["local", "openai"])
def model(request: pytest.FixtureRequest, llama: LlamaServer) -> LanguageModel:
    """The same real model through both adapters."""
    chosen = settings(llama)
    if request.param == "openai":
        chosen = settings(llama, provider="openai", endpoint=f"{llama.url}/v1", covered_by_baa=True)
    made = make_model(chosen)
    assert made is not None
    return made


async def test_constrained_output_is_the_schema(model: LanguageModel, prompt: Prompt) -> None:
    done = await model.complete(replace(prompt, user_words="Name a colour and a short word."), Answer)
    assert done.value.colour in Colour
    assert done.prompt_tokens > 10
    assert 0 < done.output_tokens <= 60


async def test_a_note_line_is_bounded_by_the_grammar(llama: LlamaServer, prompt: Prompt) -> None:
    made = make_model(settings(llama))
    assert made is not None
    asked = replace(prompt, user_words="s1 | client | I slept badly.", max_output_tokens=500)
    done = await made.complete(asked, note_answer(("subjective", "plan"), 1))
    assert len(done.value.statements) <= 1
    assert all(len(line.text) <= 300 for line in done.value.statements)


async def test_a_prompt_longer_than_the_context_is_context_overflow(model: LanguageModel, prompt: Prompt) -> None:
    with pytest.raises(ContextOverflow):
        await model.complete(replace(prompt, user_words="word " * 3000), Answer)


async def test_an_answer_that_is_cut_off_is_invalid(model: LanguageModel, prompt: Prompt) -> None:
    with pytest.raises(ModelOutputInvalid) as caught:
        await model.complete(replace(prompt, max_output_tokens=2), Answer)
    assert caught.value.code == "output_truncated"


async def test_a_generation_that_takes_too_long_is_cut_off(llama: LlamaServer, prompt: Prompt) -> None:
    made = make_model(settings(llama, timeout_s=0.01))
    assert made is not None
    with pytest.raises(Transient) as caught:
        await made.complete(replace(prompt, user_words=SPEECH * 8), Answer)
    assert caught.value.code == "model_timeout"


async def test_the_file_loads_in_this_process(gguf: Path, prompt: Prompt) -> None:
    made = make_model(LlmSettings(provider="local", gguf_path=gguf, context_tokens=512, timeout_s=180, threads=1))
    assert made is not None
    assert made.info.on_device
    assert made.info.place is Place.ON_DEVICE
    assert (await made.complete(replace(prompt, user_words="Name a colour."), Answer)).value.colour in Colour


def test_tokens_are_counted_exactly_here_and_over_estimated_elsewhere(llama: LlamaServer) -> None:
    made = make_model(settings(llama))
    assert made is not None
    exact = made.count_tokens(SPEECH)
    assert made.count_tokens("hello world") == 2
    assert exact < estimate_tokens(SPEECH) < 2 * exact


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        make_model(LlmSettings(provider="local", gguf_path=tmp_path / "none.gguf"))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF but not really")
    with pytest.raises(Refused):
        make_model(LlmSettings(provider="local", gguf_path=tmp_path / "bad.gguf"))


def test_an_endpoint_elsewhere_is_not_on_the_device() -> None:
    with pytest.raises(Refused):
        make_model(LlmSettings(provider="local", endpoint="https://llm.example.com"))
