"""What of an identifier may stay: years, ages up to 89, the first three digits of most ZIP codes.

The rule is 45 CFR 164.514(b)(2)(i): (B) for ZIP codes, (C) for dates and ages.
"""

import re
from datetime import date
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import IdentifierType
from therapyflows.governance.phi.number_words import DIGIT_WORDS, cardinal

OLDEST_AGE = 89
"""In years.  Older is "90 or older", and so is a date that tells such an age."""
OVER_OLDEST_AGE = f"AGE_OVER_{OLDEST_AGE}"
_BARE_YEAR = re.compile(r"\W*((?:1[89]|20)\d\d)\W*")
_DIGITS = {word: digit for digit, words in DIGIT_WORDS.items() for word in words}


def may_stay(type_: IdentifierType, text: str, anchor: date | None) -> bool:
    """Whether the rule allows what a detector found as it is: a year alone, an age up to 89.

    ``anchor`` is the day that ages are counted to; without one every year may stay.
    """
    if type_ is IdentifierType.DATE and (match := _BARE_YEAR.fullmatch(text)):
        return anchor is None or anchor.year - int(match[1]) <= OLDEST_AGE
    if type_ is IdentifierType.AGE:
        age = _age(text)
        return age is not None and age <= OLDEST_AGE
    return False


def tells_old_age(day: date, anchor: date) -> bool:
    """Whether the distance between the days, as an age, would be over 89."""
    return abs((anchor - day).days) >= (OLDEST_AGE + 1) * 365


def zip3(said: str) -> str:
    """``021`` for 02139, however it is written or said; ``000`` for a sparse area or what is no ZIP code."""
    digits = "".join(_DIGITS.get(word, word) for word in re.findall(r"[a-z]+|\d", fold(said)))
    first = digits[:3]
    return first if len(digits) in (5, 9) and digits.isdigit() and first not in _sparse() else "000"


def _age(text: str) -> int | None:
    if number := re.search(r"\d+", text):
        return int(number[0])
    words = re.findall(r"[a-z]+", fold(text))
    found = [
        _ages()[said] for n in (2, 1) for at in range(len(words)) if (said := " ".join(words[at : at + n])) in _ages()
    ]
    return None if "hundred" in words or not found else found[0]


@lru_cache(maxsize=1)
def _ages() -> dict[str, int]:
    return {cardinal(n): n for n in range(1, 100)}


@lru_cache(maxsize=1)
def _sparse() -> frozenset[str]:
    lists = yaml.safe_load((files(__package__) / "sparse_zip3.yaml").read_text("utf-8"))
    return frozenset(code for entry in lists.values() for code in entry["zip3"])
