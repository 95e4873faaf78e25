"""What fits into a model's context."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import Prompt, PromptField
from therapyflows.core.session_note.model_drafter.asking import LONGEST_REPAIR
from therapyflows.core.session_note.prompts import PromptFile

_CHAT_FRAME = 48
"""Tokens that a chat template adds around the messages."""
_TOKENS_PER_ENTRY = 60
_SPARE = 0.03
"""Part of the context that is never planned with: counts of remote models are estimates, and tokens that stand for
identifiers can be longer than what they stand for."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The room for one prompt file on one model."""

    model: LanguageModel
    file: PromptFile
    schema: type[BaseModel]
    most: int
    """Entries that the answer may have at best."""

    @property
    def limit(self) -> int:
        """Entries that the answer has room for."""
        return max(1, min(self.most, self.output_tokens // _TOKENS_PER_ENTRY))

    @property
    def output_tokens(self) -> int:
        """What the answer may cost: the file's limit, at most a third of the context."""
        return min(self.file.max_output_tokens, self.model.info.context_tokens // 3)

    def source_tokens(self, values: Mapping[str, str], background: Sequence[PromptField]) -> int:
        """Tokens that are left for the source once everything else has its room."""
        context = self.model.info.context_tokens
        empty = self.render({**values, "fence": "0" * 12}, background)
        # A remote endpoint may need the schema in words; a grammar on this machine costs no context.
        schema = "" if self.model.info.on_device else json.dumps(self.schema.model_json_schema())
        fixed = sum(self.model.count_tokens(text) for text in (empty.system, empty.user, schema, LONGEST_REPAIR))
        return int(context * (1 - _SPARE)) - fixed - self.output_tokens - _CHAT_FRAME

    def render(self, values: Mapping[str, str], fields: Sequence[PromptField]) -> Prompt:
        return self.file.render(values, max_output_tokens=self.output_tokens, fields=fields)
