"""What the statement denies must have been asked or denied; what it affirms must not have been denied."""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import ENOUGH, Group, Match
from therapyflows.governance.evidence.polarity import denials
from therapyflows.governance.evidence.prepared import AFFIRMED, ASKED, DENIED


def check(match: Match) -> Finding:
    """The worst of the statement's groups."""
    denied = [group for group in match.groups if group.is_denied]
    affirmed = [group for group in match.groups if not group.is_denied]
    never = [group for group in denied if not group.states]
    echoed = _is_echo(match)
    opposite = [group for group in denied if AFFIRMED in group.states and DENIED not in group.states and not echoed]
    refused = [group for group in affirmed if DENIED in group.states and AFFIRMED not in group.states and not echoed]
    doubtful = [group for group in affirmed if group.states and AFFIRMED not in group.states and group not in refused]
    measures = {
        "denies": float(bool(denied)),
        "denied_unmentioned": max((1 - group.support for group in never), default=0.0),
        "denied_core_missing": float(any(group.lacks_core(match) for group in denied)),
        "affirmed_core_missing": float(any(group.lacks_core(match) for group in affirmed)),
        "denied_but_affirmed": float(bool(opposite)),
        "denied_only_asked": float(any(group.states == {ASKED} for group in denied)),
        "affirmed_but_denied": float(bool(refused)),
        "affirmed_only_asked": float(bool(doubtful)),
        "finding_only_asked": float(any(_is_finding(group) for group in doubtful)),
        "refuted_share": (len(opposite) + len(refused)) / max(len(match.groups), 1),
    }
    return Finding(
        measures,
        _reason(never, opposite, refused, doubtful),
        contradicts=bool(opposite or refused),
        refutes=bool(opposite or refused),
    )


def _is_finding(group: Group) -> bool:
    """Whether the group states a finding as a fact; what the statement itself only considers is none."""
    return any(term.section in ("finding", "condition") and not term.is_hedged for term in group.terms)


def _is_echo(match: Match) -> bool:
    """Whether the statement repeats its place word for word with as many denials: then they reach as far."""
    place = match.best
    if place is None:
        return False
    here = range(place.first, place.last + 1)
    weighty = [term for term in match.claim.terms if term.section != "frame"]
    if not all(any(unit in here for unit in match.hits(term)) for term in weighty):
        return False
    return denials(match.claim.tokens) == sum(denials(match.source.units[unit].tokens) for unit in here) > 0


def _reason(never: list[Group], opposite: list[Group], refused: list[Group], asked: list[Group]) -> str | None:
    if opposite:
        return f"negation: the statement denies what the source affirms: {opposite[0].surface}"
    if refused:
        return f"negation: the statement affirms what the source denies: {refused[0].surface}"
    if never and never[0].support < ENOUGH:
        return f"negation: denied, but nobody asked about or denied it in the source: {never[0].surface}"
    if asked:
        return f"negation: stated as a fact, but only asked or considered in the source: {asked[0].surface}"
    return None
