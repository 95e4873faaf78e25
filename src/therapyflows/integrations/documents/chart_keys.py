"""What one key of a chart file means: whom it is about, and what it says.  The words are in ``chart_keys.yaml``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.governance.phi.relationships import relationship_words

NOBODY = "NOBODY"
"""Kind of what is no identifier, whatever is called a name in it (an insurer, a plan)."""
THINGS = frozenset({"EMPLOYER", "SCHOOL", "FACILITY", "ORGANIZATION", NOBODY})
"""Kinds that can have a name themselves."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+|\d+")


@dataclass(frozen=True, slots=True)
class Key:
    """``kind``: a kind of identifier (``NAME``, ``PHONE``, ...) or NOBODY.

    ``owner``: ``client``, ``clinician``, ``contact``, or the label of a relationship (``MOTHER``).
    """

    kind: str | None = None
    owner: str | None = None
    place: str = ""
    """The words of the key that name the owner: keys with the same ones are about one person."""
    says_relationship: bool = False
    says_session: bool = False
    either: bool = False
    """The word is one for a kind and for people ("family"); the value tells."""


@lru_cache(maxsize=4096)
def read_key(name: str) -> Key:
    """What a key of a chart file means; a Key without anything for an unknown one."""
    words = [word.lower() for word in _WORD.findall(name)]
    letters = [word for word in words if not word.isdigit()]
    if (found := _whole(letters)) is not None:
        owner = "".join(words) if found.owner else ""
        return replace(found, place=owner, either=bool(found.kind and found.owner))
    return _owner_first(words) or _ending(letters) or Key()


def _whole(words: Sequence[str]) -> Key | None:
    joined = "".join(words)
    tables = _tables()
    if joined in tables["session"]:
        return Key("DATE", says_session=True)
    if joined in tables["relationship"]:
        return Key(says_relationship=True)
    kind, owner = tables["kinds"].get(joined), _owner(words)
    if joined in tables["nobody"]:
        return Key(NOBODY)
    return Key(kind, owner) if kind or owner else None


def _owner(words: Sequence[str]) -> str | None:
    joined = "".join(words)
    if joined in _tables()["owners"]:
        return str(_tables()["owners"][joined])
    return _relations().get(joined) or _relations().get(joined.removesuffix("s"))


def _owner_first(words: Sequence[str]) -> Key | None:
    for cut in range(len(words) - 1, 0, -1):
        owner = _owner([word for word in words[:cut] if not word.isdigit()])
        rest = [word for word in words[cut:] if not word.isdigit()]
        if owner is None or not rest:
            continue
        found = _whole(rest) or _ending(rest)
        if found is not None and found.kind != NOBODY:
            return Key(found.kind, found.owner or owner, "".join(words[:cut]), found.says_relationship)
    return None


def _ending(words: Sequence[str]) -> Key | None:
    tables = _tables()
    for cut in range(1, len(words)):
        kind = tables["kinds"].get("".join(words[cut:]))
        if kind not in tables["endings"]:
            continue
        if any(word in tables["nobody"] for word in words[:cut]):
            return Key(NOBODY)
        head = tables["kinds"].get("".join(words[:cut]))
        if kind == "NAME" and head in (None, *THINGS):
            # "petName": somebody around the client.  "employerName": the employer.
            return Key(head) if head else Key(kind, "contact", "".join(words[:cut]))
        return Key(kind)
    return None


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Any]:
    data = yaml.safe_load((files(__package__) / "chart_keys.yaml").read_text("utf-8"))
    by_word = {name: {word: key for key, words in data[name].items() for word in words} for name in ("kinds", "owners")}
    return {**{name: frozenset(data[name]) for name in ("endings", "nobody", "session", "relationship")}, **by_word}


@lru_cache(maxsize=1)
def _relations() -> Mapping[str, str]:
    return {word.replace(" ", ""): label for word, label in relationship_words().items()}
