"""The word lists of the evidence checks: dated data files beside this module, each read once.

| file | what |
|---|---|
| ``concepts.yaml`` | what a note and a consulting room call the same thing |
| ``relations.yaml`` | close and opposite concepts, drug classes |
| ``drugs.csv`` | drug names with their generic name |
| ``people_sides_numbers.yaml`` | relatives, sides, units, dates |
| ``cues.yaml`` | denial, doubt, question, who speaks |
| ``frame.yaml`` | the note's own words |
| ``grammar.yaml`` | small words by what they do |
| ``spelling.yaml`` | British to American, abbreviations, irregular forms |
| ``related.csv`` | words of one family |
"""

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_HERE = files("therapyflows.governance.evidence.lexicon")
CONCEPT_SECTIONS = ("finding", "condition", "body", "care", "course", "person_life", "time")


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
def close() -> Mapping[str, tuple[str, ...]]:
    """Keys that stand in for a key in part: close concepts, the class of a drug, the drugs of a class."""
    data = load("relations")
    pairs = [(f"c:{one}", f"c:{other}") for one, other in data["close"]]
    pairs += [(f"c:{name}", f"d:{drug}") for name, members in data["classes"].items() for drug in members]
    return _both_ways(pairs)


@lru_cache(maxsize=1)
def opposites() -> Mapping[str, tuple[str, ...]]:
    """Concept keys that exclude a concept key."""
    return _both_ways([(f"c:{one}", f"c:{other}") for one, other in load("relations")["opposite"]])


def _both_ways(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return {key: tuple(others) for key, others in found.items()}


@lru_cache(maxsize=1)
def related() -> Mapping[str, tuple[str, ...]]:
    """Stems of the same word family that stemming alone does not join: anxiety, anxious."""
    with (_HERE / "related.csv").open(encoding="utf-8") as lines:
        return _both_ways((one, other) for one, other in csv.reader(line for line in lines if not line.startswith("#")))
