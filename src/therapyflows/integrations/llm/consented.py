"""A language model that asks for consent before each call: a run of many calls must not outlive a withdrawal."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel

from therapyflows.core.ports import Completion, LanguageModel, ModelInfo
from therapyflows.core.prompt import Prompt

T = TypeVar("T", bound=BaseModel)


class ConsentedModel:
    """The model behind it; ``require`` raises ConsentMissing or Refused, and then nothing leaves."""

    def __init__(self, model: LanguageModel, require: Callable[[], Awaitable[None]]) -> None:
        self._model, self._require = model, require

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        """Ask once, if the consents still stand."""
        await self._require()
        return await self._model.complete(prompt, schema)
