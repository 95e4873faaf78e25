"""What ``terms.yaml`` says: abbreviations, words that carry facts, forms of line."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.style.model import HabitKind
from therapyflows.governance.evidence.lexicon import drugs, word_groups
from therapyflows.governance.evidence.quantities import calendar_words, number_words


@lru_cache(maxsize=1)
def _terms() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load((files(__package__) / "terms.yaml").read_text("utf-8"))
    return data


@lru_cache(maxsize=1)
def _long_form() -> Mapping[str, str]:
    """Every spelling of a term with its long form."""
    return {form.lower(): group[0] for group in _terms()["abbreviations"] for form in group}


def is_term(word: str) -> bool:
    """Whether this is a term of the field as somebody writes it, its full stop included: "Ct."."""
    return word.lower() in _long_form()


@lru_cache(maxsize=1)
def _people() -> Mapping[str, str]:
    return {name: role for role in ("client", "clinician") for name in _terms()[role]}


@lru_cache(maxsize=1)
def fact_words() -> frozenset[str]:
    """Words that no wording may bring in or take out."""
    kin, sides = word_groups("people_sides_numbers", "kin"), word_groups("people_sides_numbers", "sides")
    return frozenset({*str(_terms()["facts"]).split(), *kin, *sides, *calendar_words(), *number_words()})


def is_fact(word: str) -> bool:
    return word in fact_words() or word in drugs() or any(c.isdigit() for c in word)


def same_term(one: str, other: str) -> bool:
    """Whether both are spellings of one term: "client" and "Ct."."""
    long_form = _long_form()
    return one.lower() in long_form and long_form[one.lower()] == long_form.get(other.lower())


def kind_of(drafted: str, instead: str) -> HabitKind:
    """What kind of habit it is to write the one for the other."""
    if same_term(drafted, instead):
        return HabitKind.ABBREVIATION
    before, after = drafted.lower().split(), instead.lower().split()
    if _person(before) and _without_person(before) == _without_person(after):
        return HabitKind.PERSON
    if len(before) == len(after) and all(a == b or _is_tense(a, b) for a, b in zip(before, after, strict=True)):
        return HabitKind.TENSE
    return HabitKind.PHRASE


def _person(words: list[str]) -> str | None:
    return next((role for name, role in _people().items() if words[: len(name.split())] == name.split()), None)


def _without_person(words: list[str]) -> list[str]:
    for name in sorted(_people(), key=lambda name: -len(name.split())):
        if words[: len(name.split())] == name.split():
            return words[len(name.split()) :]
    return words


def _is_tense(one: str, other: str) -> bool:
    """ "reports" and "reported": one stem, a verb's endings."""
    shorter = min(len(one), len(other))
    stem = next((n for n in range(shorter, 0, -1) if one[:n] == other[:n]), 0)
    endings = {"", "s", "es", "ed", "d", "ing", "ies", "ied", "y"}
    return stem >= 3 and one[stem:] in endings and other[stem:] in endings


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, tuple[re.Pattern[str], str]]:
    return {
        name: (re.compile(form["pattern"], re.IGNORECASE | re.DOTALL), form["title"])
        for name, form in _terms()["forms"].items()
    }


def form_of(text: str) -> str | None:
    """Which form of line this is; None for one without a name."""
    return next((name for name, (pattern, _) in _forms().items() if pattern.search(text)), None)


def form_titles() -> Mapping[str, str]:
    """Every form of line, and how a page calls it."""
    return {name: title for name, (_, title) in _forms().items()}
