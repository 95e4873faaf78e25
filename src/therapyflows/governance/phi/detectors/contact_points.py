"""E-mail addresses of the chart, written or spoken ("marlowe dot testperson at example dot org")."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.detectors.known_words import AFTER, BEFORE, Known, KnownSearch
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import ChartIdentifiers, Detection, IdentifierType

_SPOKEN = {".": "dot|period|point", "@": "at", "_": "underscore", "-": "dash|hyphen|minus"}


class ContactPoints:
    def __init__(self, identifiers: ChartIdentifiers) -> None:
        self._search = KnownSearch(
            [
                Known(i.type, i.key, BEFORE + _form(fold(i.value).strip()) + AFTER)
                for i in identifiers.of(IdentifierType.EMAIL, IdentifierType.URL)
            ]
        )

    def detect(self, text: str) -> Iterator[Detection]:
        return self._search.detect(text)


def _form(value: str) -> str:
    return "".join(_one(c) for c in value)


def _one(character: str) -> str:
    if character in _SPOKEN:
        return rf"(?:\s?{re.escape(character)}\s?|\s+(?:{_SPOKEN[character]})\s+)"
    return re.escape(character)
