"""The patterns of ``words.yaml``, read once."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The whole file."""
    data: dict[str, Any] = yaml.safe_load((files(__package__) / "words.yaml").read_text("utf-8"))
    return data


@lru_cache(maxsize=32)
def pattern(key: str, within: str | None = None) -> re.Pattern[str]:
    """One pattern; a list of alternatives becomes one."""
    found = table()[within][key] if within else table()[key]
    return re.compile("|".join(found) if isinstance(found, list) else found, re.IGNORECASE)
