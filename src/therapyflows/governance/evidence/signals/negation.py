"""Negation: what the statement denies must be denied in the source, what it affirms must not be.

Polarity is read word by word.  Strictly, a content word is negated when a negation stands up to four words before it
in the same clause; loosely, up to nine words before it in the same sentence, because speech wanders between "not" and
what it denies.  Only where both readings agree is it a contradiction.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.governance.evidence.claim import Claim, Finding, Source
from therapyflows.governance.evidence.words import FRAME_WORDS, base_form, is_content, stem

_DENYING = "no not never none nobody nothing neither nor without cannot deny denies denied denying stopped quit"
_NEGATIONS = frozenset(_DENYING.split())
_CLAUSE = re.compile(r"[.,;:!?—\n]|--|\b(?:but|because|although|when|if)\b")
_SENTENCE = re.compile(r"[.;!?\n]")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_NEAR, _FAR = 4, 9


@dataclass(frozen=True, slots=True)
class Polarity:
    """Content stems of a text by how they stand."""

    affirmed: frozenset[str]
    negated: frozenset[str]
    """Strictly read."""
    surely_affirmed: frozenset[str]
    """Affirmed even when read loosely."""


@lru_cache(maxsize=8192)
def polarity(text: str) -> Polarity:
    affirmed, negated = _read(text, _CLAUSE, _NEAR)
    far_affirmed, far_negated = _read(text, _SENTENCE, _FAR)
    return Polarity(affirmed, negated, far_affirmed - far_negated)


def _read(text: str, boundary: re.Pattern[str], reach: int) -> tuple[frozenset[str], frozenset[str]]:
    affirmed: set[str] = set()
    negated: set[str] = set()
    for clause in boundary.split(text.lower().replace("’", "'")):
        left = 0
        for raw in _WORD.findall(clause):
            word = base_form(raw)
            if raw in _NEGATIONS or raw.endswith("n't"):
                left = reach + 1
            elif is_content(word) and word not in FRAME_WORDS:
                (negated if left > 0 else affirmed).add(stem(word))
            left -= 1
    return frozenset(affirmed), frozenset(negated)


def check(claim: Claim, source: Source) -> Finding:
    """A contradiction when a word is denied on one side and plainly affirmed on the other."""
    said, heard = polarity(claim.assertion), polarity(source.cited_text)
    if (said.negated - said.affirmed) & heard.surely_affirmed:
        return Finding("negation", 0.9, "the statement denies what the cited words affirm", contradicts=True)
    if said.surely_affirmed & (heard.negated - heard.affirmed):
        return Finding("negation", 0.9, "the statement affirms what the cited words deny", contradicts=True)
    return Finding("negation", 0.0)
