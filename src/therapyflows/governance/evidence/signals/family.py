"""Relatives: what is said of the mother must not have been said of the sister, or of the client."""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.lexicon import load
from therapyflows.governance.evidence.matching import Match

AROUND = 3
"""Units around the best place in which the relative must be named."""


def check(match: Match) -> Finding:
    """A relative that nobody named, or not where the rest of the statement stands while another one is."""
    named = [term for term in match.claim.terms if term.section == "kin"]
    nowhere = [term for term in named if not _units(match, term.key)]
    elsewhere = [term for term in named if term not in nowhere and _is_elsewhere(match, term.key)]
    dropped = not named and _only_of_relatives(match)
    measures = {
        "relative_nowhere": float(bool(nowhere)),
        "relative_elsewhere": float(bool(elsewhere)),
        "relative_dropped": float(dropped),
    }
    if nowhere:
        return Finding(measures, f"family member: not named in the source: {nowhere[0].surface}", refutes=True)
    if elsewhere:
        return Finding(
            measures, f"family member: the source says it of somebody else than: {elsewhere[0].surface}", refutes=True
        )
    return Finding(measures, "family member: the source says it of a relative" if dropped else None)


def _units(match: Match, key: str) -> set[int]:
    """Units that name this relative, or the pair it belongs to (wife, spouse)."""
    name = key.removeprefix("k:")
    keys = [key, *(f"k:{other}" for other in load("people_sides_numbers")["kin_group"].get(name, ()))]
    return {mention.unit for one in keys for mention in match.source.mentions.get(one, ())}


def _others(match: Match) -> set[int]:
    return {mention.unit for key, places in match.source.mentions.items() if key.startswith("k:") for mention in places}


def _is_elsewhere(match: Match, key: str) -> bool:
    rest = [term for term in match.claim.terms if term.section not in ("kin", "frame")]
    place = match.place(rest) if rest else None
    if place is None:
        return False
    around = set(range(place.first - AROUND, place.last + AROUND + 1))
    return not (_units(match, key) & around) and bool(_others(match) & around)


def _only_of_relatives(match: Match) -> bool:
    """Whether every unit that speaks of the statement's findings names a relative."""
    findings = [term for term in match.claim.terms if term.section in ("finding", "condition")]
    units = {unit for term in findings for unit in match.hits(term)}
    return bool(units) and units <= _others(match)
