"""Words of risk in free text: suicide, self-harm, violence, abuse; and how they stand there.

Written first for recall: what is neither plainly denied, nor plainly past, nor somebody else's, nor a figure of speech
counts as current.  Needs no model, so it works when every model is down.  A person reads what it finds; it never
clears anybody of risk.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


class RiskCategory(StrEnum):
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    """Towards others: the duty to protect."""
    ABUSE = "abuse"
    """By others, of the writer or of somebody they care for: the duty to report."""


class Standing(StrEnum):
    """How the words stand in the text."""

    CURRENT = "current"
    PAST = "past"
    DENIED = "denied"
    OTHER_PERSON = "other_person"
    HYPOTHETICAL = "hypothetical"
    FIGURATIVE = "figurative"


@dataclass(frozen=True, slots=True)
class RiskMention:
    """Words of risk at [start, end) of the text."""

    category: RiskCategory
    standing: Standing
    start: int
    end: int
    quote: str = field(repr=False)
    """The clause around it, for the person who reads it."""


MAX_QUOTE = 500
"""Longest quote, in characters."""


def is_urgent(text: str) -> bool:
    """Whether anything in the text speaks of a current risk."""
    return any(mention.standing is Standing.CURRENT for mention in risk_mentions(text))


def risk_mentions(text: str) -> list[RiskMention]:
    """Everything in the text that speaks of risk, in order, each with how it stands."""
    plain = text.replace("’", "'").replace("`", "'")
    found: list[RiskMention] = []
    for clause in _clauses(plain):
        found.extend(_in_clause(plain, clause))
    return found


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch in which a cue counts, and the rest of its sentence, which may take a denial back."""

    start: int
    end: int
    sentence_end: int


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[\n;]+|(?<=[.!?])$")
_CLAUSE_END = re.compile(
    r",?\s+(?:but|however|although|though|yet|except|until|so now|and now|and then)\b"
    r"|[,:]\s+(?=(?:i|we|he|she|they)\b)|\s[-\u2013\u2014]{1,2}\s",
    re.IGNORECASE,
)


def _clauses(text: str) -> Iterator[_Clause]:
    for start, end in _pieces(text, 0, len(text), _SENTENCE_END):
        for clause_start, clause_end in _pieces(text, start, end, _CLAUSE_END):
            yield _Clause(clause_start, clause_end, end)


