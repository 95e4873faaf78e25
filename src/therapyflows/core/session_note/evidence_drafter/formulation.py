"""The assessment, as far as it follows from words: recurring themes, talk for and against change, plan goals
touched."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from therapyflows.core.chart import TreatmentPlan
from therapyflows.core.session_note.evidence_drafter.candidate import Candidate, choose
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, longest_verbatim, raw
from therapyflows.core.session_note.evidence_drafter.lexicon import load
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.reported import is_reportable
from therapyflows.core.session_note.evidence_drafter.salience import Salience, topics_in
from therapyflows.core.session_note.evidence_drafter.speech import Token, spans_of
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Span, Speaker
from therapyflows.governance.evidence.words import base_form, content_stems, stem

THEMES = 4
FEWEST_THEMES = 2
FEWEST_WORDS = 4
THEME_MENTIONS = 3
"""Clauses in which a word must come back to be a theme."""
GOAL_WORDS = 2
"""Content words that a clause must share with a goal of the plan to count as touching it."""


@lru_cache(maxsize=8)
def motivation(key: str) -> re.Pattern[str]:
    """A pattern of ``lexicon/motivation.yaml``."""
    return re.compile(rf"^(?:{load('motivation')[key].strip()})(?!\w)" if key in ("commitment", "restated") else
                      rf"\b(?:{load('motivation')[key].strip()})(?!\w)")  # fmt: skip


def themes(clauses: Sequence[Clause]) -> list[Candidate]:
    """One line that names the client's words that came back most, among those that matter clinically."""
    counts: Counter[str] = Counter()
    where: dict[str, tuple[Span, str, int]] = {}
    for clause in clauses:
        if clause.speaker is not Speaker.CLIENT:
            continue
        for word in {token.norm: token for token in clause.words}.values():
            key = stem(base_form(word.norm))
            if (
                len(word.norm) > 3
                and "'" not in word.norm
                and word.text.islower()
                and content_stems(word.norm)
                and topics_in(word.norm)
            ):
                counts[key] += 1
                where.setdefault(key, (spans_of([word])[0], word.text, clause.order))
    top = [where[key] for key, count in counts.most_common(THEMES) if count >= THEME_MENTIONS]
    if len(top) < FEWEST_THEMES:
        return []
    words = [f'"{text}"' for _, text, _ in top]
    listed = ", ".join(words[:-1]) + " and " + words[-1]
    return [
        Candidate(
            topic="theme",
            kind=StatementKind.OBSERVED,
            text=f"Recurring themes in the client's words: {listed}.",
            evidence=tuple(span for span, _, _ in top),
            score=5.0,
            order=-1,
            stems=frozenset({"theme"}),
        )
    ]


def change_talk(clauses: Sequence[Clause], salience: Salience, taken: Sequence[Candidate]) -> list[Candidate]:
    """A line each with what the client said for change, against it, and of how things have changed."""
    lines: list[Candidate] = []
    for key, frame in (
        ("for_change", "In favor of change, client said,"),
        ("against_change", "Against change, client said,"),
        ("course", "On what has changed, client said,"),
    ):
        quotes = [
            Candidate(
                topic="change_talk",
                kind=StatementKind.REPORTED,
                text=f'"{raw(tokens).rstrip(" ,;:.")}"',
                evidence=spans_of(tokens),
                score=salience.score(clause),
                order=clause.order,
                stems=frozenset(clause.stems),
            )
            for clause in clauses
            if (tokens := _voices(clause, key))
        ]
        best = choose(quotes, 2, taken=[*taken, *lines])
        if best:
            lines.append(_joined(frame, best))
    return lines


def _voices(clause: Clause, key: str) -> tuple[Token, ...]:
    """The words to quote when the client speaks for (or against) change here, else nothing."""
    if clause.speaker is not Speaker.CLIENT or not is_reportable(clause) or not stands_alone(clause):
        return ()
    tokens = longest_verbatim(clause, FEWEST_WORDS)
    text = " ".join(token.norm for token in tokens)
    other = {"for_change": "against_change", "against_change": "for_change"}.get(key)
    supposed = re.search(r"\bif (?:i|it|we)\b|\b(?:don't|didn't|not) (?:\w+ ){0,3}(?:feel|think|like|know) ", text)
    voiced = not supposed and motivation(key).search(text) and not (other and motivation(other).search(text))
    about = key == "course" or topics_in(text)
    return tokens if voiced and about and '"' not in raw(tokens) else ()


def _joined(frame: str, quotes: Sequence[Candidate]) -> Candidate:
    return Candidate(
        topic="change_talk",
        kind=StatementKind.REPORTED,
        text=f"{frame} {' and '.join(quote.text for quote in quotes)}.",
        evidence=tuple(span for quote in quotes for span in quote.evidence),
        score=4.0,
        order=quotes[0].order,
        stems=frozenset(stem for quote in quotes for stem in quote.stems),
    )


def goal_progress(clauses: Sequence[Clause], salience: Salience, plan: TreatmentPlan | None) -> list[Candidate]:
    """For each goal of the active plan that the client's words touch: the clause that touches it most."""
    found = []
    for goal in plan.goals if plan and plan.status == "Active" else ():
        wanted = frozenset(content_stems(" ".join((goal.text, *goal.objectives))))
        touching = [
            clause
            for clause in clauses
            if clause.speaker is Speaker.CLIENT
            and is_reportable(clause)
            and clause.verbatim
            and len(wanted & set(clause.stems)) >= min(GOAL_WORDS, len(wanted))
        ]
        if not touching or not wanted:
            continue
        best = max(touching, key=lambda clause: (len(wanted & set(clause.stems)), salience.score(clause)))
        found.append(
            Candidate(
                topic="progress",
                kind=StatementKind.REPORTED,
                text=f'Toward plan goal {goal.id}, client said, "{(best.verbatim or "").rstrip(" ,;:.")}".',
                evidence=spans_of(best.tokens),
                score=6.0,
                order=best.order,
                stems=frozenset(best.stems),
            )
        )
    return found
