"""Lists of words that several parts of the boundary need; they stand in ``words.yaml``."""

from functools import lru_cache
from importlib.resources import files

import yaml


def word_list(name: str) -> frozenset[str]:
    """The list of this name: ``ordinary``, ``particles``, ``titles``, ``annotations``."""
    return _lists()[name]


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    data = yaml.safe_load((files(__package__) / "words.yaml").read_text("utf-8"))
    return {name: frozenset(words) for name, words in data.items()}
