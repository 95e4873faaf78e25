"""The JSON schema of an answer, in the words that providers understand, and back from text to the answer."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from therapyflows.core.errors import ModelOutputInvalid

T = TypeVar("T", bound=BaseModel)

# Accepted by every provider's strict mode; length limits are checked on the answer instead.
_PORTABLE = frozenset({
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
    "description",
})  # fmt: skip
_GRAMMAR = _PORTABLE | {"minItems", "maxItems", "minLength", "maxLength"}
"""llama.cpp's grammar also keeps lengths: a small model that repeats itself is stopped at the end of a field instead of
at the end of its output."""
_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


def strict_schema(schema: type[BaseModel], *, portable: bool) -> dict[str, Any]:
    """The schema with every property required and none added, as constrained decoding wants it.

    ``portable`` leaves out lengths, which some remote providers refuse.
    """
    tightened = _tighten(schema.model_json_schema(), _PORTABLE if portable else _GRAMMAR)
    assert isinstance(tightened, dict)
    return tightened


def _tighten(node: Any, keywords: frozenset[str]) -> Any:
    if isinstance(node, list):
        return [_tighten(item, keywords) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _tighten_value(key, value, keywords) for key, value in node.items() if key in keywords}
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
        kept["required"] = list(kept.get("properties", {}))
    return kept


def _tighten_value(key: str, value: Any, keywords: frozenset[str]) -> Any:
    if key in ("properties", "$defs"):
        return {name: _tighten(child, keywords) for name, child in value.items()}
    if key in ("enum", "const", "required"):
        return value
    return _tighten(value, keywords)


def schema_instructions(schema: type[BaseModel]) -> str:
    """The schema as an instruction, for endpoints that cannot constrain their output."""
    text = json.dumps(strict_schema(schema, portable=True), separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It must satisfy this JSON schema:\n{text}"


def parse_answer(text: str, schema: type[T]) -> T:
    """The answer as a value.  Raises ModelOutputInvalid, naming at most the fields at fault, never their content."""
    fenced = _FENCE.match(text)
    try:
        return schema.model_validate_json(fenced.group(1) if fenced else text)
    except ValidationError as error:
        problem = _problem(error)
    raise problem


def _problem(error: ValidationError) -> ModelOutputInvalid:
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    if first["type"] == "json_invalid":
        return ModelOutputInvalid("output_not_json", "the model's answer is not JSON")
    # List positions and our own field names only; a key that the model made up could carry text.
    fault = "extra field" if first["type"] == "extra_forbidden" else ".".join(str(part) for part in first["loc"])
    return ModelOutputInvalid("output_not_schema", "the model's answer is not what was asked for", field=fault)
