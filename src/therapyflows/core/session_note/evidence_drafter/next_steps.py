"""The plan: what the client said they will do, what the therapist proposed, and whether the client agreed."""

import re
from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.answers import full_answer
from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, as_said, longest_verbatim, raw
from therapyflows.core.session_note.evidence_drafter.formulation import motivation
from therapyflows.core.session_note.evidence_drafter.lexicon import AGREEMENTS, words_of
from therapyflows.core.session_note.evidence_drafter.questions import bare
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled, is_small_talk, sentence_case
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.reported import is_reportable
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token, spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Span, Speaker
from therapyflows.governance.evidence.words import content_stems

BEGINS_AT = 0.3
"""Plans are made in the later part of a session; earlier "I'll" is mostly habit or story."""
SHORTEST, LONGEST = 5, 34
"""Words of a proposal that is quoted."""
_FRAGMENT = words_of("that and to of with as which than when")
UNDERSTOOD = 9
"""A commitment of so many words says enough even with an "it" in it."""
_OPEN = words_of("what what's how when where which")
BETWEEN = 2
"""Clauses that may stand between a proposal and the end of its turn: "Would you be willing to try that?"."""
LONGEST_REPLY = 16
_DECLINES = re.compile(r"\b(?:no|nope|not|never|\w+n['’]t|maybe|but)\b", re.IGNORECASE)
_YES = words_of("yes yeah yep sure okay ok absolutely definitely alright")
_AGREES = AGREEMENTS | words_of(
    "sounds good great fine will i can do sure thing works for me would like deal be that could love willing idea a "
    "nice helpful perfect all right alright well"
)


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
            found.extend(_commitment(clause, clauses, score, pronouns, proper))
        elif clause.speaker is Speaker.THERAPIST:
            found.extend(_restated(clause, clauses, score, pronouns) or _proposal(clause, clauses, score))
    return found


def _commitment(
    clause: Clause, clauses: Sequence[Clause], score: float, pronouns: Pronouns, proper: frozenset[str]
) -> list[Candidate]:
    if not motivation("commitment").search(" ".join(clause.norms)):
        return []
    if not stands_alone(clause) and len(clause.words) < UNDERSTOOD:
        return _answering(clause, clauses, score)
    told = retell(clause.tokens, pronouns)
    if told:
        text = _intention(sentence_case(told, proper), pronouns)
    elif clause.verbatim:
        text = f'Client said, "{clause.verbatim.rstrip(" ,;:.")}".'
    else:
        return []
    return [Candidate("plan", StatementKind.PLAN, text, spans_of(clause.tokens), score, clause.order,
                      frozenset(clause.stems))]  # fmt: skip


def _answering(clause: Clause, clauses: Sequence[Clause], score: float) -> list[Candidate]:
    """ "I'll definitely read it" with the therapist's sentence that it answers; nothing when there is none."""
    before = clauses[clause.order - 1] if clause.order else None
    if before is None or before.speaker is not Speaker.THERAPIST or is_garbled(before) or before.broken:
        return []
    said, reply = as_said(before), as_said(clause)
    if not said or not reply or not stands_alone(before) or not 4 <= len(before.words) <= LONGEST:
        return []
    text = f'Therapist said, "{bare(said.quote)}"; client answered, "{bare(reply.quote)}".'
    stems = frozenset(before.stems) | frozenset(clause.stems)
    return [Candidate("plan", StatementKind.PLAN, text, (said, reply), score, clause.order, stems)]


def _intention(told: str, pronouns: Pronouns) -> str:
    """ "they will try" -> "Client will try"."""
    for verb, said in ((" will ", "will"), (" is going to ", "is going to"), (" are going to ", "is going to")):
        start = pronouns.subject + verb
        if told.startswith(start):
            return f"Client {said} {told[len(start) :]}."
    hedged = re.match(
        rf"{pronouns.subject} (?:thinks?|guess(?:es)?|suppose[s]?) (?:that )?(?={pronouns.subject} )", told
    )
    return f"Client thinks that {told[hedged.end() :]}." if hedged else f"Client states that {told}."


def _proposal(clause: Clause, clauses: Sequence[Clause], score: float) -> list[Candidate]:
    tokens = _proposed(clause)
    if not tokens:
        return []
    quote = raw(tokens).rstrip(" ,;:.")
    answer, agrees = _reply(clause, clauses)
    if answer and not agrees and _DECLINES.search(answer.quote):
        return []
    if not agrees and not (motivation("proposal").search(" ".join(clause.norms)) and stands_alone(clause)):
        return []
    verb = "agreed" if agrees else "answered"
    did = "asked" if clause.is_question and clause.norms[0] in _OPEN else "proposed"
    said = f'; client {verb}, "{bare(answer.quote)}"' if answer else ""
    return [
        Candidate(
            topic="plan",
            kind=StatementKind.PLAN,
            text=f'Therapist {did}, "{quote}"{said}.',
            evidence=spans_of(tokens) + ((answer,) if answer else ()),
            score=score + (1.2 if agrees else 0.6 if answer else 0.0) - 0.5,
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
    if not words or tokens[-1] not in clause.tokens[-3:] or words[0] in _FRAGMENT:
        return ()
    if (
        len(words) > LONGEST
        or '"' in raw(tokens)
        or not (motivation("proposal").search(text) or motivation("suggestion").search(text))
    ):
        return ()
    if motivation("no_proposal").search(text):
        return ()
    asks = clause.is_question and not motivation("asked_proposal").search(text)
    return () if asks or len(set(content_stems(text))) < 2 else tokens


def _reply(clause: Clause, clauses: Sequence[Clause]) -> tuple[Span | None, bool]:
    """What the client answers when theirs is the next turn, and whether its first words agree."""
    later = clauses[clause.order + 1 :]
    rest = next((index for index, other in enumerate(later) if other.turn.index != clause.turn.index), None)
    if rest is None or rest > BETWEEN or later[rest].speaker is not Speaker.CLIENT:
        return None, False
    reply = [other for other in later[rest : rest + 4] if other.turn.index == later[rest].turn.index]
    first = reply[0]
    if is_small_talk(first) and not set(first.norms) <= _AGREES:
        return None, False
    agrees = len(first.words) <= 7 and set(first.norms) <= _AGREES and not first.is_question
    return full_answer(reply, LONGEST_REPLY), agrees or first.opener in _YES


def _restated(clause: Clause, clauses: Sequence[Clause], score: float, pronouns: Pronouns) -> list[Candidate]:
    """What the therapist says the client is going to do, when the client agrees to it."""
    if clause.broken or clause.ends_open or is_garbled(clause) or not 4 <= len(clause.words) <= LONGEST:
        return []
    found = motivation("restated").search(" ".join(clause.norms))
    answer, agrees = _reply(clause, clauses) if found else (None, False)
    if found is None or answer is None or not agrees or not stands_alone(clause):
        return []
    first = clause.words[len(found["lead"].split())]
    told = retell(clause.tokens[list(clause.tokens).index(first) :], pronouns, me="you")
    if told is None or len(set(clause.stems)) < 2:
        return []
    text = f'Therapist summarized that {told}; client agreed, "{bare(answer.quote)}".'
    return [Candidate("plan", StatementKind.PLAN, text, (*spans_of(clause.tokens), answer), score + 1.0, clause.order,
                      frozenset(clause.stems))]  # fmt: skip
