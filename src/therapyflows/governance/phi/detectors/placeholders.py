"""Text of the source that looks like one of our tokens: somebody could plant it to have it restored as a name."""

from collections.abc import Iterator

from therapyflows.governance.phi.model import Detection, IdentifierType, Source
from therapyflows.governance.phi.tokens import TOKEN_LIKE


class Placeholders:
    def detect(self, text: str) -> Iterator[Detection]:
        for match in TOKEN_LIKE.finditer(text):
            yield Detection(match.start(), match.end(), IdentifierType.LITERAL, source=Source.PLACEHOLDER)
