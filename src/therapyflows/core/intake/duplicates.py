"""Is this person a client already?  Compares one new record with those that the chart holds.

Each field speaks for or against, in bits (``core/rules/client_matching.yaml``, after Fellegi and Sunter); the sum
decides whether a person is asked.  Nothing is merged here, and nobody is written over without that person's answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from therapyflows.governance.phi.nicknames import full_forms_of, nicknames_of

NEAR = 0.88
"""Jaro-Winkler likeness from which two names count as spellings of one."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What is compared of one client.  Empty strings and None mean unknown, which says nothing either way."""

    client_id: str
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    preferred_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address_line: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    member_id: str = field(default="", repr=False)
    record_number: str = field(default="", repr=False)
    ssn_last_four: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DuplicateCandidate:
    """A client who may be the same person.  ``agrees`` and ``differs`` name fields, never their values."""

    client_id: str
    bits: float
    agrees: tuple[str, ...]
    differs: tuple[str, ...]


def find_duplicates(new: Identity, existing: Iterable[Identity]) -> list[DuplicateCandidate]:
    """Those who may be the same person, likeliest first.  A record with the same id is not compared with itself."""
    found = [compare(new, other) for other in existing if other.client_id != new.client_id]
    asked = [candidate for candidate in found if candidate.bits >= _weights()["ask_from"]]
    return sorted(asked, key=lambda candidate: (-candidate.bits, candidate.client_id))


def compare(new: Identity, other: Identity) -> DuplicateCandidate:
    """How much the two records speak for one person, field by field."""
    weights = _weights()
    levels = {
        "first_name": _first_name(new, other),
        "last_name": _last_name(new.last_name, other.last_name),
        "birth_date": _birth_date(new.birth_date, other.birth_date),
        "email": _same(_plain(new.email), _plain(other.email)),
        "record_number": _same(_characters(new.record_number), _characters(other.record_number)),
        "ssn_last_four": _same(_characters(new.ssn_last_four), _characters(other.ssn_last_four)),
    }
    household = {
        "phone": _same(_digits(new.phone)[-10:], _digits(other.phone)[-10:]),
        "address": _address(new, other),
        "member_id": _same(_characters(new.member_id), _characters(other.member_id)),
        "postal_code": _same(new.postal_code[:5], other.postal_code[:5]),
    }
    shared = sum(weights["household"][name][level] for name, level in household.items() if level)
    bits = min(shared, weights["household_at_most"])
    bits += sum(weights[name][level] for name, level in levels.items() if level)
    known = {name: level for name, level in {**levels, **household}.items() if level}
    return DuplicateCandidate(
        other.client_id,
        round(bits, 1),
        agrees=tuple(name for name, level in known.items() if level not in ("other", "same_year")),
        differs=tuple(name for name, level in known.items() if level in ("other", "same_year")),
    )


# --- one field each: its level, or None where one side is unknown ---


def _first_name(new: Identity, other: Identity) -> str | None:
    ours = [name for name in (_plain(new.first_name), _plain(new.preferred_name)) if name]
    theirs = [name for name in (_plain(other.first_name), _plain(other.preferred_name)) if name]
    if not ours or not theirs:
        return None
    order = ("same", "nickname", "near", "initial", "other")
    return min((_given(a, b) for a in ours for b in theirs), key=order.index)


def _given(a: str, b: str) -> str:
    if a == b or (a.split()[0] == b.split()[0] and len(a.split()[0]) > 1):
        return "same"
    first, second = a.split()[0].strip("."), b.split()[0].strip(".")
    if _are_nicknames(first, second):
        return "nickname"
    if len(first) == 1 or len(second) == 1:
        return "initial" if first[:1] == second[:1] else "other"
    return "near" if _is_near(a, b) or _is_near(first, second) else "other"


def _last_name(ours: str, theirs: str) -> str | None:
    a, b = _plain(ours), _plain(theirs)
    if not a or not b:
        return None
    if a == b:
        return "same"
    parts, others = set(re.split(r"[\s-]+", a)), set(re.split(r"[\s-]+", b))
    if any(len(part) > 2 for part in parts & others):
        return "part"
    return "near" if _is_near(a, b) else "other"


def _birth_date(ours: date | None, theirs: date | None) -> str | None:
    if ours is None or theirs is None:
        return None
    if ours == theirs:
        return "same"
    swapped = (ours.year, ours.day, ours.month) == (theirs.year, theirs.month, theirs.day)
    if swapped or DamerauLevenshtein.distance(f"{ours:%Y%m%d}", f"{theirs:%Y%m%d}") == 1:
        return "misread"
    return "same_year" if ours.year == theirs.year else "other"


def _address(new: Identity, other: Identity) -> str | None:
    ours, theirs = (re.findall(r"[a-z0-9]+", _plain(i.address_line)) for i in (new, other))
    if not ours or not theirs:
        return None
    return "same" if ours[0] == theirs[0] and _is_near(" ".join(ours[:2]), " ".join(theirs[:2])) else "other"


def _same(ours: str, theirs: str) -> str | None:
    if not ours or not theirs:
        return None
    return "same" if ours == theirs else "other"


def _is_near(a: str, b: str) -> bool:
    """Spellings of one name: alike, and no more than a third of the letters changed."""
    edits = DamerauLevenshtein.distance(a, b)
    return JaroWinkler.similarity(a, b) >= NEAR and edits <= max(1, len(min(a, b, key=len)) // 3)


def _are_nicknames(a: str, b: str) -> bool:
    return a in nicknames_of(b) | full_forms_of(b) or bool(full_forms_of(a) & full_forms_of(b))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _characters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, Any]:
    text = (files("therapyflows.core.rules") / "client_matching.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded
