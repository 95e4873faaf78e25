"""Names that the chart knows: whole, in parts, as nicknames, whatever their case and accents."""

import re
from collections.abc import Iterator
from dataclasses import replace

from therapyflows.governance.phi.detectors.known_words import (
    Casing,
    is_ordinary_word,
    parts_by_entity,
    with_title,
)
from therapyflows.governance.phi.folding import FoldedText, fold
from therapyflows.governance.phi.lexicon import first_names, is_word
from therapyflows.governance.phi.model import NAMES, ChartIdentifiers, Detection, IdentifierType, Source
from therapyflows.governance.phi.nicknames import full_forms_of, nicknames_of

Owner = tuple[IdentifierType, str]
_WORD = re.compile(r"[^\W\d_]+")


def _nicknames_of(owners: dict[str, Owner]) -> dict[str, Owner]:
    """Nicknames and full forms of the chart's names.  They count only where they stand as names."""
    derived: dict[str, Owner] = {}
    for part, owner in owners.items():
        for other in nicknames_of(part) | full_forms_of(part) | _shortened(part):
            derived.setdefault(fold(other), owner)
    return derived


def _shortened(part: str) -> set[str]:
    """Beginnings and ends that people are called by ("Ale", "Josie", "Topher"), unless they mean something."""
    begun = {part[:length] for length in (3, 4, 5) if len(part) >= length + 2}
    forms = begun | {f"{short}{ending}" for short in begun for ending in ("y", "ie", "i")} | {part[-5:], part[-6:]}
    # Three letters are too few to go by, unless somebody is named so.
    return {f for f in forms if 2 < len(f) < len(part) and not is_word(f) and (len(f) > 3 or first_names().get(f))}


class Names:
    """Looks every word of the text up among the parts of the chart's names, and joins neighbours of one person."""

    def __init__(self, identifiers: ChartIdentifiers) -> None:
        self._owners = parts_by_entity(identifiers.of(*NAMES))
        self._derived = _nicknames_of(self._owners)

    def detect(self, text: str) -> Iterator[Detection]:
        haystack = FoldedText(text)
        for found in self._joined(text, haystack):
            yield replace(found, start=with_title(text, found.start))

    def _joined(self, text: str, haystack: FoldedText) -> Iterator[Detection]:
        pending: Detection | None = None
        for found in self._words(text, haystack):
            if pending and found.entity == pending.entity and text[pending.end : found.start] in (" ", "-"):
                pending = Detection(pending.start, found.end, found.type, found.entity, Source.CHART)
                continue
            if pending:
                yield pending
            pending = found
        if pending:
            yield pending

    def _words(self, text: str, haystack: FoldedText) -> Iterator[Detection]:
        casing = Casing(text)
        for match in _WORD.finditer(haystack.folded):
            word = match.group()
            owner = self._owners.get(word) or self._derived.get(word)
            if owner is None:
                continue
            start, end = haystack.origin(match.start(), match.end())
            certain = word in self._owners and not is_ordinary_word(word)
            if certain or casing.counts_as_name(start):
                yield Detection(start, end, *owner, Source.CHART)
