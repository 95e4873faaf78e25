"""Searching a text for words of the chart: without case and accents, with the source's positions back."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.governance.phi.folding import FoldedText, fold
from therapyflows.governance.phi.model import Detection, Identifier, IdentifierType, Source

_LETTERS = re.compile(r"[^\W\d_]+")
BEFORE = r"(?<![^\W_])"
AFTER = r"(?![^\W_])"
"""Edges of a word or number; an underscore is an edge, too."""


@dataclass(frozen=True, slots=True)
class Known:
    """A form in which an identifier may be written."""

    type: IdentifierType
    entity: str
    pattern: str = field(repr=False)
    """Regular expression over folded text, without groups."""


class KnownSearch:
    """Finds many known forms; longer ones first."""

    def __init__(self, known: list[Known]) -> None:
        self._known = [(form, re.compile(form.pattern)) for form in known]

    def detect(self, text: str) -> Iterator[Detection]:
        if not self._known:
            return
        haystack = FoldedText(text)
        for form, pattern in self._known:
            for match in pattern.finditer(haystack.folded):
                if match.end() > match.start():
                    start, end = haystack.origin(match.start(), match.end())
                    yield Detection(start, end, form.type, form.entity, Source.CHART)


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    data = yaml.safe_load((files("therapyflows.governance.phi") / "words.yaml").read_text("utf-8"))
    return {name: frozenset(words) for name, words in data.items()}


def is_ordinary_word(name: str) -> bool:
    """Whether a (folded) name is also an ordinary English word, e.g. ``will``."""
    return len(name) < 3 or name in _lists()["ordinary"] or name in _lists()["particles"]


def name_parts(value: str) -> list[str]:
    """The folded parts of a name that name somebody: ``maria``, ``lopez`` for "Dr. Maria de Lopez"."""
    parts = [part for part in _LETTERS.findall(fold(value)) if len(part) > 1 and part not in _lists()["titles"]]
    return [part for part in parts if part not in _lists()["particles"]] or parts


def parts_by_entity(identifiers: tuple[Identifier, ...]) -> dict[str, tuple[IdentifierType, str]]:
    """Type and entity of every name part; the first to have a part keeps it (a family shares its surname)."""
    owners: dict[str, tuple[IdentifierType, str]] = {}
    for identifier in identifiers:
        for part in name_parts(identifier.value):
            owners.setdefault(part, (identifier.type, identifier.key))
    return owners


class Casing:
    """Which words of a text stand as names by their writing."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts, self._cased, position = [], [], 0
        for line in text.split("\n"):
            self._starts.append(position)
            self._cased.append(any(char.isupper() for char in line))
            position += len(line) + 1

    def counts_as_name(self, start: int) -> bool:
        """Whether a word that is also an ordinary one is a name here: capitalized, or in a line without capitals."""
        return self._text[start].isupper() or not self._cased[bisect_right(self._starts, start) - 1]


_TITLE_BEFORE = re.compile(
    r"(?<![^\W_])(?:dr|mrs?|ms|mx|prof|doctor|miss|mister|missus|professor)\.?\s$", re.IGNORECASE
)


def with_title(text: str, start: int) -> int:
    """Where a name at ``start`` begins together with the title before it ("Dr. Testperson")."""
    before = _TITLE_BEFORE.search(text, max(0, start - 11), start)
    return before.start() if before else start
