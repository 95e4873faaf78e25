"""Addresses, towns and employers of the chart."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.detectors.known_words import (
    AFTER,
    BEFORE,
    Casing,
    Known,
    KnownSearch,
    is_ordinary_word,
)
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.lexicon import is_word
from therapyflows.governance.phi.model import PHRASES, ChartIdentifiers, Detection, IdentifierType
from therapyflows.governance.phi.number_words import DIGIT_WORDS, house_number

_SUFFIXES = {
    "street": "street|st", "avenue": "avenue|ave", "road": "road|rd", "boulevard": "boulevard|blvd",
    "drive": "drive|dr", "lane": "lane|ln", "court": "court|ct", "place": "place|pl",
    "terrace": "terrace|ter", "circle": "circle|cir",
    "highway": "highway|hwy", "parkway": "parkway|pkwy", "apartment": "apartment|apt", "suite": "suite|ste",
    "north": "north|n", "south": "south|s", "east": "east|e", "west": "west|w",
}  # fmt: skip
_LONG_FORM = {short: both for both in _SUFFIXES.values() for short in both.split("|")}
_LEGAL = re.compile(r"[\s,]+(?:inc|llc|llp|ltd|co|corp|corporation|company|pllc|plc)\.?$")
_GAP = r"[\W_]+"
_KNOWN_BY_FIRST = frozenset(
    {IdentifierType.EMPLOYER, IdentifierType.SCHOOL, IdentifierType.ORGANIZATION, IdentifierType.FACILITY}
)
_DISTINCT = 4
"""Letters from which on a word that is in no dictionary stands for an institution by itself."""


class Places:
    def __init__(self, identifiers: ChartIdentifiers) -> None:
        known = []
        for i in identifiers.of(*PHRASES):
            known += [Known(i.type, i.key, BEFORE + form + AFTER) for form in _forms(i.type, fold(i.value).strip())]
        self._search = KnownSearch(known)

    def detect(self, text: str) -> Iterator[Detection]:
        casing = Casing(text)
        for found in self._search.detect(text):
            word = fold(text[found.start : found.end])
            if not is_ordinary_word(word) or casing.counts_as_name(found.start):
                yield found


def _forms(type_: IdentifierType, value: str) -> list[str]:
    words = re.findall(r"[^\W_]+", _LEGAL.sub("", value) if type_ is IdentifierType.EMPLOYER else value)
    if not words:
        return []
    forms = [_GAP.join(_word(word) for word in words)]
    if type_ in _KNOWN_BY_FIRST and len(words) > 1 and len(words[0]) >= _DISTINCT and not is_word(words[0]):
        forms.append(re.escape(words[0]))  # "at Northwind" is Northwind Logistics
    street = [word for word in words[1:] if not word.isdigit()]
    if type_ is IdentifierType.ADDRESS and words[0].isdigit() and len(street) > 1:
        forms.append(_GAP.join(_word(word) for word in street[:2]))
    return forms


def _word(word: str) -> str:
    if word.isascii() and word.isdigit():
        return _number(word)
    return f"(?:{_LONG_FORM[word]})" if word in _LONG_FORM else re.escape(word)


def _number(digits: str) -> str:
    """A house number: as digits, digit by digit, in pairs ("twelve forty") or as a number ("four hundred two")."""
    by_digit = r"[\s\-]+".join(f"(?:{'|'.join(DIGIT_WORDS[d])})" for d in digits)
    said = [spaced.replace(" ", r"[\s\-]+(?:and[\s\-]+)?") for spaced in house_number(digits)]
    return f"(?:{'|'.join([digits, by_digit, *said])})"
