"""Names of the chart misheard or mistyped by a letter or two."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from therapyflows.governance.phi.detectors.known_words import counts_as_name, parts_by_entity
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import NAMES, ChartIdentifiers, Detection, Source

_WORD = re.compile(r"[^\W\d_]{4,}")
_SHORTEST = 5
_LONG = 8
"""From this length on two letters may differ."""


class NearNames:
    """Only words that stand as names (capitalized, or in a line without capitals) are compared."""

    def __init__(self, identifiers: ChartIdentifiers) -> None:
        self._owners = {
            part: owner for part, owner in parts_by_entity(identifiers.of(*NAMES)).items() if len(part) >= _SHORTEST
        }

    def detect(self, text: str) -> Iterator[Detection]:
        if not self._owners:
            return
        for match in _WORD.finditer(text):
            if not counts_as_name(text, match.start(), match.end()):
                continue
            word = fold(match.group())
            for part, (type_, entity) in self._owners.items():
                if _near(word, part):
                    yield Detection(match.start(), match.end(), type_, entity, Source.CHART)
                    break


def _near(word: str, name: str) -> bool:
    allowed = 2 if len(name) >= _LONG else 1
    # The first letter is rarely misheard, and "harder" is not "Garder".
    return word[0] == name[0] and 0 < OSA.distance(word, name, score_cutoff=allowed) <= allowed
