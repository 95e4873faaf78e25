"""Initials of the chart's people: "M.T.", "MT", "m t", and the letter beside a name ("M. Testperson", "Marlowe T.")."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.detectors.known_words import AFTER, BEFORE, Known, KnownSearch, name_parts
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.lexicon import cues, is_word
from therapyflows.governance.phi.model import NAMES, ChartIdentifiers, Detection, IdentifierType, Source

Owner = tuple[IdentifierType, str]
_ALONE = r"(?<![^\W_])(?<![^\W_][.’'])"
_ORDINARY = frozenset(
    {"ai", "ia", "aa", "ii", "oi", "io", "ao", "oa", "oo", "ok", "hm", "mm", "uh", "um", "ah", "oh", "eh"}
)


class Initials:
    """A Detector of the client's initials, and of any known person's first letter beside the other name."""

    def __init__(self, identifiers: ChartIdentifiers) -> None:
        self._patterns: list[tuple[re.Pattern[str], Owner]] = []
        self._beside: list[Known] = []
        people: dict[Owner, list[str]] = {}
        for identifier in identifiers.of(*NAMES):
            people.setdefault((identifier.type, identifier.key), []).extend(name_parts(identifier.value))
        for owner, names in people.items():
            parts = list(dict.fromkeys(names))
            if len(parts) < 2:
                continue
            self._beside.append(Known(*owner, _letter_beside_name(parts[0], parts[-1])))
            self._patterns += [(pattern, owner) for pattern in _patterns(owner, parts)]

        self._search = KnownSearch(self._beside)

    def detect(self, text: str) -> Iterator[Detection]:
        yield from self._search.detect(text)
        for pattern, (type_, entity) in self._patterns:
            for match in pattern.finditer(text):
                yield Detection(match.start(), match.end(), type_, entity, Source.CHART)


def _letter_beside_name(first: str, last: str) -> str:
    """ "m. testperson", "marlowe t", as a pattern over folded text."""
    a, b = re.escape(first[0]), re.escape(last[0])
    return rf"{BEFORE}{a}\.?\s{re.escape(last)}{AFTER}|{BEFORE}{re.escape(first)}\s{b}{AFTER}(?!')\.?"


def _patterns(owner: Owner, parts: list[str]) -> Iterator[re.Pattern[str]]:
    first, last = parts[0], parts[-1]
    if owner[0] is not IdentifierType.CLIENT or not (first[0].isalpha() and last[0].isalpha()):
        return
    a, b = re.escape(first[0]), re.escape(last[0])
    yield re.compile(rf"{_ALONE}{a.upper()}\.\s?{b.upper()}(?:\.|(?![^\W_]))")
    both = fold(first[0] + last[0])
    if both not in cues()["acronyms"]:
        yield re.compile(rf"{_ALONE}{a.upper()}{b.upper()}(?![^\W_])(?!['’]\w)")
    if both in _ORDINARY:
        return
    if both not in cues()["acronyms"] and not is_word(both):
        yield re.compile(rf"{_ALONE}{a}{b}(?![^\W_])(?!['’]\w)")
    # Two letters said one by one, not part of a longer row of letters ("a d h d"), not a time ("five p m").
    yield re.compile(rf"(?<![^\W_])(?<!\s[a-z]\s){_not_after_number(both)}{a}\s{b}(?![^\W_])(?!\s[a-z]\b)(?!['’])")


def _not_after_number(letters: str) -> str:
    if letters not in ("am", "pm"):
        return ""
    return "".join(rf"(?<!{word}\s)" for word in (r"\d", "one", "two", "three", "four", "five", "six", "seven", "eight",
                                                  "nine", "ten", "eleven", "twelve", "thirty", "fifteen"))  # fmt: skip
