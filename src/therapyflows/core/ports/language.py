"""Language models and judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from therapyflows.core.prompt import Prompt
from therapyflows.governance.evidence.model import Judgement, Segment
from therapyflows.governance.phi.leaving import Place

T = TypeVar("T", bound=BaseModel)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    provider: str
    model: str
    on_device: bool
    covered_by_baa: bool
    context_tokens: int

    @property
    def place(self) -> Place:
        """Where its text goes; a model on this machine needs no agreement."""
        if self.on_device:
            return Place.ON_DEVICE
        return Place.COVERED_BY_BAA if self.covered_by_baa else Place.ELSEWHERE


@dataclass(frozen=True, slots=True)
class Completion(Generic[V]):
    value: V
    prompt_tokens: int
    output_tokens: int
    model: str


class LanguageModel(Protocol):
    """One structured-output call.  Raises Transient, ModelOutputInvalid, ContextOverflow, Refused."""

    @property
    def info(self) -> ModelInfo: ...
    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]: ...
    def count_tokens(self, text: str) -> int:
        """Tokens of the text for this model, or a safe over-estimate."""


class Judge(Protocol):
    """A second opinion on statements, beside the checker; a language model behind the PHI boundary, or anybody else.

    Raises Transient, ModelOutputInvalid, ContextOverflow, Refused.
    """

    async def judge(self, statements: Mapping[str, str], source: Sequence[Segment]) -> Mapping[str, Judgement]:
        """Texts by statement id, and the numbered lines of the source; judgements by statement id.

        A statement that it has no opinion on is left out.
        """
