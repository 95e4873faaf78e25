"""The plan: what the client said they will do, what the therapist proposed, and whether the client agreed."""

import re
from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, longest_verbatim, raw
from therapyflows.core.session_note.evidence_drafter.formulation import motivation
from therapyflows.core.session_note.evidence_drafter.lexicon import AGREEMENTS, words_of
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled, sentence_case
from therapyflows.core.session_note.evidence_drafter.reported import is_reportable
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token, span_of, spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Span, Speaker
from therapyflows.governance.evidence.words import content_stems

BEGINS_AT = 0.35
"""Plans are made in the later part of a session; earlier "I'll" is mostly habit or story."""
SHORTEST, LONGEST = 5, 34
"""Words of a proposal that is quoted."""
_AGREES = AGREEMENTS | words_of("sounds good great fine will i can do sure thing works for me would like deal")


def next_steps(
    clauses: Sequence[Clause], salience: Salience, pronouns: Pronouns, proper: frozenset[str]
) -> list[Candidate]:
    """Candidates for the plan, later ones weighing more."""
    found: list[Candidate] = []
    last = max((clause.order for clause in clauses), default=0) or 1
    for clause in clauses:
        place = clause.order / last
        if place < BEGINS_AT or (clause.is_question and clause.speaker is Speaker.CLIENT):
            continue
        score = salience.score(clause) + 3 * place
        if clause.speaker is Speaker.CLIENT and is_reportable(clause):
            found.extend(_commitment(clause, score, pronouns, proper))
        elif clause.speaker is Speaker.THERAPIST:
            found.extend(_proposal(clause, clauses, score))
    return found


def _commitment(clause: Clause, score: float, pronouns: Pronouns, proper: frozenset[str]) -> list[Candidate]:
    if not motivation("commitment").search(" ".join(clause.norms)):
        return []
    told = retell(clause.tokens, pronouns)
    if told:
        text = _intention(sentence_case(told, proper), pronouns)
    elif clause.verbatim:
        text = f'Client said, "{clause.verbatim.rstrip(" ,;:.")}".'
    else:
        return []
    return [Candidate("plan", StatementKind.PLAN, text, spans_of(clause.tokens), score, clause.order,
                      frozenset(clause.stems))]  # fmt: skip


def _intention(told: str, pronouns: Pronouns) -> str:
    """ "they will try" -> "Client will try"."""
    for verb, said in ((" will ", "will"), (" is going to ", "is going to"), (" are going to ", "is going to")):
        start = pronouns.subject + verb
        if told.startswith(start):
            return f"Client {said} {told[len(start) :]}."
    hedged = re.match(
        rf"{pronouns.subject} (?:thinks?|guess(?:es)?|suppose[s]?) (?:that )?(?={pronouns.subject} )", told
    )
    return f"Client thinks that {told[hedged.end() :]}." if hedged else f"Client says that {told}."


def _proposal(clause: Clause, clauses: Sequence[Clause], score: float) -> list[Candidate]:
    tokens = _proposed(clause)
    if not tokens:
        return []
    quote = raw(tokens).rstrip(" ,;:.")
    answer = _agreement(clause, clauses)
    said = f'; client answered "{answer.quote}"' if answer else ""
    return [
        Candidate(
            topic="plan",
            kind=StatementKind.PLAN,
            text=f'Therapist said, "{quote}"{said}.',
            evidence=spans_of(tokens) + ((answer,) if answer else ()),
            score=score + (0.8 if answer else 0.0) - 0.5,
            order=clause.order,
            stems=frozenset(clause.stems),
        )
    ]


def _proposed(clause: Clause) -> tuple[Token, ...]:
    """The part of the therapist's clause that proposes something and can be quoted; nothing when there is none."""
    if clause.broken or clause.ends_open or is_garbled(clause):
        return ()
    tokens = longest_verbatim(clause, SHORTEST)
    words = [token.norm for token in tokens if token.kind is Kind.WORD]
    text = " ".join(words)
    if not words or len(words) > LONGEST or '"' in raw(tokens) or not motivation("proposal").search(text):
        return ()
    if motivation("no_proposal").search(text):
        return ()
    asks = clause.is_question and not motivation("asked_proposal").search(text)
    return () if asks or len(set(content_stems(text))) < 2 else tokens


def _agreement(clause: Clause, clauses: Sequence[Clause]) -> Span | None:
    """The client's agreement when it is the next thing that is said."""
    following = [
        other for other in clauses[clause.order + 1 : clause.order + 4] if other.turn.index != clause.turn.index
    ]
    between = [other for other in clauses[clause.order + 1 : clause.order + 4] if other.turn.index == clause.turn.index]
    if not following or len(between) > 1 or following[0].speaker is not Speaker.CLIENT:
        return None
    reply = following[0]
    if len(reply.words) > 5 or not set(reply.norms) <= _AGREES or reply.is_question:
        return None
    segment = reply.tokens[0].segment
    quote = segment.text[reply.tokens[0].start : reply.tokens[-1].end].rstrip(" ,;:.")
    return span_of(segment, reply.tokens[0].start, reply.tokens[0].start + len(quote))
