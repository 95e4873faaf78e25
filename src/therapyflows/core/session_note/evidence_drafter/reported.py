"""What the client reports: their own clauses, retold in the third person or quoted."""

import re
from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import LONGEST, Clause
from therapyflows.core.session_note.evidence_drafter.inflect import third_singular
from therapyflows.core.session_note.evidence_drafter.lexicon import words_of
from therapyflows.core.session_note.evidence_drafter.readability import (
    is_garbled,
    is_jumbled,
    is_small_talk,
    sentence_case,
)
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import DISFLUENT, span_of, spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Span, Speaker

SHORTEST = 4
_DIRECT = words_of("want need hope feel worry wish plan")
"""Verbs with which the client is the subject of the sentence: "Client wants to ..."."""
_OPINION = re.compile(
    r"\b(?:think|believe|feel|want|know|hope|wish|need|care|love|hate|would|could|should|will|i'd|i'll|don't|can't)\b"
)
"""With these the clause is what the client holds, not what happened: "states", not "reports"."""
CONTEXT_WORDS = 34
"""Words of a quotation that takes the sentence before it along."""
_GOAL = re.compile(
    r"^(i want|i wanna|i'd like to|i'd love to|i would like to|i would love to|i hope|i need to|my goal|i'm hoping)\b"
)
_STARTS_WELL = re.compile(
    r"^(i|i'm|i've|i'd|i'll|my|when|if|sometimes|usually|lately|recently|every|every time|most of the time|now|"
    r"there's|there is|there was|it's|it|last|at night|at work|at home|at school|people|everyone|everybody|nobody)\b"
)
_FRAGMENT = words_of("to for with about in at on like from of by than or and being having going trying")
_HEDGED = re.compile(r"^(i guess|i suppose|i'd say)( that)?\b")


def reported(
    clauses: Sequence[Clause], salience: Salience, pronouns: Pronouns, proper: frozenset[str]
) -> list[Candidate]:
    """A candidate for every clause of the client that can stand alone."""
    found: list[Candidate] = []
    for clause in clauses:
        if clause.speaker is not Speaker.CLIENT or not is_reportable(clause):
            continue
        clear = stands_alone(clause)
        retold = _retold(clause, pronouns, proper) if clear else None
        whole = None if clear else _with_sentence_before(clause, clauses)
        text, bonus = (retold, 0.0) if retold else (_quoted(clause) if clear else whole and whole[0], -0.6)
        if text is None:
            continue
        if whole and found and found[-1].order == clause.order - 1:
            found.pop()
        found.append(
            Candidate(
                topic="goal" if _GOAL.match(" ".join(clause.norms)) else "reported",
                kind=StatementKind.REPORTED,
                text=text,
                evidence=whole[1] if whole else spans_of(clause.tokens),
                score=salience.score(clause) + bonus,
                order=clause.order,
                stems=frozenset() if whole else frozenset(clause.stems),
            )
        )
    return found


def is_reportable(clause: Clause) -> bool:
    """Long enough, finished, no question, no small talk, and not broken speech."""
    if not SHORTEST <= len(clause.words) <= LONGEST or clause.is_question or clause.broken or clause.ends_open:
        return False
    return len(set(clause.stems)) >= 2 and not is_garbled(clause) and not is_small_talk(clause)


def _retold(clause: Clause, pronouns: Pronouns, proper: frozenset[str]) -> str | None:
    """The clause as an indirect sentence, or None when it must be quoted."""
    text = " ".join(clause.norms)
    if not _STARTS_WELL.match(text):
        return None
    tokens = clause.tokens
    frame = "Client states that" if _OPINION.search(text) else "Client reports that"
    if hedge := _HEDGED.match(text):
        tokens, frame = tokens[len(hedge.group().split()) :], "Client thinks that"
        if len(tokens) < SHORTEST:
            return None
    told = retell(tokens, pronouns)
    if told is None:
        return None
    told = sentence_case(told, proper)
    return f"{_direct(told, pronouns) or f'{frame} {told}'}."


def _with_sentence_before(clause: Clause, clauses: Sequence[Clause]) -> tuple[str, tuple[Span, ...]] | None:
    """ "My sister. She comes over on Wednesdays": both in one quotation, when the source holds them in one piece."""
    before = clauses[clause.order - 1] if clause.order else None
    if before is None or before.turn.index != clause.turn.index or before.is_question or before.broken:
        return None
    first, last = before.tokens[0], clause.tokens[-1]
    quote = first.segment.text[first.start : last.end]
    if first.segment.id != last.segment.id or DISFLUENT.search(quote) or len(quote.split()) > CONTEXT_WORDS:
        return None
    if not stands_alone(before) or is_jumbled(before) or is_small_talk(before) or before.norms[0] in _FRAGMENT:
        return None
    return f'Client said, "{quote.rstrip(",;:. ")}".', (span_of(first.segment, first.start, last.end),)


def _direct(told: str, pronouns: Pronouns) -> str | None:
    """ "they want to quit" -> "Client wants to quit"."""
    subject, _, rest = told.partition(" ")
    verb, _, rest = rest.partition(" ")
    if subject != pronouns.subject or not rest:
        return None
    base = next((base for base in _DIRECT if verb in (base, third_singular(base))), None)
    if base is not None and not (base == "feel" and rest.startswith("like ")):
        return f"Client {third_singular(base)} {rest}"
    if verb == "would" and rest.startswith(("like to", "love to", "rather")):
        return f"Client would {rest}"
    return None


def _quoted(clause: Clause) -> str | None:
    """A frame around the client's own words, when they stand in one piece and are more than a fragment."""
    verbatim = clause.verbatim
    if clause.norms[0] in _FRAGMENT or (clause.norms[0] in ("just", "not") and clause.norms[1] in _FRAGMENT):
        return None
    return f'Client said, "{verbatim.rstrip(",;: ")}".' if verbatim else None
