"""Short answers that make sense only with the therapist's words: question and answer, reflection and agreement."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.formulation import motivation
from therapyflows.core.session_note.evidence_drafter.lexicon import AGREEMENTS, words_of
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled, sentence_case
from therapyflows.core.session_note.evidence_drafter.reported import is_reportable
from therapyflows.core.session_note.evidence_drafter.salience import Salience
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token, span_of, spans_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.core.session_note.model import StatementKind
from therapyflows.governance.evidence.model import Segment, Span, Speaker

LONGEST_ANSWER = 14
LONGEST_QUESTION = 22
_AUX = {"are": "is", "were": "was", "have": "has", "had": "had", "can": "can", "could": "could", "would": "would",
        "will": "will", "should": "should"}  # fmt: skip
_DECLARED = ("", "looks like", "it looks like", "it sounds like", "sounds like", "so")
_WH = re.compile(r"^(how|what|when|where|why|who|which)\b")
_REFLECTION = re.compile(
    r"^(?:so |and |but )?(?:(?:it|that|what it) )?(?:sounds?|seems?|looks?)(?: to me)? like (?:that )?"
    r"|^(?:so )?(?:i hear|i'm hearing)(?: you saying)? that "
)


@dataclass(frozen=True, slots=True)
class Adjacent:
    """The last clause of the therapist's turn, and the client's turn right after it."""

    prompt: Clause
    answer: tuple[Clause, ...]


def adjacent(clauses: Sequence[Clause]) -> Iterator[Adjacent]:
    """Every place where the client's turn follows the therapist's."""
    turns = [tuple(group) for _, group in groupby(clauses, key=lambda clause: clause.turn.index)]
    for before, after in pairwise(turns):
        speakers = before[0].speaker, after[0].speaker
        if speakers == (Speaker.THERAPIST, Speaker.CLIENT) and after[0].turn.index == before[0].turn.index + 1:
            yield Adjacent(before[-1], after)


def answered(
    clauses: Sequence[Clause], salience: Salience, pronouns: Pronouns, proper: frozenset[str]
) -> list[Candidate]:
    """Questions with a short answer: "Asked whether they ..., client answered "...".\""""
    found = []
    for pair in adjacent(clauses):
        question = pair.prompt
        if not _is_complete(question):
            continue
        answer = _answer_span(pair.answer)
        asked = _asked(question, pronouns, proper) if answer else None
        if answer is None or asked is None or len(set(question.stems)) < 1:
            continue
        plans = bool(motivation("planning_question").search(" ".join(question.norms)))
        found.append(
            Candidate(
                topic="plan" if plans else "reported",
                kind=StatementKind.PLAN if plans else StatementKind.REPORTED,
                text=f'{asked}, client answered "{_bare(answer.quote)}".',
                evidence=(*spans_of(question.tokens), answer),
                score=0.75 * salience.score(question) + 0.1 * len(answer.quote.split()) - 0.4,
                order=pair.answer[0].order,
                stems=frozenset(question.stems) | frozenset(pair.answer[0].stems),
            )
        )
    return found


def _is_complete(question: Clause) -> bool:
    """A whole question, not "last night, are you"."""
    if not question.is_question or not 3 <= len(question.words) <= LONGEST_QUESTION or is_garbled(question):
        return False
    norms = question.norms
    if re.search(r"\w so (?:do|are|have|did) you\b", " ".join(norms)):
        return False
    return norms[-1] not in _OPEN_END and not (norms[-1] == "you" and norms[-2] in _AUX)


_OPEN_END = words_of("and but so or because the a an my your is was are were i i'm that's it's just very really not")


def _bare(quote: str) -> str:
    return quote.rstrip(" .,;:-—")


def _answer_span(answer: Sequence[Clause]) -> Span | None:
    """The client's first words, when they are short and need the question to be understood."""
    first = answer[0]
    if first.is_question or first.broken or is_reportable(first) or len(first.words) > LONGEST_ANSWER:
        return None
    segment = first.tokens[0].segment
    start = _opener_start(first)
    if len(first.words) <= 2 and len(answer) > 1 and (whole := _clean_span(segment, start, answer[1])):
        return whole
    return _clean_span(segment, start, first)


_DISFLUENT = re.compile(r"--|—|\w-(?:\s|$)|\b(?:um|uh|er|erm|hmm)\b|[\[\]\"“”]", re.IGNORECASE)


def _clean_span(segment: Segment, start: int, last: Clause) -> Span | None:
    """From ``start`` to the end of the clause, if that is one clean piece of the segment."""
    end = last.tokens[-1].end
    quote = segment.text[start:end]
    if last.tokens[-1].segment.id != segment.id or last.broken or _DISFLUENT.search(quote):
        return None
    return span_of(segment, start, end) if 0 < len(quote.split()) <= LONGEST_ANSWER + 2 else None


def _opener_start(clause: Clause) -> int:
    """Where the answer begins, with a "Yeah, but" before it but without an "Um"."""
    segment = clause.tokens[0].segment
    before = segment.text[: clause.tokens[0].start]
    match = re.search(r"(?:\b(?:yeah|yes|yep|no|nope|but|not really|sure),?\s+)+$", before, re.IGNORECASE)
    return match.start() if match else clause.tokens[0].start


def _asked(question: Clause, pronouns: Pronouns, proper: frozenset[str]) -> str | None:
    """ "Asked whether they ...", or the question verbatim when it cannot be turned safely."""
    words = [token for token in question.tokens if token.kind is Kind.WORD]
    indirect = _indirect(words, question.tokens, pronouns)
    if indirect:
        return f"Asked {sentence_case(indirect, proper)}"
    return f'Asked "{_bare(question.verbatim)}"' if question.verbatim else None


def _indirect(words: Sequence[Token], tokens: Sequence[Token], pronouns: Pronouns) -> str | None:
    words, tokens = _without_lead(words, tokens)
    norms = [token.norm for token in words]
    you = next((index for index, norm in enumerate(norms[:7]) if norm == "you"), None)
    if you is None or words[-1].norm in ("you", "right", "correct", "huh"):
        return None
    if " ".join(norms[:you]) in _DECLARED:
        told = retell([words[you], *_after(tokens, words[you])], pronouns, me="you")
        return f"whether {told}" if told else None
    if you == 0:
        return None
    auxiliary, rest = norms[you - 1], _after(tokens, words[you])
    lead = norms[: you - 1]
    if lead and not (_WH.match(lead[0]) and len(lead) <= 5):
        return None
    head = " ".join(lead) if lead else "whether"
    if auxiliary == "do":
        told = retell([words[you], *rest], pronouns, me="you")
        return f"{head} {told}" if told else None
    told = retell(rest, pronouns, me="you")
    if auxiliary not in _AUX or told is None:
        return None
    verb = _AUX[auxiliary] if pronouns.singular else auxiliary
    return f"{head} {pronouns.subject} {verb} {told}"


def _without_lead(words: Sequence[Token], tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """Without an "I'm curious," before the question."""
    comma = next((index for index, token in enumerate(tokens[:6]) if token.kind is Kind.COMMA), None)
    if comma is None or comma + 1 >= len(tokens) or "you" in [token.norm for token in tokens[:comma]]:
        return words, tokens
    rest = tokens[comma + 1 :]
    return [token for token in rest if token.kind is Kind.WORD], rest


def _after(tokens: Sequence[Token], token: Token) -> list[Token]:
    return [other for other in tokens if (other.segment.id, other.start) > (token.segment.id, token.start)]


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
                text=f'Therapist reflected that {sentence_case(told, proper)}; client answered "{_bare(agreement)}".',
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
