"""Text of the source that looks like one of our tokens: somebody could plant it to have it restored as a name."""

from collections.abc import Iterator

from therapyflows.governance.phi.model import Detection, IdentifierType, Source
from therapyflows.governance.phi.token_shapes import token_likes


class Placeholders:
    def detect(self, text: str) -> Iterator[Detection]:
        for like in token_likes(text):
            yield Detection(like.start, like.end, IdentifierType.LITERAL, source=Source.PLACEHOLDER)
