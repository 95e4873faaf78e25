"""Names: a capitalised word inside a sentence must occur in the source, if not in the cited words."""

import re

from therapyflows.governance.evidence.claim import Claim, Finding, Source
from therapyflows.governance.evidence.words import FRAME_WORDS, FUNCTION_WORDS, base_form

_NAME = re.compile(r"(?<![.!?\"“]\s)(?<![\"“])(?<!^)\b[A-Z][\w'’-]+")


def names_in(text: str) -> set[str]:
    """Capitalised words that do not begin a sentence or a quotation."""
    found = {base_form(match.group()) for match in _NAME.finditer(text)}
    return found - FUNCTION_WORDS - FRAME_WORDS


def check(claim: Claim, source: Source) -> Finding:
    """Penalty 0.6 for a name that is nowhere in the source, 0.3 for one that is elsewhere."""
    cited = source.cited_text.lower()
    foreign = sorted(name for name in names_in(claim.unquoted) if name not in cited)
    if not foreign or not source.cited:
        return Finding("names", 0.0)
    elsewhere = all(any(name in segment.text.lower() for segment in source.segments) for name in foreign)
    return Finding("names", 0.3 if elsewhere else 0.6, "a name is not in the cited words: " + ", ".join(foreign[:3]))
