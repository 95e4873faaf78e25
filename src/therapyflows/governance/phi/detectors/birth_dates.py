"""Dates of the chart (birth dates) as people write and say them.  The chart gives them as ``YYYY-MM-DD``."""

import calendar
import re
from collections.abc import Iterator
from datetime import date

from therapyflows.governance.phi.detectors.known_words import AFTER, BEFORE, Known, KnownSearch
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import ChartIdentifiers, Detection, IdentifierType
from therapyflows.governance.phi.number_words import cardinal, ordinal, spoken_year

_GAP = r"[\s,./\-]{1,3}(?:the\s|of\s){0,2}"


class BirthDates:
    def __init__(self, identifiers: ChartIdentifiers) -> None:
        known = []
        for identifier in identifiers.of(IdentifierType.DATE):
            known += [Known(IdentifierType.DATE, identifier.key, form) for form in _forms(identifier.value)]
        self._search = KnownSearch(known)

    def detect(self, text: str) -> Iterator[Detection]:
        return self._search.detect(text)


def _forms(value: str) -> list[str]:
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        return [BEFORE + re.escape(fold(value).strip()) + AFTER]
    named = f"(?:{calendar.month_name[day.month].lower()}|{calendar.month_abbr[day.month].lower()}\\.?)"
    month, number = f"(?:{named}|0?{day.month})", _day(day.day)
    year = f"(?:{day.year}|'?{day.year % 100:02d}|{_spaced(spoken_year(day.year))})"
    orders = (
        month + _GAP + number + _GAP + year,
        number + _GAP + month + _GAP + year,
        year + _GAP + month + _GAP + number,
        named + _GAP + number,
        number + _GAP + named,
        f"{day:%Y%m%d}",
    )
    return [BEFORE + order + AFTER for order in orders]


def _day(day: int) -> str:
    return f"(?:0?{day}(?:st|nd|rd|th)?|{_spaced(ordinal(day))}|{_spaced(cardinal(day))})"


def _spaced(words: str) -> str:
    return words.replace(" ", r"[\s\-]+")
