"""What the therapist asked about sleep, medication, substances, homework ... and what the client answered, in one line.

Either half alone says little: "Yes, fifty milligrams" or "Any side effects?".  The areas are data
(``lexicon/inquiries.yaml``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.core.session_note.evidence_drafter.answers import full_answer, says_nothing
from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause, as_said
from therapyflows.core.session_note.evidence_drafter.exchanges import Adjacent, adjacent
from therapyflows.core.session_note.evidence_drafter.lexicon import load
from therapyflows.core.session_note.evidence_drafter.questions import (
    asked,
    asks_nothing,
    bare,
    in_context,
    is_complete,
    question_part,
)
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.speech import spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Span
from therapyflows.governance.evidence.words import content_stems

LOOK_BACK = 3
"""Clauses of the therapist's turn, from its end, in which the question is sought."""
LONGEST_LINE = 58


@dataclass(frozen=True, slots=True)
class Inquiry:
    key: str
    pattern: re.Pattern[str]
    weight: float
    topic: str
    needs_amount: bool
    follows: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question and its answer, not yet worded."""

    inquiry: Inquiry
    turn: tuple[Clause, ...]
    question: Clause
    answer: Span
    order: int


@lru_cache(maxsize=1)
def inquiries() -> tuple[Inquiry, ...]:
    """The areas of ``lexicon/inquiries.yaml``, the most telling first."""
    return tuple(
        Inquiry(
            key,
            re.compile(rf"(?<![\w'])(?:{data['match']})(?!\w)"),
            float(data["weight"]),
            data.get("topic", "reported"),
            data.get("needs") == "amount",
            bool(data.get("follows")),
        )
        for key, data in load("inquiries")["inquiries"].items()
    )


@lru_cache(maxsize=1)
def amounts() -> re.Pattern[str]:
    """Numbers, frequencies, durations, days: what makes an answer a fact."""
    return re.compile(rf"(?<![\w'])(?:{load('inquiries')['amount'].strip()})(?!\w)", re.IGNORECASE)


def asked_about(clauses: Sequence[Clause], pronouns: Pronouns, proper: frozenset[str]) -> list[Candidate]:
    """A line for every question about one of the areas that got a usable answer."""
    found: list[Candidate] = []
    before: _Asked | None = None
    for pair in adjacent(clauses):
        here = _exchange(pair)
        if here is None:
            continue
        joined = _joined(found, before, here)
        line = joined or _line(here, pronouns, proper)
        if line is not None:
            found = [*(found[:-1] if joined else found), line]
            before = here
    return found


def unanswered(clauses: Sequence[Clause]) -> set[int]:
    """Places (orders) of client turns that follow a question for an amount and give none."""
    return {
        pair.answer[0].order
        for pair in adjacent(clauses)
        if (inquiry := _inquiry(pair.prompt)) and inquiry.needs_amount and _exchange(pair) is None
    }


def _exchange(pair: Adjacent) -> _Asked | None:
    for spoken in reversed(pair.turn[-LOOK_BACK:]):
        question = question_part(spoken)
        inquiry = _inquiry(question)
        if inquiry is None:
            if question.is_question:
                return None
            continue
        answer = full_answer(pair.answer)
        if answer is None or not _tells(answer, inquiry):
            return None
        turn = tuple(question if clause is spoken else clause for clause in pair.turn)
        return _Asked(inquiry, turn, question, answer, pair.answer[0].order)
    return None


def _inquiry(question: Clause) -> Inquiry | None:
    if not is_complete(question, fewest=2) or asks_nothing(question):
        return None
    text = " ".join(question.norms)
    return next((inquiry for inquiry in inquiries() if inquiry.pattern.search(text)), None)


def _tells(answer: Span, inquiry: Inquiry) -> bool:
    """Whether the answer answers: not only "I don't know", and an amount where one was asked for."""
    if says_nothing(answer):
        return False
    return not inquiry.needs_amount or bool(amounts().search(answer.quote))


def _line(here: _Asked, pronouns: Pronouns, proper: frozenset[str]) -> Candidate | None:
    if here.inquiry.follows:
        return None
    told = _prompt(here, pronouns, proper)
    answer = f'client answered "{bare(here.answer.quote)}".'
    return _candidate(here, told[1], f"{told[0]} {answer}") if told else None


def _prompt(here: _Asked, pronouns: Pronouns, proper: frozenset[str]) -> tuple[str, tuple[Span, ...]] | None:
    """The question worded for the note and what it cites; with the sentence before it when it needs that."""
    question, responds = here.question, here.inquiry.topic == "response"
    frame, end = ("Therapist asked,", ";") if responds else ("Asked", ",")
    if not stands_alone(question):
        whole = in_context(here.turn, question)
        return (f'{frame} "{bare(whole.quote)}"{end}', (whole,)) if whole else None
    if responds:
        pronoun = {"it", "that", "this"} & set(question.norms)
        said = (in_context(here.turn, question) if pronoun else None) or as_said(question)
        return (f'{frame} "{bare(said.quote)}";', (said,)) if said else None
    told = asked(question, pronouns, proper)
    return (f"{told},", spans_of(question.tokens)) if told else None


def _joined(found: Sequence[Candidate], before: _Asked | None, here: _Asked) -> Candidate | None:
    """A follow-up question put behind the line that it refers to."""
    verbatim = here.question.verbatim
    if not (here.inquiry.follows and before and before.inquiry.topic == "response" and verbatim and found):
        return None
    last = found[-1]
    text = f'{last.text[:-1]}; asked "{bare(verbatim)}", client answered "{bare(here.answer.quote)}".'
    if len(text.split()) > LONGEST_LINE:
        return None
    return Candidate(
        topic=last.topic,
        kind=last.kind,
        text=text,
        evidence=(*last.evidence, *spans_of(here.question.tokens), here.answer),
        score=last.score + 1.0,
        order=last.order,
        stems=last.stems | frozenset(content_stems(here.answer.quote)),
    )


def _candidate(here: _Asked, asked_in: tuple[Span, ...], text: str) -> Candidate | None:
    if len(text.split()) > LONGEST_LINE:
        return None
    amount = 0.8 if amounts().search(here.answer.quote) else 0.0
    length = min(len(here.answer.quote.split()), 12) * 0.06
    kind = StatementKind.OBSERVED if here.inquiry.topic == "response" else StatementKind.REPORTED
    return Candidate(
        topic=here.inquiry.topic,
        kind=kind,
        text=text,
        evidence=(*asked_in, here.answer),
        score=here.inquiry.weight + amount + length,
        order=here.order,
        stems=frozenset(content_stems(here.answer.quote)) | frozenset(here.question.stems),
    )
