"""The word lists of the evidence checks: dated data files beside this module, read once.

``concepts.yaml`` what a note and a consulting room call the same thing; ``drugs.csv`` drug names with their generic
name; ``cues.yaml`` denial, doubt, question, who speaks; ``people_sides_numbers.yaml`` relatives, sides, units;
``frame.yaml`` the note's own words; ``related.csv`` words of one family; ``spelling.yaml`` British to
American and irregular forms; ``grammar.yaml`` small words by what they do.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_HERE = files("therapyflows.governance.evidence.lexicon")
CONCEPT_SECTIONS = ("finding", "condition", "body", "care", "person_life", "time")


@lru_cache(maxsize=8)
def load(name: str) -> Mapping[str, Any]:
    """The YAML file ``name`` of this folder."""
    data: Mapping[str, Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text("utf-8"))
    return data


@lru_cache(maxsize=64)
def word_list(name: str, key: str) -> tuple[str, ...]:
    """A list of words written as one text, in order."""
    return tuple(str(load(name)[key]).split())


@lru_cache(maxsize=64)
def word_set(name: str, key: str) -> frozenset[str]:
    """The same as a set."""
    return frozenset(word_list(name, key))


@lru_cache(maxsize=8)
def word_groups(name: str, key: str) -> Mapping[str, str]:
    """Every word of ``key``'s groups, with the first word of its group."""
    groups = load(name)[key]
    named = groups.items() if isinstance(groups, dict) else ((group[0], group) for group in groups)
    return {word: name for name, group in named for word in group}


@lru_cache(maxsize=1)
def drugs() -> Mapping[str, str]:
    """Generic name of every known drug name, both in lower case."""
    with (_HERE / "drugs.csv").open(encoding="utf-8") as lines:
        return dict(csv.reader(line for line in lines if not line.startswith("#")))


@lru_cache(maxsize=1)
def related() -> Mapping[str, tuple[str, ...]]:
    """Stems of the same word family that stemming alone does not join: anxiety, anxious."""
    found: dict[str, list[str]] = {}
    with (_HERE / "related.csv").open(encoding="utf-8") as lines:
        for first, second in csv.reader(line for line in lines if not line.startswith("#")):
            found.setdefault(first, []).append(second)
            found.setdefault(second, []).append(first)
    return {word: tuple(others) for word, others in found.items()}
