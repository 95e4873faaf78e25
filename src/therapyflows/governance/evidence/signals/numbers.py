"""Numbers, doses, durations and dates: each must stand in the source, with its unit, near what it is about."""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.quantities import DOSE_UNITS, Quantity, calendar_words
from therapyflows.governance.evidence.tokens import Kind

NEAR = 2
"""Units around the best place in which a number counts as near."""


def check(match: Match) -> Finding:
    """Numbers that stand nowhere, stand elsewhere, or count something else; days and months that nobody named."""
    graded = [(quantity, _distance(match, quantity)) for quantity in match.claim.quantities]
    nowhere = [quantity for quantity, distance in graded if distance == 1.0]
    dates = [
        token.word
        for token in match.claim.tokens
        if token.kind is Kind.WORD and token.word in calendar_words() and token.stem not in match.source.mentions
    ]
    other = [quantity for quantity, distance in graded if distance > 0 and _counted_otherwise(match, quantity)]
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


def _kind(quantity: Quantity) -> str:
    return "dose" if quantity.unit in DOSE_UNITS else "number"


def _named(quantity: Quantity) -> str:
    return f"{quantity.surface} {quantity.unit}".rstrip()


def _counted_otherwise(match: Match, wanted: Quantity) -> bool:
    """Whether the best place counts the same unit and gives it another number."""
    place = match.best
    if place is None:
        return False
    near = match.source.quantities[max(place.first - 1, 0) : place.last + 2]
    same_unit = [found.value for quantities in near for found in quantities if found.unit == wanted.unit]
    return bool(same_unit) and wanted.value not in same_unit


def _distance(match: Match, wanted: Quantity) -> float:
    """0 near with its unit, 0.3 near, 0.5 elsewhere with its unit, 0.8 elsewhere, 1 nowhere."""
    best = 1.0
    place = match.best
    for number, quantities in enumerate(match.source.quantities):
        near = place is not None and place.first - NEAR <= number <= place.last + NEAR
        for found in quantities:
            if found.value == wanted.value:
                same = wanted.unit == found.unit
                like = same or not wanted.unit or not found.unit
                best = min(best, (0.0 if same else 0.1 if like else 0.3) if near else (0.5 if like else 0.8))
    return best
