"""Names: a capitalised word inside a sentence must occur in the source."""

import re

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.terms import frame_stems, keys_in
from therapyflows.governance.evidence.tokens import tokens_of
from therapyflows.governance.evidence.words import FRAME_WORDS, FUNCTION_WORDS, base_form, stem

_NAME = re.compile(r"(?<![.!?:;•\"“]\s)(?<![\"“])(?<!^)\b[A-Z][a-z][\w'’-]+")


def names_in(text: str) -> set[str]:
    """Capitalised words that do not begin a sentence or a quotation."""
    found = {base_form(match.group()) for match in _NAME.finditer(text)}
    return found - FUNCTION_WORDS - FRAME_WORDS


def check(match: Match) -> Finding:
    """Names that nobody said; clinical words in capitals are no names."""
    foreign = sorted(
        name for name in names_in(match.claim.unquoted) if name not in match.source.lowered and not _is_word(name)
    )
    if foreign:
        return Finding({"name_nowhere": 1.0}, "name: not in the source: " + ", ".join(foreign[:3]), refutes=True)
    return Finding({"name_nowhere": 0.0})


def _is_word(name: str) -> bool:
    """Whether a capitalised word is one of the note's own or a clinical one."""
    return stem(name) in frame_stems() or any(keys_in(tokens_of(name)))
