"""An OpenAI-compatible endpoint that behaves, and one that does not."""

import json
import traceback

import pytest
from pydantic import SecretStr

from therapyflows.core.errors import ContextOverflow, ModelOutputInvalid, Refused, TherapyFlowsError, Transient
from therapyflows.core.prompt import Prompt
from therapyflows.integrations.llm import LlmSettings, make_model
from therapyflows.integrations.llm.chat import ChatModel

from .conftest import Answer, Exchange, FakeProvider, Mood

GOOD = '{"mood": "fine", "score": 7}'
SECRET_ANSWER = "Zebulon Marginalia"
"""Stands in answers that are refused: it may be found in no exception."""


def model_at(provider: FakeProvider, **changes: object) -> ChatModel:
    settings = LlmSettings(
        provider="openai", endpoint=provider.url, model="fake", covered_by_baa=True, timeout_s=10
    ).model_copy(update=changes)
    model = make_model(settings)
    assert isinstance(model, ChatModel)
    return model


async def failure(provider: FakeProvider, prompt: Prompt, answer: Answer, **changes: object) -> TherapyFlowsError:
    """The error that this answer turns into; it must keep nothing of prompt or answer."""
    with pytest.raises(TherapyFlowsError) as caught:
        await model_at(provider.then(answer), **changes).complete(prompt, Mood)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.ids)
    assert "Marlowe" not in shown
    assert SECRET_ANSWER not in shown
    return caught.value


async def test_an_answer_becomes_a_value_with_its_usage(provider: FakeProvider, prompt: Prompt) -> None:
    provider.then(lambda e: e.complete(GOOD))
    done = await model_at(provider).complete(prompt, Mood)
    assert done.value == Mood(mood="fine", score=7)
    assert (done.prompt_tokens, done.output_tokens, done.model) == (11, 7, "fake-1")


async def test_the_schema_is_sent_strict(provider: FakeProvider, prompt: Prompt) -> None:
    provider.then(lambda e: e.complete(GOOD))
    await model_at(provider).complete(prompt, Mood)
    sent = json.loads(provider.bodies[0])["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["additionalProperties"] is False
    assert sent["schema"]["required"] == ["mood", "score"]


async def test_an_endpoint_without_json_schema_gets_json_mode_then_a_prompted_schema(
    provider: FakeProvider, prompt: Prompt
) -> None:
    def refuses_formats(e: Exchange) -> None:
        if "response_format" in e.json:
            e.fail(400, "This response_format type is unavailable now", param="response_format")
        else:
            e.complete(f"```json\n{GOOD}\n```")

    model = model_at(provider.then(refuses_formats))
    assert (await model.complete(prompt, Mood)).value.score == 7
    formats = [json.loads(b).get("response_format", {}).get("type") for b in provider.bodies]
    assert formats == ["json_schema", "json_object", None]
    assert '"score"' in json.loads(provider.bodies[2])["messages"][0]["content"]
    await model.complete(prompt, Mood)
    assert len(provider.bodies) == 4, "what the endpoint refuses is remembered"


async def test_newer_models_get_the_parameters_that_they_know(provider: FakeProvider, prompt: Prompt) -> None:
    def newer(e: Exchange) -> None:
        if "max_tokens" in e.json:
            e.fail(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", param="max_tokens")
        elif "temperature" in e.json:
            e.fail(400, "Unsupported value: 'temperature'", param="temperature")
        else:
            e.complete(GOOD)

    assert (await model_at(provider.then(newer)).complete(prompt, Mood)).value.mood == "fine"
    assert json.loads(provider.bodies[-1])["max_completion_tokens"] == 60


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_busy_or_broken_endpoint_is_transient(provider: FakeProvider, prompt: Prompt, status: int) -> None:
    error = await failure(provider, prompt, lambda e: e.fail(status, SECRET_ANSWER, headers={"Retry_After": "7"}))
    assert isinstance(error, Transient)
    assert error.retry_after_s == 7


async def test_no_answer_in_time_is_transient(provider: FakeProvider, prompt: Prompt) -> None:
    error = await failure(provider, prompt, lambda e: e.released.wait(30) and None, timeout_s=0.3)
    assert isinstance(error, Transient)
    assert error.code == "model_timeout"


async def test_a_dripping_answer_does_not_outlast_the_time_out(provider: FakeProvider, prompt: Prompt) -> None:
    def drip(e: Exchange) -> None:
        e.handler.send_response(200)
        e.handler.send_header("Content-Type", "application/json")
        e.handler.send_header("Content-Length", "100000")
        e.handler.end_headers()
        while not e.released.wait(0.05):
            e.handler.wfile.write(b" ")
            e.handler.wfile.flush()

    def until_cut_off(e: Exchange) -> None:
        try:
            drip(e)
        except OSError:
            return

    assert (await failure(provider, prompt, until_cut_off, timeout_s=0.5)).code == "model_timeout"


async def test_a_closed_connection_is_transient(provider: FakeProvider, prompt: Prompt) -> None:
    def hang_up(e: Exchange) -> None:
        e.handler.connection.close()
        e.handler.close_connection = True

    assert isinstance(await failure(provider, prompt, hang_up), Transient)


async def test_nobody_listening_is_transient(provider: FakeProvider, prompt: Prompt) -> None:
    model = model_at(provider, endpoint="http://127.0.0.1:9/v1")
    with pytest.raises(Transient):
        await model.complete(prompt, Mood)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda e: e.complete(f"Sure! {SECRET_ANSWER}"), "output_not_json"),
        (lambda e: e.complete('{"mood": "fi'), "output_not_json"),
        (lambda e: e.complete(f'{{"mood": "{SECRET_ANSWER}"}}'), "output_not_schema"),
        (lambda e: e.complete(f'{{"mood": "x", "score": "{SECRET_ANSWER}"}}'), "output_not_schema"),
        (lambda e: e.complete(GOOD, finish_reason="length"), "output_truncated"),
        (lambda e: e.complete(None), "output_empty"),
        (lambda e: e.reply(200, f"<html>{SECRET_ANSWER}</html>", "text/html"), "output_not_a_completion"),
        (lambda e: e.reply(200, f"<html>{SECRET_ANSWER}</html>"), "output_not_a_completion"),
        (lambda e: e.reply(200, '{"hello": 1}'), "output_not_a_completion"),
        (lambda e: e.reply(200, "[1, 2]"), "output_not_a_completion"),
        (lambda e: e.reply(200, b"\xff\xfe\x00"), "output_not_a_completion"),
    ],
)
async def test_garbage_is_model_output_invalid(
    provider: FakeProvider, prompt: Prompt, answer: Answer, code: str
) -> None:
    error = await failure(provider, prompt, answer)
    assert isinstance(error, ModelOutputInvalid)
    assert error.code == code


