"""The words of the page for clients, from one file that a practice can translate."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from therapyflows.core.errors import Invalid


class ClientWords:
    """Texts by key (``did.title``), with values put in; dates as the language writes them."""

    def __init__(self, texts: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]) -> None:
        self.texts, self.lists = texts, lists

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values)

    def one_of(self, group: str, name: str | None) -> str:
        """The word for a code; an unknown code has the word for ``other``."""
        return self.texts.get(f"{group}.{name}") or self.texts[f"{group}.other"]

    def has(self, group: str, name: str) -> bool:
        return f"{group}.{name}" in self.texts

    def day(self, at: datetime) -> str:
        local = at.astimezone()
        return self("date", month=self.lists["months"][local.month - 1], day=local.day, year=local.year)

    def times(self, number: int) -> str:
        return self("once") if number == 1 else self("times", number=number)


@lru_cache(maxsize=1)
def english() -> ClientWords:
    return _read((files(__package__) / "client_words.en.yaml").read_text("utf-8"))


def words_of(path: Path | None) -> ClientWords:
    """The practice's translation, or English.

    Raises Invalid (``client_words_incomplete``) when a text is missing or lacks a name in braces that English has.
    """
    if path is None:
        return english()
    words = _read(path.read_text("utf-8"))
    wrong = [key for key, text in english().texts.items() if _names(words.texts.get(key)) != _names(text)]
    wrong += [key for key in english().lists if not words.lists.get(key)]
    if wrong or len(words.lists["months"]) != len(english().lists["months"]):
        message = f"the words for clients do not fit the English ones: {', '.join(wrong) or 'months'}"
        raise Invalid("client_words_incomplete", message)
    return words


def _read(text: str) -> ClientWords:
    found = dict(_flat(yaml.safe_load(text)))
    return ClientWords(
        {key: value for key, value in found.items() if isinstance(value, str)},
        {key: tuple(value) for key, value in found.items() if isinstance(value, list)},
    )


def _flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _names(text: str | None) -> set[str] | None:
    return None if text is None else {name for _, name, _, _ in Formatter().parse(text) if name}
