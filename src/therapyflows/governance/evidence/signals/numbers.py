"""Numbers, doses, durations and dates: each must stand in the source, with its unit, near what it is about."""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.quantities import Quantity, calendar_words, is_year, month_of
from therapyflows.governance.evidence.tokens import Kind
from therapyflows.governance.evidence.words import stem

DURATIONS, WEIGHED = ("minute", "hour", "day", "week", "month", "year"), ("mg", "mcg", "g", "ml")
NEAR = 2
"""Units around the best place in which a number counts as near."""


def check(match: Match) -> Finding:
    """Numbers that stand nowhere, stand elsewhere, or count something else; days and months that nobody named."""
    years = [quantity for quantity in match.claim.quantities if is_year(quantity)]
    graded = [(quantity, _distance(match, quantity)) for quantity in match.claim.quantities if quantity not in years]
    nowhere = [quantity for quantity, distance in graded if distance == 1.0]
    other = [quantity for quantity, distance in graded if distance > 0 and _counted_otherwise(match, quantity)]
    dates = [*_unnamed_dates(match), *(year.value for year in years if _distance(match, year) == 1.0)]
    measures = {
        "number_nowhere": float(bool(nowhere)),
        "number_other": float(bool(other)),
        "number_elsewhere": max((distance for _, distance in graded if distance < 1.0), default=0.0),
        "date_nowhere": float(bool(dates)),
    }
    if other:
        return Finding(
            measures, f"{_kind(other[0])}: the source says another one than {_named(other[0])}", refutes=True
        )
    if nowhere:
        return Finding(measures, f"{_kind(nowhere[0])}: not in the source: {_named(nowhere[0])}", refutes=True)
    if dates:
        return Finding(measures, f"date: not in the source: {dates[0]}", refutes=True)
    if measures["number_elsewhere"] >= 0.5:
        worst = max(graded, key=lambda pair: pair[1])[0]
        return Finding(measures, f"number: stands elsewhere in the source or counts something else: {worst.surface}")
    return Finding(measures)


def _unnamed_dates(match: Match) -> list[str]:
    """Weekdays, months and the like, also months of dates in digits, that the source does not name."""
    named = [token.word for token in match.claim.tokens if token.kind is Kind.WORD and token.word in calendar_words()]
    months = [month for token in match.claim.tokens if (month := month_of(token.word))]
    return [word for word in (*named, *months) if stem(word) not in match.source.mentions]


def _excludes(one: str, other: str) -> bool:
    """Whether two units are of one kind and not the same: ten days are not ten weeks."""
    return one != other and any(one in kind and other in kind for kind in (DURATIONS, WEIGHED))


def _kind(quantity: Quantity) -> str:
    return "dose" if quantity.unit in WEIGHED else "number"


def _named(quantity: Quantity) -> str:
    return f"{quantity.surface} {quantity.unit}".rstrip()


def _counted_otherwise(match: Match, wanted: Quantity) -> bool:
    """Whether the best place counts the same unit and gives it another number, or the number another unit."""
    place = match.best
    if place is None:
        return False
    around = 1 if wanted.unit else 0
    units = match.source.quantities[max(place.first - around, 0) : place.last + around + 1]
    near = [found for quantities in units for found in quantities]
    same_unit = [found.value for found in near if found.unit == wanted.unit]
    other_unit = any(found.value == wanted.value and _excludes(found.unit, wanted.unit) for found in near)
    return wanted.value not in same_unit and (bool(same_unit) or other_unit)


def _distance(match: Match, wanted: Quantity) -> float:
    """0 near with its unit, 0.1 near without one, 0.3 near with another, 0.5 elsewhere, 1 nowhere."""
    best = 1.0
    place = match.best
    for number, quantities in enumerate(match.source.quantities):
        near = place is not None and place.first - NEAR <= number <= place.last + NEAR
        for found in quantities:
            if found.value == wanted.value and not _excludes(found.unit, wanted.unit):
                same = wanted.unit == found.unit
                like = same or not wanted.unit or not found.unit
                best = min(best, (0.0 if same else 0.1 if like else 0.3) if near else (0.5 if like else 1.0))
    return best
