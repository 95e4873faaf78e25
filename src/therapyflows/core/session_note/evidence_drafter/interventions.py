"""What the therapist did in the session, shown by their own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.lexicon import load
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import spans_of
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Speaker

SHORTEST, LONGEST = 5, 24
QUOTES = 2
"""Quotations per line: enough to show it, short enough to read."""


@dataclass(frozen=True, slots=True)
class Intervention:
    key: str
    frame: str
    weight: float
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def _known() -> tuple[Intervention, ...]:
    return tuple(
        Intervention(key, data["frame"], float(data["weight"]), re.compile(rf"\b(?:{data['match']})(?!\w)"))
        for key, data in load("interventions")["interventions"].items()
    )


def interventions(clauses: Sequence[Clause], salience: Salience) -> list[Candidate]:
    """At most one candidate per kind of intervention, with its best quotations."""
    found: list[Candidate] = []
    used: set[int] = set()
    spoken = [clause for clause in clauses if clause.speaker is Speaker.THERAPIST and _is_quotable(clause)]
    for known in _known():
        shown = [
            clause for clause in spoken if clause.order not in used and known.pattern.search(" ".join(clause.norms))
        ]
        best = _different(sorted(shown, key=lambda clause: (-salience.score(clause), clause.order)))
        if not best:
            continue
        used.update(clause.order for clause in best)
        found.append(_line(known, best, max(salience.score(clause) for clause in best)))
    return found


def _is_quotable(clause: Clause) -> bool:
    return (
        SHORTEST <= len(clause.words) <= LONGEST
        and not clause.broken
        and not clause.ends_open
        and len(set(clause.stems)) >= 2
        and clause.verbatim is not None
        and not is_garbled(clause)
    )


def _different(ranked: Sequence[Clause]) -> list[Clause]:
    """The first ones that do not repeat each other, in the order of the session."""
    chosen: list[Clause] = []
    for clause in ranked:
        if len(chosen) < QUOTES and not any(set(clause.stems) & set(other.stems) for other in chosen):
            chosen.append(clause)
    return sorted(chosen, key=lambda clause: clause.order)


def _line(known: Intervention, clauses: Sequence[Clause], salience: float) -> Candidate:
    quotes = " and ".join(f'"{(clause.verbatim or "").rstrip(" ,;:.")}"' for clause in clauses)
    joiner = ", " if known.frame.endswith("asked") else ": "
    return Candidate(
        topic="intervention",
        kind=StatementKind.OBSERVED,
        text=f"{known.frame}{joiner}{quotes}.",
        evidence=tuple(span for clause in clauses for span in spans_of(clause.tokens)),
        score=known.weight + 0.3 * salience,
        order=clauses[0].order,
        stems=frozenset(stem for clause in clauses for stem in clause.stems),
    )
