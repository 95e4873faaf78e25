"""A language model behind the PHI boundary, every call of it on record."""

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from therapyflows.core.errors import ModelOutputInvalid, Refused, TherapyFlowsError
from therapyflows.core.ports import Completion, LanguageModel, ModelInfo
from therapyflows.core.prompt import Prompt
from therapyflows.governance.phi import Redaction, UnknownToken
from therapyflows.governance.phi.leaving import Form, Material, Place, may_leave
from therapyflows.integrations.llm.allowed import never, require_necessary

T = TypeVar("T", bound=BaseModel)


class Boundary(Protocol):
    """What a conversation's PHI boundary does; ``governance.phi.PhiBoundary`` is it."""

    @property
    def version(self) -> str: ...
    def redact(self, text: str, *, ours: bool = False) -> Redaction: ...
    def restore_all(self, strings: Sequence[str]) -> list[str]: ...
    def survivors(self, text: str) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call, for the audit trail; ``sent`` and ``received`` are content and belong, encrypted, in the store."""

    provider: str
    model: str
    place: Place
    purpose: str
    prompt_id: str
    prompt_version: str
    fields: tuple[str, ...]
    """Names of the fields that left, or would have left."""
    redacted: bool
    redaction: str
    """Version of the boundary; empty when the model may see clear text."""
    outcome: str
    """``ok`` or an error code."""
    seconds: float
    left: bool = False
    """Whether anything was sent; False when a rule refused it before."""
    sent_digest: str | None = None
    """``sha256:...`` of ``sent``; of what would have been sent when the second search refused it."""
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
    """A LanguageModel that is shown what the leaving policy allows, in the form that it allows, and nothing else.

    A prompt with a field that its purpose does not need is not sent, nor one in which a second, independent search
    still finds an identifier of the chart.  One object serves one conversation about one client.
    """

    def __init__(
        self,
        model: LanguageModel,
        boundary: Boundary,
        on_call: ModelCallLog,
        *,
        part2_objection: Callable[[], str | None] | None = None,
    ) -> None:
        """``part2_objection``: of a client of a Part 2 program, why the consent does not cover a call now, or None."""
        self._model = model
        self._boundary = boundary
        self._on_call = on_call
        self._part2_objection = part2_objection

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        """Ask once.

        Raises:
            Refused: ``field_not_allowed``, ``psychotherapy_note_never_leaves``, ``off_record_never_leaves``,
                ``part2_tpo_consent_...``; ``unredacted_text`` when redaction is not certain.
            ModelOutputInvalid: ``unknown_token`` when the answer holds a token that cannot be attributed.
            Transient, ContextOverflow: as the model does.
        """
        call = self._record_of(prompt)
        started = time.monotonic()
        try:
            form = self._form(prompt)
            protected, replaced = await asyncio.to_thread(self._protect, prompt, form)
            call = _with_sent(call, protected, schema, replaced)
            if protected.redacted:
                await asyncio.to_thread(self._require_clean, protected)
            call = replace(call, left=True)
            answer = await self._model.complete(protected, schema)
            call = _with_received(call, answer)
            value = self._restore(answer.value) if protected.redacted else answer.value
        except BaseException as error:
            # Also when the run is cancelled: the prompt may have left.
            self._on_call(replace(call, outcome=_outcome(error), seconds=time.monotonic() - started))
            raise
        call = replace(call, outcome="ok", seconds=time.monotonic() - started)
        await asyncio.to_thread(self._on_call, call)
        return replace(answer, value=value)

    def _form(self, prompt: Prompt) -> Form:
        require_necessary(prompt)
        materials = {field.material for field in prompt.fields}
        objection = None
        if self._part2_objection is not None:
            materials.add(Material.PART2)
            objection = self._part2_objection()
        leave = may_leave(materials, self.info.place, part2_objection=objection)
        if leave.form is Form.NEVER:
            raise never(prompt, leave.code)
        return leave.form

    def _protect(self, prompt: Prompt, form: Form) -> tuple[Prompt, Mapping[str, int]]:
        if form is Form.CLEAR:
            return replace(prompt, redacted=False), {}
        counts: Counter[str] = Counter()

        def redacted(text: str, *, ours: bool = False) -> str:
            redaction = self._boundary.redact(text, ours=ours)
            counts.update(redaction.counts)
            return redaction.text

        protected = replace(
            prompt,
            system_words=redacted(prompt.system_words, ours=True),
            user_words=redacted(prompt.user_words, ours=True),
            fields=tuple(replace(field, text=redacted(field.text)) for field in prompt.fields),
            redacted=True,
        )
        return protected, dict(counts)

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
            document = value.model_dump(mode="json")
            restored = iter(self._boundary.restore_all(list(strings_of(document))))
            return value.model_validate(map_strings(document, lambda _: next(restored)))
        except UnknownToken:
            problem = ModelOutputInvalid("unknown_token", "the answer holds a token that cannot be attributed")
        except ValidationError:
            problem = ModelOutputInvalid("output_not_schema", "the answer does not fit its schema once restored")
        raise problem

    def _record_of(self, prompt: Prompt) -> ModelCall:
        is_redacted = self.info.place is Place.ELSEWHERE
        return ModelCall(
            provider=self.info.provider,
            model=self.info.model,
            place=self.info.place,
            purpose=prompt.purpose,
            prompt_id=prompt.id,
            prompt_version=prompt.version,
            fields=tuple(sorted({field.name for field in prompt.fields})),
            redacted=is_redacted,
            redaction=self._boundary.version if is_redacted else "",
            outcome="",
            seconds=0.0,
        )


def _with_sent(call: ModelCall, prompt: Prompt, schema: type[BaseModel], replaced: Mapping[str, int]) -> ModelCall:
    shown = {
        "system": prompt.system,
        "user": prompt.user,
        "max_output_tokens": prompt.max_output_tokens,
        "schema": schema.model_json_schema(),
    }
    sent = json.dumps(shown, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return replace(call, sent=sent, sent_digest=digest(sent), replaced=replaced, redacted=prompt.redacted)


def _with_received(call: ModelCall, answer: Completion[Any]) -> ModelCall:
    received = answer.value.model_dump_json().encode()
    return replace(
        call,
        received=received,
        received_digest=digest(received),
        prompt_tokens=answer.prompt_tokens,
        output_tokens=answer.output_tokens,
    )


def digest(content: bytes) -> str:
    """``sha256:...`` of the content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def strings_of(value: Any) -> Iterator[str]:
    """Every string of the JSON value but keys, in the order of ``map_strings``."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_of(inner)


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
