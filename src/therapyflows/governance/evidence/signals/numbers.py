"""Numbers, amounts, dates and doses: every number of the statement must stand in the cited words.

Number words count as numbers ("five" is 5, "twenty-five" is 25); "one" does not, because it is mostly a pronoun.
"""

import re
from functools import lru_cache

from therapyflows.governance.evidence.claim import Claim, Finding, Source

_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_SMALL.split())}
_TENS = {word: 10 * value for value, word in enumerate(_ROUND.split(), 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_OTHER = {"once": "1x", "twice": "2x", "half": "0.5", "dozen": "12", "couple": "2ish"}
_TOKEN = re.compile(r"(?<![a-z0-9_])(?<![a-z]-)\d+(?:[.,:/]\d+)*|[a-z]+")
"""A digit inside an identifier (``g2``) is no number."""


@lru_cache(maxsize=8192)
def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text in one spelling."""
    found: set[str] = set()
    current: int | None = None
    for token in _TOKEN.findall(text.lower()):
        if token in _UNITS or token in _TENS:
            value = _UNITS.get(token, _TENS.get(token, 0))
            current = current + value if current and current % 10 == 0 and value < 10 else value
            found.add(str(current))
            continue
        if token in _SCALES:
            current = (current or 1) * _SCALES[token]
            found.add(str(current))
            continue
        current = None
        if token in _OTHER:
            found.add(_OTHER[token])
        elif token[0].isdigit():
            found.add(token.replace(",", ""))
    return frozenset(found)


def check(claim: Claim, source: Source) -> Finding:
    """Penalty 0.8 for a number that the cited words do not contain."""
    wrong = sorted(numbers_in(claim.text) - numbers_in(source.cited_text) - {"1"})
    if wrong and source.cited:
        return Finding("numbers", 0.8, "a number is not in the cited words: " + ", ".join(wrong[:3]))
    return Finding("numbers", 0.0)
