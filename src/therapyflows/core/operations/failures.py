"""Failures in words that a practice understands, and what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

_ANY = "other"


@dataclass(frozen=True, slots=True)
class FailureWords:
    what: str
    to_do: str
    retry: bool
    """Whether trying again may help."""


def words_of(code: str | None) -> FailureWords:
    """The words of this failure code; for a code without an entry those of its kind, in the end a general sentence."""
    table, asked = _table(), code or _ANY
    if asked in table:
        return table[asked]
    return table[next((key for key in table if key.endswith("*") and asked.startswith(key[:-1])), _ANY)]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, FailureWords]:
    data = yaml.safe_load((files("therapyflows.core.rules") / "failure_words.yaml").read_text("utf-8"))
    return {code: FailureWords(**entry) for code, entry in data["failures"].items()}
