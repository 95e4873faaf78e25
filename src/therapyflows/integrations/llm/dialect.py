"""What one endpoint understands of the chat completions API, learnt from its refusals.

OpenAI-compatible servers differ: some constrain the output to a JSON schema, some only to JSON, some to nothing; some
know ``max_tokens``, newer models only ``max_completion_tokens``; some refuse any temperature.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import openai
from pydantic import BaseModel

from therapyflows.core.prompt import Prompt
from therapyflows.integrations.llm.schema import schema_instructions, strict_schema


class AnswerFormat(Enum):
    """From the strictest to the loosest."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    PROMPTED = "prompted"


_LOOSER = {AnswerFormat.JSON_SCHEMA: AnswerFormat.JSON_OBJECT, AnswerFormat.JSON_OBJECT: AnswerFormat.PROMPTED}


@dataclass(frozen=True, slots=True)
class Dialect:
    answer_format: AnswerFormat = AnswerFormat.JSON_SCHEMA
    limit_parameter: str = "max_tokens"
    sends_temperature: bool = True
    portable_schema: bool = True

    def request(self, prompt: Prompt, schema: type[BaseModel]) -> dict[str, Any]:
        """The body of the call, but for the model's name."""
        body: dict[str, Any] = {
            "messages": [
                {"role": "system", "content": self._system(prompt, schema)},
                {"role": "user", "content": prompt.user},
            ],
            self.limit_parameter: prompt.max_output_tokens,
        }
        if self.sends_temperature:
            body["temperature"] = 0
        if self.answer_format is not AnswerFormat.PROMPTED:
            body["response_format"] = self._response_format(schema)
        return body

    def _system(self, prompt: Prompt, schema: type[BaseModel]) -> str:
        if self.answer_format is AnswerFormat.JSON_SCHEMA:
            return prompt.system
        return f"{prompt.system}\n\n{schema_instructions(schema)}"

    def _response_format(self, schema: type[BaseModel]) -> dict[str, Any]:
        if self.answer_format is AnswerFormat.JSON_OBJECT:
            return {"type": "json_object"}
        described = strict_schema(schema, portable=self.portable_schema)
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": described}}

    def after(self, error: openai.APIStatusError) -> "Dialect | None":
        """The dialect to try next, or None when the refusal was about something else."""
        if error.status_code not in (400, 404, 415, 422):
            return None
        said = f"{error.param} {error.code} {error.message}".lower()
        if self.limit_parameter == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, limit_parameter="max_completion_tokens")
        if self.sends_temperature and "temperature" in said:
            return replace(self, sends_temperature=False)
        if any(word in said for word in ("response_format", "json_schema", "json_object", "schema", "grammar")):
            looser = _LOOSER.get(self.answer_format)
            return replace(self, answer_format=looser) if looser else None
        return None
