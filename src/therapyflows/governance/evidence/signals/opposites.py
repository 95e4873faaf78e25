"""Opposites: "constant" where the source says it comes and goes, "improved" where it got worse."""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.lexicon import opposites
from therapyflows.governance.evidence.matching import Match

AROUND = 2


def check(match: Match) -> Finding:
    """A term that the source does not have near the best place, while it has what excludes it there."""
    place = match.best
    near = range(place.first - AROUND, place.last + AROUND + 1) if place else range(0)
    wrong = [
        term.surface
        for term in match.claim.terms
        if not any(unit in near for unit in match.hits(term))
        and any(
            mention.unit in near
            for other in opposites().get(term.key, ())
            for mention in match.source.mentions.get(other, ())
        )
    ]
    if wrong:
        return Finding({"opposite": 1.0}, f"the source says the opposite of: {wrong[0]}", contradicts=True)
    return Finding({"opposite": 0.0})
