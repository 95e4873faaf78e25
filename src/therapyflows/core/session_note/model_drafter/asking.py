"""Asking a model with patience: wait out what passes, have an unusable answer repaired once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from therapyflows.core.errors import ModelOutputInvalid, Transient
from therapyflows.core.ports import Completion, LanguageModel
from therapyflows.core.prompt import Prompt

T = TypeVar("T", bound=BaseModel)

_HINTS = {
    "output_truncated": "it was cut off because it was too long: write fewer and shorter entries",
    "output_not_json": "it was not the one object that was asked for",
    "output_not_schema": "it did not have the fields that were asked for",
    "unknown_token": "it held a name in square brackets that does not occur in the source",
    "no_opinion": "it held no opinion on any of the numbered statements",
    "no_evidence": "its entries did not cite ids that exist in the source",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to wait for a model that is busy or down."""

    attempts: int = 3
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0

    def wait(self, state: RetryCallState) -> float:
        """Exponential with jitter, or what the provider asked for, never longer than ``longest_wait_s``."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, Transient) else None
        backoff = wait_random_exponential(multiplier=self.first_wait_s, max=self.longest_wait_s)(state)
        return min(self.longest_wait_s, max(backoff, asked or 0.0))


class Asker:
    """One drafting's way of asking its model."""

    def __init__(self, model: LanguageModel, patience: Patience) -> None:
        self._model = model
        self._patience = patience

    async def ask(self, prompt: Prompt, schema: type[T], check: Callable[[T], None]) -> T:
        """The answer.  ``check`` raises ModelOutputInvalid for one that the schema allows and that is of no use.

        Raises ModelOutputInvalid after one repair; Transient, ContextOverflow, Refused.
        """
        try:
            return await self._once(prompt, schema, check)
        except ModelOutputInvalid as error:
            hint = _HINTS.get(error.code, "it could not be read")
        return await self._once(replace(prompt, user_words=f"{prompt.user_words}\n{repair_line(hint)}"), schema, check)

    async def _once(self, prompt: Prompt, schema: type[T], check: Callable[[T], None]) -> T:
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._patience.wait,
            reraise=True,
        )
        answer: Completion[T] = await attempts(self._model.complete, prompt, schema)
        check(answer.value)
        return answer.value


def repair_line(hint: str) -> str:
    """What the second call adds.  The unusable answer itself is not sent back: it would cost the context it overran."""
    return f"Your last answer could not be used: {hint}. Answer again, in that format, within the limits."


LONGEST_REPAIR = max((repair_line(hint) for hint in _HINTS.values()), key=len)
"""Room that every prompt leaves for a repair."""
