"""Which fields may leave for which purpose: the minimum necessary (``minimum_necessary.yaml``)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

import yaml


def fields_too_many(purpose: str, fields: Iterable[str]) -> tuple[str, ...]:
    """Those of the fields that may not leave for this purpose, in order; all of them for an unknown purpose."""
    return tuple(sorted(set(fields) - fields_by_purpose().get(purpose, frozenset())))


@lru_cache(maxsize=1)
def fields_by_purpose() -> Mapping[str, frozenset[str]]:
    """The whole table."""
    data = yaml.safe_load((files(__package__) / "minimum_necessary.yaml").read_text("utf-8"))
    return {purpose: frozenset(entry["fields"]) for purpose, entry in data["purposes"].items()}
