"""Names of the chart spelled out letter by letter: "M-A-R-L-O-W-E", "m a r l o w e"."""

from collections.abc import Iterator

from therapyflows.governance.phi.detectors.known_words import Known, KnownSearch, parts_by_entity
from therapyflows.governance.phi.model import NAMES, ChartIdentifiers, Detection

_SHORTEST = 3


class SpelledNames:
    def __init__(self, identifiers: ChartIdentifiers) -> None:
        self._search = KnownSearch(
            [
                Known(type_, entity, r"(?<!\w)" + r"[\s.,\-]{1,3}".join(part) + r"(?!\w)")
                for part, (type_, entity) in parts_by_entity(identifiers.of(*NAMES)).items()
                if len(part) >= _SHORTEST
            ]
        )

    def detect(self, text: str) -> Iterator[Detection]:
        return self._search.detect(text)
