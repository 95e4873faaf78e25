"""Left, right, both: the side of a body part must be the one of the source."""

from collections.abc import Iterator, Sequence

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.lexicon import word_groups, word_set
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.terms import keys_in, section_of
from therapyflows.governance.evidence.tokens import Kind, Token

REACH = 5
"""Words between a side and what it is the side of."""
AROUND = 4
OTHER_NEAR = 0.6
"""What it counts when the other side is named around there, but not of the same body part."""


def check(match: Match) -> Finding:
    """The source gives the body part another side, or no side at all."""
    conflicts, unsaid, others = [], [], []
    for side, part in sides(match.claim.tokens):
        heard = _heard(match, part, near=True) or _heard(match, part, near=False)
        if heard and not _agree(side, heard):
            conflicts.append(f"{side} {part.removeprefix('c:')}")
        elif not heard and _other_side_near(match, side):
            others.append(f"{side} {part.removeprefix('c:')}")
        elif not heard and not _anywhere(match, side):
            unsaid.append(f"{side} {part.removeprefix('c:')}")
    measures = {
        "side_conflict": 1.0 if conflicts else OTHER_NEAR if others else 0.0,
        "side_unsaid": float(bool(unsaid)),
    }
    conflicts = conflicts or others
    if conflicts:
        return Finding(
            measures, f"laterality: the source names another side: {conflicts[0]}", contradicts=True, refutes=True
        )
    return Finding(measures, f"laterality: no side in the source: {unsaid[0]}" if unsaid else None)


def _agree(side: str, heard: set[str]) -> bool:
    return side in heard or "both" in heard or (side == "both" and {"left", "right"} <= heard)


def sides(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Every side in a text with the key of its body part, or "side" when it stands alone."""
    names, nouns = word_groups("people_sides_numbers", "sides"), word_set("people_sides_numbers", "side_nouns")
    parts = {found.first: found.key for found in keys_in(tokens) if section_of().get(found.key) == "body"}
    for at, token in enumerate(tokens):
        side = names.get(token.word) if token.kind is Kind.WORD else None
        if side is None:
            continue
        after = next((parts[near] for near in range(at + 1, at + 1 + REACH) if near in parts), None)
        before = next((parts[near] for near in range(at - 1, at - 1 - REACH, -1) if near in parts), None)
        follows = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if after or (before and (follows in nouns or tokens[at - 1].word in ("the", "on", "my", "your"))):
            yield side, after or before or ""
        elif follows in nouns:
            yield side, "side"


def _heard(match: Match, part: str, *, near: bool) -> set[str]:
    """Sides that the source gives this body part, around the best place or anywhere."""
    place = match.best
    if near and place is None:
        return set()
    units = range(place.first - AROUND, place.last + AROUND + 1) if near and place else None
    return {side for unit, side, of in _sides_of_source(match) if of == part and (units is None or unit in units)}


def _other_side_near(match: Match, side: str) -> bool:
    """Whether around the best place only the other side is named, whatever of."""
    place = match.best
    near = {other for unit, other, _ in _sides_of_source(match) if place and abs(unit - place.first) <= AROUND}
    return bool(near) and not _agree(side, near)


def _sides_of_source(match: Match) -> Sequence[tuple[int, str, str]]:
    """Unit, side and body part of every side in the source."""
    units = match.source.units
    return match.source.once(
        "sides", lambda: [(n, side, part) for n, unit in enumerate(units) for side, part in sides(unit.tokens)]
    )


def _anywhere(match: Match, side: str) -> bool:
    return any(_agree(side, {other}) for _, other, _ in _sides_of_source(match))
