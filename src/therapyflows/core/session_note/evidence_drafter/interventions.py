"""What the therapist did in the session, shown by their own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, longest_verbatim, raw
from therapyflows.core.session_note.evidence_drafter.lexicon import load, words_of
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled
from therapyflows.core.session_note.evidence_drafter.salience import Salience, topics_in
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token, spans_of
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Speaker
from therapyflows.governance.evidence.words import content_stems

SHORTEST, LONGEST = 5, 24
_FRAGMENT = words_of("as that than about of to with whatever which from like or being")
QUOTES = 2
"""Quotations per line: enough to show it, short enough to read."""


@dataclass(frozen=True, slots=True)
class Intervention:
    key: str
    frame: str
    weight: float
    pattern: re.Pattern[str]
    about: bool
    """Whether the words must name a clinical topic."""
    asks: bool | None
    """True: only questions count; False: no questions; None: both."""

    def shows_in(self, clause: Clause, text: str) -> bool:
        return (
            self.asks in (None, clause.is_question)
            and bool(self.pattern.search(text))
            and (not self.about or bool(topics_in(text)))
        )


@lru_cache(maxsize=1)
def _known() -> tuple[Intervention, ...]:
    return tuple(
        Intervention(
            key,
            data["frame"],
            float(data["weight"]),
            re.compile(rf"(?<![\w'])(?:{data['match']})(?!\w)"),
            bool(data.get("about")),
            data.get("asks"),
        )
        for key, data in load("interventions")["interventions"].items()
    )


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A clause of the therapist and the part of it that can be quoted."""

    clause: Clause
    tokens: tuple[Token, ...]
    score: float

    @property
    def text(self) -> str:
        return " ".join(token.norm for token in self.tokens if token.kind is Kind.WORD)


def interventions(clauses: Sequence[Clause], salience: Salience, taken: Sequence[Candidate]) -> list[Candidate]:
    """At most one candidate per kind of intervention, with its best quotations; none that ``taken`` lines quote
    already."""
    cited = {span for line in taken for span in line.evidence}
    spoken = [
        said for clause in clauses if (said := _quotable(clause, salience)) and not cited & set(spans_of(said.tokens))
    ]
    found: list[Candidate] = []
    used: set[int] = set()
    for known in _known():
        shown = [said for said in spoken if said.clause.order not in used and known.shows_in(said.clause, said.text)]
        best = _different(sorted(shown, key=lambda said: (-said.score, said.clause.order)))
        if best:
            used.update(said.clause.order for said in best)
            found.append(_line(known, best))
    return found


def _quotable(clause: Clause, salience: Salience) -> _Spoken | None:
    if clause.speaker is not Speaker.THERAPIST or clause.broken or clause.ends_open or is_garbled(clause):
        return None
    tokens = longest_verbatim(clause, SHORTEST)
    words = [token for token in tokens if token.kind is Kind.WORD]
    if (
        not words
        or words[0].norm in _FRAGMENT
        or tokens[-1] not in clause.tokens[-3:]
        or len(words) > LONGEST
        or '"' in raw(tokens)
        or len(set(content_stems(raw(tokens)))) < 2
    ):
        return None
    return _Spoken(clause, tokens, salience.score(clause))


def _different(ranked: Sequence[_Spoken]) -> list[_Spoken]:
    """The first ones that do not repeat each other, in the order of the session."""
    chosen: list[_Spoken] = []
    for said in ranked:
        if len(chosen) < QUOTES and not any(set(said.clause.stems) & set(other.clause.stems) for other in chosen):
            chosen.append(said)
    return sorted(chosen, key=lambda said: said.clause.order)


def _line(known: Intervention, quoted: Sequence[_Spoken]) -> Candidate:
    quotes = " and ".join(f'"{raw(said.tokens).rstrip(" ,;:.")}"' for said in quoted)
    joiner = ", " if known.frame.endswith(("asked", "reflected", "advised")) else ": "
    return Candidate(
        topic="intervention",
        kind=StatementKind.OBSERVED,
        text=f"{known.frame}{joiner}{quotes}.",
        evidence=tuple(span for said in quoted for span in spans_of(said.tokens)),
        score=known.weight + 0.3 * max(said.score for said in quoted),
        order=quoted[0].clause.order,
        stems=frozenset(stem for said in quoted for stem in said.clause.stems),
    )
