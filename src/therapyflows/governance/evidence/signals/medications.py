"""Medications: a drug must be named in the source, under any of its names, or at least its class."""

from collections.abc import Iterator, Sequence

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.quantities import DOSE_UNITS, quantities
from therapyflows.governance.evidence.terms import keys_in
from therapyflows.governance.evidence.tokens import Token

REACH = 6
"""Words after a drug in which its dose stands."""


def check(match: Match) -> Finding:
    """Drugs that nobody named, and doses that the source does not give the drug."""
    absent = [term for term in match.claim.terms if term.section == "drug" and not match.hits(term)]
    doses = [dose for drug, dose in _doses(match.claim.tokens) if _other_dose(match, drug, dose)]
    measures = {"drug_nowhere": float(bool(absent)), "dose_other": float(bool(doses))}
    if doses:
        return Finding(measures, f"dose: the source gives this medication another dose than {doses[0]}", refutes=True)
    if absent:
        return Finding(measures, f"medication: not named in the source: {absent[0].surface}", refutes=True)
    return Finding(measures)


def _doses(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Every drug with the numbers that follow it: "lisinopril 20 mg"."""
    numbers = {quantity.at: quantity.value for quantity in quantities(tokens) if quantity.unit in DOSE_UNITS}
    for found in keys_in(tokens):
        if found.key.startswith("d:"):
            near = (numbers[at] for at in range(found.end, found.end + REACH) if at in numbers)
            yield from ((found.key, value) for value in near)


def _other_dose(match: Match, drug: str, dose: str) -> bool:
    """Whether the source gives the drug a dose, but not this one."""
    units = match.source.units
    known = match.source.once("doses", lambda: [pair for unit in units for pair in _doses(unit.tokens)])
    heard = {value for name, value in known if name == drug}
    return bool(heard) and dose not in heard
