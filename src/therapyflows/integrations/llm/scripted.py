"""A model that answers from a script: for tests, dry runs and demonstrations without a model."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel

from therapyflows.core.errors import Transient
from therapyflows.core.ports import Completion, ModelInfo
from therapyflows.core.prompt import Prompt
from therapyflows.integrations.llm.allowed import require_allowed
from therapyflows.integrations.llm.schema import parse_answer
from therapyflows.integrations.llm.tokens import estimate_tokens

T = TypeVar("T", bound=BaseModel)

Answer = str | BaseModel | Exception

SCRIPTED = ModelInfo(provider="scripted", model="script", on_device=True, covered_by_baa=False, context_tokens=8192)


class ScriptedModel:
    """Answers with the next line of the script; ``history`` holds every prompt that reached it.

    A line is a JSON text, a pydantic object, an exception to raise, or a function of the prompt that gives one of
    these.  Answers go through the same parser as a real
    model's.  When the script is used up, it answers as a model that is down does.

    >>> model = ScriptedModel(['{"text": "hello"}', Transient("model_busy")])
    """

    def __init__(self, script: Iterable[Answer | Callable[[Prompt], Answer]], *, info: ModelInfo = SCRIPTED) -> None:
        self._script = list(script)
        self._info = info
        self.history: list[Prompt] = []

    @property
    def info(self) -> ModelInfo:
        return self._info

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        """The next line of the script.  Raises what the script says."""
        require_allowed(prompt, self._info)
        self.history.append(prompt)
        if not self._script:
            raise Transient("script_ended", "the scripted model has nothing more to say")
        line: Any = self._script.pop(0)
        if callable(line):
            line = line(prompt)
        if isinstance(line, Exception):
            raise line
        text = line if isinstance(line, str) else line.model_dump_json()
        return Completion(
            value=parse_answer(text, schema),
            prompt_tokens=estimate_tokens(prompt.system + prompt.user),
            output_tokens=estimate_tokens(text),
            model=self._info.model,
        )
