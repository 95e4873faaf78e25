"""Numbers of the chart (phone, social security, record, member, ZIP), however grouped, also as digit words."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.detectors.known_words import AFTER, BEFORE, Known, KnownSearch
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import NUMBERS, ChartIdentifiers, Detection, Identifier, IdentifierType
from therapyflows.governance.phi.number_words import DIGIT_WORDS

_GAP = r"[^\w\n]{0,3}"
_LONG = 6
"""From this length on a number is itself wherever it stands, also inside a longer one."""


class Numbers:
    def __init__(self, identifiers: ChartIdentifiers) -> None:
        self._search = KnownSearch([Known(i.type, i.key, form) for i in identifiers.of(*NUMBERS) for form in _forms(i)])

    def detect(self, text: str) -> Iterator[Detection]:
        return self._search.detect(text)


def _forms(identifier: Identifier) -> list[str]:
    characters = "".join(re.findall(r"[^\W_]", fold(identifier.value)))
    if not characters:
        return []
    if len(characters) < _LONG:
        return [BEFORE + _sequence(characters) + AFTER]
    if identifier.type is IdentifierType.PHONE and characters.isdigit() and len(characters) >= 10:
        area, local = characters[-10:-7], characters[-7:]
        return [rf"(?:\+?{_sequence(characters[:-10] or '1')}{_GAP})?\(?{_sequence(area + local)}", _sequence(local)]
    return [_sequence(characters)]


def _sequence(characters: str) -> str:
    return _GAP.join(_one(c) for c in characters)


def _one(character: str) -> str:
    words = DIGIT_WORDS.get(character)
    return f"(?:{character}|{'|'.join(words)})" if words else re.escape(character)
