"""Dates as people write and say them, as far as they can be read with certainty.

American order (month before day) where numbers alone do not tell, as in ``patterns.yaml``.
"""

import calendar
import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.number_words import cardinal, ordinal, spoken_year

_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})(?:[t ].*)?")
_NUMBERS = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})")
_WORD = re.compile(r"[a-z]+|\d+")
_FILLERS = frozenset({"the", "of", "st", "nd", "rd", "th", "and", "in", "on", *map(str.lower, calendar.day_name),
                      *map(str.lower, calendar.day_abbr)})  # fmt: skip
_PIVOT = 30
"""Without an anchor a year of two digits below this is of this century."""


def read_date(text: str, anchor: date | None = None) -> date | None:
    """The day that the text names, or None when that is not certain.

    A year of two digits is the last one that is not far ahead of the anchor; a missing year makes the day the one
    nearest to the anchor, and nothing without an anchor.
    """
    folded = fold(text).strip()
    if match := _YEAR_FIRST.fullmatch(folded):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(folded):
        first, second, year = int(match[1]), int(match[3]), _full_year(match[4], anchor)
        return _day(year, second, first) if first > 12 else _day(year, first, second)
    return _worded(_WORD.findall(folded), anchor)


def _worded(words: Sequence[str], anchor: date | None) -> date | None:
    """A month by name, with a day and perhaps a year as digits or words."""
    words = [word for word in words if word not in _FILLERS]
    months = [at for at, word in enumerate(words) if word in _months()]
    if len(months) != 1:
        return None
    month, before, after = _months()[words[months[0]]], words[: months[0]], words[months[0] + 1 :]
    for parts in _splits(before, after):
        day, year = _days().get(parts[0]), parts[1]
        if day is None:
            continue
        if not year:
            return _nearest(month, day, anchor)
        if (found := _year(year, anchor)) is not None:
            return _day(found, month, day)
    return None


def _splits(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Ways to read the words around a month as day and year."""
    if before and _days().get(" ".join(before)) is not None:
        return [(" ".join(before), " ".join(after))]
    if before:
        return [(" ".join(after), " ".join(before))]
    return [(" ".join(after[:cut]), " ".join(after[cut:])) for cut in (2, 1) if after[:cut]]


def _year(said: str, anchor: date | None) -> int | None:
    if said.isdigit() and len(said) in (2, 4):
        return _full_year(said, anchor)
    return _years().get(said)


def _full_year(digits: str, anchor: date | None) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    ahead = (anchor.year + 2) % 100 if anchor else _PIVOT
    century = (anchor.year + 2) // 100 * 100 if anchor else 2000
    return century + year if year < ahead else century - 100 + year


def _nearest(month: int, day: int, anchor: date | None) -> date | None:
    if anchor is None:
        return None
    found = [_day(anchor.year + shift, month, day) for shift in (-1, 0, 1)]
    return min((when for when in found if when), key=lambda when: abs((when - anchor).days), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names = {calendar.month_name[n].lower(): n for n in range(1, 13)}
    return names | {calendar.month_abbr[n].lower(): n for n in range(1, 13)} | {"sept": 9}


@lru_cache(maxsize=1)
def _days() -> dict[str, int]:
    return {form: n for n in range(1, 32) for form in (str(n), f"0{n}"[-2:], cardinal(n), ordinal(n))}


@lru_cache(maxsize=1)
def _years() -> dict[str, int]:
    spoken = {form: year for year in range(1900, 2100) for form in _spoken_forms(year)}
    # "ninety one" is a year of the last century; "oh five" one of this.
    return (
        spoken
        | {cardinal(n): 1900 + n for n in range(_PIVOT, 100)}
        | {f"oh {cardinal(n)}": 2000 + n for n in range(1, 10)}
    )


def _spoken_forms(year: int) -> list[str]:
    century, rest = divmod(year, 100)
    spoken = [spoken_year(year)] + [f"{cardinal(century)} {tail}{cardinal(rest)}" for tail in ("", "hundred ")]
    return [*spoken, f"two thousand {cardinal(rest)}"] if century == 20 else spoken
