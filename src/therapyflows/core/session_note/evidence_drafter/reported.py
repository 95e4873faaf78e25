"""What the client reports: their own clauses, retold in the third person or quoted."""

import re
from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import LONGEST, Clause
from therapyflows.core.session_note.evidence_drafter.inflect import third_singular
from therapyflows.core.session_note.evidence_drafter.lexicon import words_of
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled, is_small_talk, sentence_case
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Speaker

SHORTEST = 4
_DIRECT = words_of("want need hope feel like love hate enjoy think believe worry know wish plan")
"""Verbs with which the client is the subject of the sentence: "Client wants to ..."."""
_FRAMES = ("Client reports that", "Client states that", "Client shares that", "Client says that")
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
        retold = _retold(clause, pronouns, proper, len(found))
        text, bonus = (retold, 0.0) if retold else (_quoted(clause), -0.6)
        if text is None:
            continue
        found.append(
            Candidate(
                topic="goal" if _GOAL.match(" ".join(clause.norms)) else "reported",
                kind=StatementKind.REPORTED,
                text=text,
                evidence=spans_of(clause.tokens),
                score=salience.score(clause) + bonus,
                order=clause.order,
                stems=frozenset(clause.stems),
            )
        )
    return found


def is_reportable(clause: Clause) -> bool:
    """Long enough, finished, no question, no small talk, and not broken speech."""
    if not SHORTEST <= len(clause.words) <= LONGEST or clause.is_question or clause.broken or clause.ends_open:
        return False
    return len(set(clause.stems)) >= 2 and not is_garbled(clause) and not is_small_talk(clause)


def _retold(clause: Clause, pronouns: Pronouns, proper: frozenset[str], number: int) -> str | None:
    """The clause as an indirect sentence, or None when it must be quoted."""
    text = " ".join(clause.norms)
    if not _STARTS_WELL.match(text):
        return None
    tokens = clause.tokens
    frame = _FRAMES[number % len(_FRAMES)]
    if hedge := _HEDGED.match(text):
        tokens, frame = tokens[len(hedge.group().split()) :], "Client thinks that"
        if len(tokens) < SHORTEST:
            return None
    told = retell(tokens, pronouns)
    if told is None:
        return None
    told = sentence_case(told, proper)
    return f"{_direct(told, pronouns) or f'{frame} {told}'}."


def _direct(told: str, pronouns: Pronouns) -> str | None:
    """ "they want to quit" -> "Client wants to quit"."""
    subject, _, rest = told.partition(" ")
    verb, _, rest = rest.partition(" ")
    if subject != pronouns.subject or not rest:
        return None
    base = next((base for base in _DIRECT if verb in (base, third_singular(base))), None)
    if base is not None:
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
