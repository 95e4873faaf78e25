"""Is what the statement says anywhere in the source, and all in one place?"""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match

CARRIED = 0.75
HARDLY = 0.4
MOST_NAMED = 4


def check(match: Match) -> Finding:
    """How much of the statement no place carries, as a whole and by its weakest group of words."""
    terms, groups = match.claim.terms, match.groups
    weighty = [term for term in terms if term.section != "frame"]
    absent = [term for term in weighty if not match.hits(term)]
    clinical = [term for term in weighty if term.section in ("finding", "condition", "care")]
    supports = [group.support for group in groups]
    best = match.best.support if match.best else (0.0 if weighty else 1.0)
    measures = {
        "uncarried": 1 - best,
        "hardly_carried": max(0.6 - best, 0.0) / 0.6,
        "weakest_group": 1 - min(supports, default=1.0),
        "mean_group": 1 - (sum(supports) / len(supports) if supports else 1.0),
        "absent_share": len(absent) / len(weighty) if weighty else 0.0,
        "absent_any": min(len(absent), 3) / 3,
        "absent_clinical": float(any(not match.hits(term) for term in clinical)),
        "nothing_to_check": float(not weighty),
    }
    if best >= CARRIED or not absent:
        return Finding(measures)
    named = ", ".join(dict.fromkeys(term.surface for term in absent[:MOST_NAMED]))
    return Finding(measures, f"not found in the source: {named}", refutes=best < HARDLY)