def _pieces(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    position = start
    for match in boundary.finditer(text, start, end):
        if text[position : match.start()].strip():
            yield position, match.start()
        position = match.start() if boundary is _CLAUSE_END else match.end()
    if text[position:end].strip():
        yield position, end


def _in_clause(text: str, clause: _Clause) -> Iterator[RiskMention]:
    words = _words()
    piece = text[clause.start : clause.end]
    seen: set[RiskCategory] = set()
    for category, pattern in words.categories.items():
        for match in pattern.finditer(piece):
            standing = _standing(piece, match, category, text[clause.end : clause.sentence_end])
            if category in seen and standing is not Standing.CURRENT:
                continue
            seen.add(category)
            at = clause.start + match.start()
            yield RiskMention(category, standing, at, clause.start + match.end(), piece.strip()[:MAX_QUOTE])


_WINDOW = 300
"""Characters on each side in which a cue counts: longer than any clause that a person writes."""


def _standing(piece: str, match: re.Match[str], category: RiskCategory, rest: str) -> Standing:
    words = _words()
    before, said = piece[max(match.start() - _WINDOW, 0) : match.start()], match.group()
    after = piece[match.end() : match.end() + _WINDOW]
    nearby, start, end = before + said + after, len(before), len(before) + len(said)
    # A figure of speech covers the words, or leads up to them: "a documentary about ...".
    if any(found.start() < end and start <= found.end() + 1 for found in words.figurative.finditer(nearby)):
        return Standing.FIGURATIVE
    if _is_denied(before, after) and not words.admitted.search(rest[:_WINDOW]):
        return Standing.DENIED
    if words.hypothetical.search(before):
        return Standing.HYPOTHETICAL
    if category is not RiskCategory.ABUSE and _is_others(before, said + after):
        return Standing.OTHER_PERSON
    return Standing.PAST if _is_past(nearby) else Standing.CURRENT


def _is_denied(before: str, after: str) -> bool:
    words = _words()
    said = words.not_a_negation.sub(lambda found: "~" * len(found.group()), before)
    cue = _last(words.negation_before, said)
    if cue is not None and len(said[cue.end() :].split()) <= _REACH:
        return True
    return words.negation_after.search(after) is not None


_REACH = 9
"""Words between a denial and what it denies: "no history of thoughts or plans of ..."."""


_OWN = re.compile(r"\b(?:i|i'm|i've|i'd|me|my ?self)\b", re.IGNORECASE)
_OWN_TOO = re.compile(r"\bi(?:'m| am|'ve)?\b.*\b(?:same|too|also|want|could|might|thinking|tempted)\b", re.IGNORECASE)


def _is_others(before: str, after: str) -> bool:
    """Somebody else's: "my brother killed himself", "lost my friend to suicide"; not the writer's own in between."""
    words = _words()
    person = _last(words.other_person, before)
    if person is None:
        return (
            re.match(r"\W*(?:of|by) (?:my|a) \w+", after) is not None and words.other_person.search(after) is not None
        )
    if _OWN.search(before[person.end() :]) or _OWN_TOO.search(after):
        return False
    between = f"{before[person.end() :]} {after}"
    return words.other_events.search(between) is not None or bool(re.search(r"\blost\b", before, re.IGNORECASE))


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return max(pattern.finditer(text), key=lambda match: match.start(), default=None)


def _is_past(piece: str) -> bool:
    words = _words()
    months = words.months_ago.search(piece)
    long_ago = months is not None and not _is_recent(months.group(1))
    if not (words.past.search(piece) or long_ago):
        return False
    if words.past_but_ended.search(piece):
        return True
    return not words.present.search(words.past.sub(" ", piece))


def _is_recent(months: str) -> bool:
    small = {"two": 2, "three": 3}
    number = small.get(months.casefold(), int(months) if months.isdigit() else 99)
    return number <= _words().recent_months


@dataclass(frozen=True, slots=True)
class _Words:
    categories: Mapping[RiskCategory, re.Pattern[str]]
    negation_before: re.Pattern[str]
    negation_after: re.Pattern[str]
    not_a_negation: re.Pattern[str]
    admitted: re.Pattern[str]
    past: re.Pattern[str]
    months_ago: re.Pattern[str]
    recent_months: int
    present: re.Pattern[str]
    past_but_ended: re.Pattern[str]
    other_person: re.Pattern[str]
    other_events: re.Pattern[str]
    figurative: re.Pattern[str]
    hypothetical: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    text = (files("therapyflows.core.rules") / "risk_words.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)

    def word(key: str) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{data[key]})", re.IGNORECASE)

    return _Words(
        categories={
            RiskCategory(key): re.compile("|".join(rf"\b(?:{p})" for p in patterns), re.IGNORECASE)
            for key, patterns in data["categories"].items()
        },
        negation_before=re.compile(rf"\b(?:{data['negation_before']})\b", re.IGNORECASE),
        negation_after=re.compile(data["negation_after"], re.IGNORECASE),
        not_a_negation=word("not_a_negation"),
        admitted=word("denied_then_admitted"),
        past=re.compile(data["past"], re.IGNORECASE),
        months_ago=re.compile(data["months_ago"], re.IGNORECASE),
        recent_months=int(data["recent_months"]),
        present=word("present"),
        past_but_ended=word("past_but_ended"),
        other_person=word("other_person"),
        other_events=word("other_events"),
        figurative=word("figurative"),
        hypothetical=re.compile(data["hypothetical"], re.IGNORECASE),
    )
