"""What a text says of how somebody is related to the client: "my mother Anna", "Anna, my mother", "your wife (Robin)".

Only the client's own people: "his friend's mother Anna" is nobody's mother here.  In a note, "her mother Anna" is the
client's.
"""

import re
from functools import lru_cache

from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.relationships import relationship_words

_REACH = 48
"""Characters before and behind a name in which it can be introduced."""
_WHOSE = r"(?:my|our|your|his|her|their|the\s+client['’]s|client['’]s|the\s+patient['’]s|patient['’]s|pt['’]?s)"
_OTHERS = r"(?<!['’]s\s)(?<![^\W_])"


def said_relationship(text: str, start: int, end: int) -> str | None:
    """The label of what the person named at [start, end) is to the client, if the text says so right there."""
    before, behind = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    match = _before().search(fold(before)) or _behind().match(fold(behind))
    return relationship_words()[" ".join(re.split(r"[\s-]+", match["who"]))] if match else None


@lru_cache(maxsize=1)
def _before() -> re.Pattern[str]:
    adjective = r"(?:(?:late|own|older|younger|elder|little|big|dear|oldest|youngest|middle|current)\s+)?"
    return re.compile(rf"{_OTHERS}{_WHOSE}\s+{adjective}{_who()},?\s*(?:is\s+)?(?:named|called|,|\()?\s*$")


@lru_cache(maxsize=1)
def _behind() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:,|is|was|\()\s*{_WHOSE}\s+{_who()}(?![^\W_])(?!['’]s)")


def _who() -> str:
    words = sorted({fold(word) for word in relationship_words()}, key=len, reverse=True)
    return "(?P<who>" + "|".join(word.replace(" ", r"[\s-]+") for word in words) + ")"
