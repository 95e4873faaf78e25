"""A language model behind the PHI boundary, every call of it on record."""

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from therapyflows.core.errors import ModelOutputInvalid, Refused, TherapyFlowsError
from therapyflows.core.ports import Completion, LanguageModel, ModelInfo, Prompt
from therapyflows.governance.phi import Redaction, UnknownToken

T = TypeVar("T", bound=BaseModel)


class Boundary(Protocol):
    """What a conversation's PHI boundary does; ``governance.phi.PhiBoundary`` is it."""

    def redact(self, text: str, *, ours: bool = False) -> Redaction: ...
    def restore(self, text: str) -> str: ...
    def survivors(self, text: str) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call, for the audit trail; ``sent`` and ``received`` are content and belong, encrypted, in the store."""

    provider: str
    model: str
    purpose: str
    prompt_id: str
    prompt_version: str
    redacted: bool
    outcome: str
    """``ok`` or an error code."""
    seconds: float
    sent_digest: str
    """``sha256:...`` of ``sent``; of what would have been sent when the call was refused."""
    received_digest: str | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    replaced: Mapping[str, int] = field(default_factory=dict)
    """Identifiers replaced, by type."""
    sent: bytes = field(default=b"", repr=False)
    """JSON of the prompt and the answer's schema as the model got them."""
    received: bytes | None = field(default=None, repr=False)
    """JSON of the answer as the model gave it, before identifiers were restored.  None when there was none to read."""


class ModelCallLog(Protocol):
    """Told of every call, failed and refused ones too.  What it raises ends the call: no answer without a record."""

    def __call__(self, call: ModelCall) -> None: ...


class GuardedModel:
    """A LanguageModel that shows clear text only to a model that may see it.

    Any other model gets redacted prompts, and a prompt in which a second, independent search still finds an identifier
    of the chart is not sent.  One object serves one conversation about one client.
    """

    def __init__(self, model: LanguageModel, boundary: Boundary, on_call: ModelCallLog) -> None:
        self._model = model
        self._boundary = boundary
        self._on_call = on_call

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        """Ask once.

        Raises:
            Refused: ``unredacted_text`` when redaction is not certain.
            ModelOutputInvalid: ``unknown_token`` when the answer holds a token that was never given out.
            Transient, ContextOverflow: as the model does.
        """
        protected, replaced = await asyncio.to_thread(self._protect, prompt)
        call = self._record_of(protected, schema, replaced)
        started = time.monotonic()
        try:
            if protected.redacted:
                await asyncio.to_thread(self._require_clean, protected)
            answer = await self._model.complete(protected, schema)
            received = answer.value.model_dump_json().encode()
            call = replace(
                call,
                received=received,
                received_digest=digest(received),
                prompt_tokens=answer.prompt_tokens,
                output_tokens=answer.output_tokens,
            )
            value = self._restore(answer.value) if protected.redacted else answer.value
        except BaseException as error:
            # Also when the run is cancelled: the prompt may have left.
            self._on_call(replace(call, outcome=_outcome(error), seconds=time.monotonic() - started))
            raise
        call = replace(call, outcome="ok", seconds=time.monotonic() - started)
        await asyncio.to_thread(self._on_call, call)
        return replace(answer, value=value)

    def _protect(self, prompt: Prompt) -> tuple[Prompt, Mapping[str, int]]:
        if self.info.may_see_clear_text:
            return replace(prompt, redacted=False), {}
        system = self._boundary.redact(prompt.system, ours=True)
        user = self._boundary.redact(prompt.user)
        replaced = Counter(system.counts) + Counter(user.counts)
        return replace(prompt, system=system.text, user=user.text, redacted=True), dict(replaced)

    def _require_clean(self, prompt: Prompt) -> None:
        survived = self._boundary.survivors(prompt.system) | self._boundary.survivors(prompt.user)
        if survived:
            raise Refused(
                "unredacted_text",
                "the redacted prompt still holds an identifier of the chart",
                prompt=prompt.id,
                types=",".join(sorted(survived)),
            )

    def _restore(self, value: T) -> T:
        try:
            return value.model_validate(map_strings(value.model_dump(mode="json"), self._boundary.restore))
        except UnknownToken:
            problem = ModelOutputInvalid("unknown_token", "the answer holds a token that was never given out")
        except ValidationError:
            problem = ModelOutputInvalid("output_not_schema", "the answer does not fit its schema once restored")
        raise problem

    def _record_of(self, prompt: Prompt, schema: type[BaseModel], replaced: Mapping[str, int]) -> ModelCall:
        shown = {
            "system": prompt.system,
            "user": prompt.user,
            "max_output_tokens": prompt.max_output_tokens,
            "schema": schema.model_json_schema(),
        }
        sent = json.dumps(shown, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
        return ModelCall(
            provider=self.info.provider,
            model=self.info.model,
            purpose=prompt.purpose,
            prompt_id=prompt.id,
            prompt_version=prompt.version,
            redacted=prompt.redacted,
            outcome="",
            seconds=0.0,
            sent_digest=digest(sent),
            replaced=replaced,
            sent=sent,
        )


def digest(content: bytes) -> str:
    """``sha256:...`` of the content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """The JSON value with every string in it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_strings(item, change) for key, item in value.items()}
    return value


def _outcome(error: BaseException) -> str:
    return error.code if isinstance(error, TherapyFlowsError) else type(error).__name__
