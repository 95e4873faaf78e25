"""Short answers that make sense only with the therapist's words: question and answer, reflection and agreement."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from therapyflows.core.session_note.evidence_drafter.answers import says_nothing, short_answer
from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.formulation import motivation
from therapyflows.core.session_note.evidence_drafter.lexicon import AGREEMENTS
from therapyflows.core.session_note.evidence_drafter.questions import asked, asks_nothing, bare, is_complete
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled, sentence_case
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import Token, spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Speaker

_REFLECTION = re.compile(
    r"^(?:so |and |but )?(?:(?:it|that|what it) )?(?:sounds?|seems?|looks?)(?: to me)? like (?:that )?"
    r"|^(?:so )?(?:i hear|i'm hearing)(?: you saying)? that "
)


@dataclass(frozen=True, slots=True)
class Adjacent:
    """The therapist's turn and the client's turn right after it."""

    turn: tuple[Clause, ...]
    answer: tuple[Clause, ...]

    @property
    def prompt(self) -> Clause:
        """The last clause of the therapist's turn."""
        return self.turn[-1]


def adjacent(clauses: Sequence[Clause]) -> Iterator[Adjacent]:
    """Every place where the client's turn follows the therapist's."""
    turns = [tuple(group) for _, group in groupby(clauses, key=lambda clause: clause.turn.index)]
    for before, after in pairwise(turns):
        speakers = before[0].speaker, after[0].speaker
        if speakers == (Speaker.THERAPIST, Speaker.CLIENT) and after[0].turn.index == before[0].turn.index + 1:
            yield Adjacent(before, after)


def answered(
    clauses: Sequence[Clause], salience: Salience, pronouns: Pronouns, proper: frozenset[str]
) -> list[Candidate]:
    """Questions with a short answer: "Asked whether they ..., client answered "...".\""""
    found = []
    for pair in adjacent(clauses):
        question = pair.prompt
        if not is_complete(question) or asks_nothing(question) or not stands_alone(question):
            continue
        answer = short_answer(pair.answer)
        prompt = asked(question, pronouns, proper) if answer else None
        if answer is None or says_nothing(answer) or prompt is None or len(set(question.stems)) < 1:
            continue
        plans = bool(motivation("planning_question").search(" ".join(question.norms)))
        found.append(
            Candidate(
                topic="plan" if plans else "reported",
                kind=StatementKind.PLAN if plans else StatementKind.REPORTED,
                text=f'{prompt}, client answered "{bare(answer.quote)}".',
                evidence=(*spans_of(question.tokens), answer),
                score=0.75 * salience.score(question) + 0.1 * len(answer.quote.split()) - 0.4,
                order=pair.answer[0].order,
                stems=frozenset(question.stems) | frozenset(pair.answer[0].stems),
            )
        )
    return found


def confirmed(
    clauses: Sequence[Clause], salience: Salience, pronouns: Pronouns, proper: frozenset[str]
) -> list[Candidate]:
    """What the therapist reflected and the client agreed to, told as exactly that."""
    found = []
    for pair in adjacent(clauses):
        answer = pair.answer[0]
        if pair.prompt.ends_open or is_garbled(pair.prompt) or not _agrees(pair.answer):
            continue
        told = _reflected(pair.prompt, pronouns)
        agreement = answer.verbatim
        if told is None or agreement is None or len(set(pair.prompt.stems)) < 3:
            continue
        found.append(
            Candidate(
                topic="response",
                kind=StatementKind.OBSERVED,
                text=f'Therapist reflected that {sentence_case(told, proper)}; client answered "{bare(agreement)}".',
                evidence=(*spans_of(pair.prompt.tokens), *spans_of(answer.tokens)),
                score=salience.score(pair.prompt) + 0.5,
                order=answer.order,
                stems=frozenset(pair.prompt.stems),
            )
        )
    return found


def _agrees(answer: Sequence[Clause]) -> bool:
    """Whether the client's first words are nothing but agreement, and no "but" follows."""
    first = answer[0].norms
    if len(first) > 4 or not set(first) <= AGREEMENTS or answer[0].is_question:
        return False
    return len(answer) < 2 or answer[1].opener not in ("but", "no", "well")


def _reflected(clause: Clause, pronouns: Pronouns) -> str | None:
    """The reflection in the third person; None when it does not speak of the client."""
    if not 5 <= len(clause.words) <= 28:
        return None
    text = " ".join(clause.norms)
    lead = _REFLECTION.match(text + " ")
    skip = len(lead.group().split()) if lead else 0
    words = clause.words[skip:]
    if not words or words[0].norm not in ("you", "you're", "you've", "your", "you'd", "you'll"):
        return None
    return retell(_from(clause.tokens, words[0]), pronouns, me="you")


def _from(tokens: Sequence[Token], first: Token) -> list[Token]:
    return list(tokens[list(tokens).index(first) :])
