"""Negation: what the statement denies must be denied in the source, what it affirms must not be.

Polarity is read word by word: a content word is negated when a negation stands up to four words before it in the
same clause.  A word that occurs both ways in the cited words settles nothing.
"""

import re
from functools import lru_cache

from therapyflows.governance.evidence.claim import Claim, Finding, Source
from therapyflows.governance.evidence.words import FRAME_WORDS, base_form, is_content, stem

_NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot deny denies denied denying stopped quit".split()
)
_REACH = 4
_CLAUSE = re.compile(r"[.,;:!?—]|--|\b(?:but|because|although|when|if)\b")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@lru_cache(maxsize=8192)
def polarity(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """(affirmed, negated) content stems of a text."""
    affirmed: set[str] = set()
    negated: set[str] = set()
    for clause in _CLAUSE.split(text.lower().replace("’", "'")):
        reach = 0
        for raw in _WORD.findall(clause):
            word = base_form(raw)
            if raw in _NEGATIONS or raw.endswith("n't"):
                reach = _REACH + 1
            elif is_content(word) and word not in FRAME_WORDS:
                (negated if reach > 0 else affirmed).add(stem(word))
            reach -= 1
    return frozenset(affirmed), frozenset(negated)


def check(claim: Claim, source: Source) -> Finding:
    """A contradiction when a word is denied on one side and plainly affirmed on the other."""
    affirmed, negated = polarity(claim.text)
    source_affirmed, source_negated = polarity(source.cited_text)
    denied_wrongly = (negated - affirmed) & (source_affirmed - source_negated)
    affirmed_wrongly = (affirmed - negated) & (source_negated - source_affirmed)
    if denied_wrongly:
        return Finding("negation", 0.9, "the statement denies what the cited words affirm", contradicts=True)
    if affirmed_wrongly:
        return Finding("negation", 0.9, "the statement affirms what the cited words deny", contradicts=True)
    return Finding("negation", 0.0)
