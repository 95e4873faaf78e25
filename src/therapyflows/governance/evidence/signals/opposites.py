"""Opposites: "constant" where the source says it comes and goes, "improved" where it got worse."""

from therapyflows.governance.evidence.claim import Term
from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.lexicon import opposites
from therapyflows.governance.evidence.matching import Group, Match

AROUND = 2


def check(match: Match) -> Finding:
    """A term that the source does not have near the best place, while it has what excludes it there."""
    wrong = [term.surface for group in match.groups for term in group.terms if _is_opposite(match, group, term)]
    if wrong:
        return Finding({"opposite": 1.0}, f"the source says the opposite of: {wrong[0]}", contradicts=True)
    return Finding({"opposite": 0.0})


def _is_opposite(match: Match, group: Group, term: Term) -> bool:
    """Whether the units that speak of the rest of the group (or the best place) have the opposite, not the term."""
    others = [other for other in group.terms if other is not term]
    near = {unit for other in others for unit in match.hits(other)}
    if not others and match.best:
        near = set(range(match.best.first - AROUND, match.best.last + AROUND + 1))
    against = {mention.unit for key in opposites().get(term.key, ()) for mention in match.source.mentions.get(key, ())}
    return bool(against & near) and near.isdisjoint(match.hits(term))
