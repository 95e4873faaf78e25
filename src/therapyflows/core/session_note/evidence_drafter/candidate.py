"""A line that could stand in the note, before the choice is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Span
from therapyflows.governance.evidence.words import claim_stems


@dataclass(frozen=True, slots=True)
class Candidate:
    topic: str
    """Where the template files it: ``reported``, ``intervention``, ``plan``, ..."""
    kind: StatementKind
    text: str
    evidence: tuple[Span, ...]
    score: float
    order: int
    """Place in the session; lines of a section keep the order in which things were said."""
    stems: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.stems:
            object.__setattr__(self, "stems", claim_stems(self.text))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Overlap of two sets of stems against the smaller one: a part of a longer line counts as the same."""
    if not one or not other:
        return 0.0
    return len(one & other) / min(len(one), len(other))


def choose(candidates: Sequence[Candidate], limit: int, *, taken: Sequence[Candidate] = ()) -> list[Candidate]:
    """The best ``limit`` candidates without repetition (maximal marginal relevance), in the order of the session.

    ``taken`` are lines that stand in the note already and must not be said again.
    """
    chosen: list[Candidate] = []
    rest = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.order))
    penalty = {id(candidate): _closest(candidate, taken) for candidate in rest}
    while rest and len(chosen) < limit:
        best = max(rest, key=lambda candidate: candidate.score * (1 - 0.7 * penalty[id(candidate)]))
        rest.remove(best)
        if penalty[id(best)] >= REPEATS:
            continue
        chosen.append(best)
        for candidate in rest:
            penalty[id(candidate)] = max(penalty[id(candidate)], similarity(candidate.stems, best.stems))
    return sorted(chosen, key=lambda candidate: candidate.order)


REPEATS = 0.67
"""From this overlap of content words on, a line says again what another one said."""


def _closest(candidate: Candidate, taken: Sequence[Candidate]) -> float:
    return max((similarity(candidate.stems, other.stems) for other in taken), default=0.0)