@pytest.mark.parametrize(
    "answer",
    [
        lambda e: e.fail(400, "This model's maximum context length is 4096 tokens", code="context_length_exceeded"),
        lambda e: e.fail(
            400, "request (5031 tokens) exceeds the available context size", type="exceed_context_size_error"
        ),
    ],
)
async def test_a_prompt_that_does_not_fit_is_context_overflow(
    provider: FakeProvider, prompt: Prompt, answer: Answer
) -> None:
    assert isinstance(await failure(provider, prompt, answer), ContextOverflow)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda e: e.fail(401, f"Incorrect API key {SECRET_ANSWER}"), "model_misconfigured"),
        (lambda e: e.fail(404, "no such model"), "model_misconfigured"),
        (lambda e: e.fail(400, "filtered", code="content_filter"), "model_refused"),
        (lambda e: e.complete(None, message={"refusal": SECRET_ANSWER}), "model_refused"),
        (lambda e: e.complete("", finish_reason="content_filter"), "model_refused"),
    ],
)
async def test_a_no_is_refused(provider: FakeProvider, prompt: Prompt, answer: Answer, code: str) -> None:
    error = await failure(provider, prompt, answer)
    assert isinstance(error, Refused)
    assert error.code == code


async def test_a_redirect_is_not_followed(provider: FakeProvider, prompt: Prompt) -> None:
    elsewhere = f"{provider.url}/elsewhere"
    error = await failure(provider, prompt, lambda e: e.reply(307, "", Location=elsewhere))
    assert isinstance(error, Refused)
    assert len(provider.bodies) == 1


async def test_clear_text_never_reaches_a_provider_without_baa(provider: FakeProvider, prompt: Prompt) -> None:
    error = await failure(provider, prompt, lambda e: e.complete(GOOD), covered_by_baa=False)
    assert error.code == "unredacted_text"
    assert provider.bodies == []


@pytest.mark.parametrize("endpoint", [None, "http://llm.example.com/v1", "https://u:p@llm.example.com/v1", "llm"])
def test_an_unsafe_endpoint_is_refused(endpoint: str | None) -> None:
    with pytest.raises(Refused) as caught:
        make_model(LlmSettings(provider="openai", endpoint=endpoint, model="m"))
    assert caught.value.code == "model_misconfigured"


async def test_azure_calls_the_deployment(provider: FakeProvider, prompt: Prompt) -> None:
    provider.then(lambda e: e.complete(GOOD))
    model = make_model(
        LlmSettings(
            provider="azure",
            endpoint=provider.url.removesuffix("/v1"),
            model="notes",
            api_key=SecretStr("k"),
            covered_by_baa=True,
            timeout_s=10,
        )
    )
    assert model is not None
    assert (await model.complete(prompt, Mood)).value.score == 7
    assert provider.paths[0].startswith("/openai/deployments/notes/chat/completions?api-version=")
    assert model.info.provider == "azure"


def test_the_evidence_provider_needs_no_model() -> None:
    assert make_model(LlmSettings()) is None
