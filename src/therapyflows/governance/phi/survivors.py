"""A second, independent look for chart identifiers in a text that was redacted.

Written without the detectors on purpose: it shares their lists of words and nothing of their way of searching, so that
an error in one does not hide in the other.
"""

import re
from datetime import date

from therapyflows.governance.phi.detectors.known_words import is_ordinary_word, name_parts
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import NAMES, NUMBERS, ChartIdentifiers, Identifier, IdentifierType
from therapyflows.governance.phi.restoring import TOKEN

_SHORTEST_NUMBER = 6
"""Shorter numbers must stand alone, or any count could be one."""


def survivors(redacted: str, identifiers: ChartIdentifiers) -> set[IdentifierType]:
    """Types of the chart's identifiers that still stand in the text."""
    clear = TOKEN.sub(" \x00 ", redacted)
    haystack = _Haystack(clear, fold(clear))
    return {i.type for i in identifiers.of() if haystack.holds(i)}


class _Haystack:
    def __init__(self, clear: str, folded: str) -> None:
        letters = re.compile(r"[^\W\d_]+")
        self._words = set(letters.findall(folded))
        self._capitalized = {fold(word) for word in letters.findall(clear) if word[0].isupper()}
        self._phrases = " " + " ".join(re.findall(r"[^\W_]+|\x00", folded)) + " "
        # Separators inside a number are dropped, those between words keep numbers apart.
        self._dense = re.sub(r"(?<=\w)[ .()/+-]{1,3}(?=\w)", "", folded)
        self._folded = folded

    def holds(self, identifier: Identifier) -> bool:
        if identifier.type in NAMES:
            return any(self._is_named(part) for part in name_parts(identifier.value))
        if identifier.type in NUMBERS:
            return self._is_numbered(identifier.value)
        if identifier.type is IdentifierType.DATE:
            return any(self._stands_alone(form) for form in _date_forms(identifier.value))
        if identifier.type in (IdentifierType.EMAIL, IdentifierType.URL):
            return self._stands_alone(fold(identifier.value).strip())
        return self._is_phrase(identifier.value)

    def _is_named(self, part: str) -> bool:
        return part in (self._capitalized if is_ordinary_word(part) else self._words)

    def _is_numbered(self, value: str) -> bool:
        characters = "".join(re.findall(r"[^\W_]+", fold(value)))
        if len(characters) >= _SHORTEST_NUMBER:
            return characters in self._dense
        return bool(characters) and f" {characters} " in self._phrases

    def _stands_alone(self, form: str) -> bool:
        return re.search(rf"(?<![^\W_]){re.escape(form)}(?![^\W_])", self._folded) is not None

    def _is_phrase(self, value: str) -> bool:
        words = re.findall(r"[^\W_]+", fold(value))
        if len(words) == 1 and is_ordinary_word(words[0]):
            return words[0] in self._capitalized and f" {words[0]} " in self._phrases
        return bool(words) and f" {' '.join(words)} " in self._phrases


def _date_forms(value: str) -> tuple[str, ...]:
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        return (fold(value).strip(),)
    return (
        f"{day:%Y-%m-%d}",
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day.year}",
        fold(f"{day:%B} {day.day}, {day.year}"),
    )
