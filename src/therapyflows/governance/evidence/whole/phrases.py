"""Patterns of the whole-note checks, read once from the dated YAML files beside this module."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=8)
def load(name: str) -> dict[str, Any]:
    """The data of ``<name>.yaml``."""
    data: dict[str, Any] = yaml.safe_load((files(__package__) / f"{name}.yaml").read_text("utf-8"))
    return data


@lru_cache(maxsize=32)
def pattern(name: str, key: str) -> re.Pattern[str]:
    """The alternatives listed under ``key``, as one pattern without regard to case."""
    return re.compile("|".join(f"(?:{line})" for line in load(name)[key]), re.IGNORECASE)
