"""Why a draft may be rejected: the practice's list, or the product's where the practice has none."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from therapyflows.core.errors import Invalid

Reasons = Mapping[str, str]
"""Code to words, in the order of the list."""

WORDS_NEEDED = "other"
"""The reason that asks for words of the reviewer's own; every list has it."""

_CODE = re.compile(r"[a-z][a-z_]{1,39}")


@lru_cache(maxsize=1)
def default_reasons() -> Mapping[str, Reasons]:
    """Workflow to its list."""
    return _read((files("therapyflows.core.rules") / "rejection_reasons.yaml").read_text("utf-8"))


def practice_reasons(text: str) -> Mapping[str, Reasons]:
    """The lists of a practice's own file, the product's for every workflow that it leaves out.

    Raises Invalid (``rejection_reasons_unusable``).
    """
    try:
        return MappingProxyType({**default_reasons(), **_read(text)})
    except (ValueError, AttributeError, yaml.YAMLError):
        raise Invalid(
            "rejection_reasons_unusable", "The list of reasons must be YAML: a workflow, and codes with words below it."
        ) from None


def _read(text: str) -> Mapping[str, Reasons]:
    data = yaml.safe_load(text)
    lists = {name: value for name, value in data.items() if name not in ("in_force", "source")}
    for reasons in lists.values():
        if WORDS_NEEDED not in reasons or not all(_CODE.fullmatch(code) and words for code, words in reasons.items()):
            raise ValueError("not a list of reasons")
    return MappingProxyType(
        {name: {code: str(words) for code, words in value.items()} for name, value in lists.items()}
    )
