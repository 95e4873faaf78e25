"""One structured-output call over the chat completions API, for every provider that speaks it."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import openai
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion import Choice
from pydantic import BaseModel

from therapyflows.core.errors import ModelOutputInvalid, Refused, TherapyFlowsError
from therapyflows.core.ports import Completion, ModelInfo
from therapyflows.core.prompt import Prompt
from therapyflows.integrations.llm.allowed import require_allowed
from therapyflows.integrations.llm.dialect import Dialect
from therapyflows.integrations.llm.errors import timed_out, translate
from therapyflows.integrations.llm.schema import parse_answer
from therapyflows.integrations.llm.tokens import estimate_tokens

T = TypeVar("T", bound=BaseModel)

# At DEBUG the vendor's library logs whole requests.
logging.getLogger("openai").setLevel(logging.WARNING)

Connect = Callable[[], openai.AsyncOpenAI]


class ChatModel:
    """A LanguageModel behind ``/chat/completions``.

    ``connect`` opens a client per call: a pooled connection would belong to the event loop that opened it, and a worker
    runs one loop per flow run.  Retries are the caller's, so the library's are off.
    """

    def __init__(
        self,
        info: ModelInfo,
        connect: Connect,
        *,
        timeout_s: float,
        dialect: Dialect | None = None,
        count_tokens: Callable[[str], int] = estimate_tokens,
    ) -> None:
        self._info = info
        self._connect = connect
        self._timeout_s = timeout_s
        self._dialect = dialect or Dialect()
        self._count_tokens = count_tokens

    @property
    def info(self) -> ModelInfo:
        return self._info

    def count_tokens(self, text: str) -> int:
        """Tokens of the text: exact on this machine, an over-estimate elsewhere."""
        return self._count_tokens(text)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        """Ask once.  Raises Transient, ModelOutputInvalid, ContextOverflow, Refused."""
        require_allowed(prompt, self._info)
        problem: TherapyFlowsError
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._ask(prompt, schema)
        except TimeoutError:
            problem = timed_out(self._info.provider)
        except openai.OpenAIError as error:
            problem = translate(error, self._info.provider)
        except (ValueError, TypeError, KeyError, AttributeError):
            # The vendor's library reads a body that is JSON in name only without checking it.
            problem = ModelOutputInvalid("output_not_a_completion", "the endpoint's answer is not a completion")
        else:
            return self._completion(answer, prompt, schema)
        raise problem

    async def _ask(self, prompt: Prompt, schema: type[BaseModel]) -> Any:
        async with self._connect() as client:
            while True:
                try:
                    body = self._dialect.request(prompt, schema)
                    return await client.chat.completions.create(model=self._info.model, **body)
                except openai.APIStatusError as error:
                    simpler = self._dialect.after(error)
                    if simpler is None:
                        raise
                    self._dialect = simpler

    def _completion(self, answer: Any, prompt: Prompt, schema: type[T]) -> Completion[T]:
        text = _text_of(answer)
        value = parse_answer(text, schema)
        usage = answer.usage
        return Completion(
            value=value,
            prompt_tokens=usage.prompt_tokens if usage else estimate_tokens(prompt.system + prompt.user),
            output_tokens=usage.completion_tokens if usage else estimate_tokens(text),
            model=answer.model or self._info.model,
        )


def _text_of(answer: Any) -> str:
    choice = _choice_of(answer)
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        raise Refused("model_refused", "the model refused to answer")
    if choice.finish_reason == "length":
        raise ModelOutputInvalid("output_truncated", "the model's answer was cut off at its output limit")
    if not choice.message.content:
        raise ModelOutputInvalid("output_empty", "the model answered nothing")
    return choice.message.content


def _choice_of(answer: Any) -> Choice:
    # Bodies are not validated by the vendor's library: a web page or another JSON object arrives here as it is.
    choices = getattr(answer, "choices", None) if isinstance(answer, ChatCompletion) else None
    if not isinstance(choices, list) or not choices or getattr(choices[0], "message", None) is None:
        raise ModelOutputInvalid("output_not_a_completion", "the endpoint's answer is not a completion")
    return choices[0]  # type: ignore[no-any-return]
