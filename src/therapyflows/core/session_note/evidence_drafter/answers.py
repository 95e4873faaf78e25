"""The client's answer as a note quotes it: from their first words on, as long as it is clean and short."""

import re
from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.clauses import Clause, longest_verbatim, raw
from therapyflows.core.session_note.evidence_drafter.lexicon import words_of
from therapyflows.core.session_note.evidence_drafter.readability import is_jumbled, is_negation, is_small_talk
from therapyflows.core.session_note.evidence_drafter.reported import is_reportable
from therapyflows.core.session_note.evidence_drafter.speech import DISFLUENT, span_of
from therapyflows.governance.evidence.model import Segment, Span

LONGEST_ANSWER = 14
LONGEST_QUOTE = 28
"""Words of an answer that is quoted at length."""


_ENDS_WELL = words_of(
    "that this those these do did am is are have had can could will would not too more most less some any"
)
_EMPTY = words_of("um uh i don't know not sure maybe what sorry pardon hmm well guess dunno so oh like you mean really")


def says_nothing(answer: Span) -> bool:
    """ "I don't know", "Um, maybe": asked, but not answered."""
    return set(re.findall(r"[\w']+", answer.quote.lower().replace("’", "'"))) <= _EMPTY


def short_answer(answer: Sequence[Clause]) -> Span | None:
    """The client's first words, when they are short and need the question to be understood."""
    first = answer[0]
    if first.is_question or first.broken or is_reportable(first) or len(first.words) > LONGEST_ANSWER:
        return None
    segment = first.tokens[0].segment
    start = _opener_start(first)
    if len(first.words) <= 2 and len(answer) > 1 and (whole := _clean_span(segment, start, answer[1])):
        return whole
    return _clean_span(segment, start, first)


def _clean_span(segment: Segment, start: int, last: Clause) -> Span | None:
    """From ``start`` to the end of the clause, if that is one clean piece of the segment."""
    end = last.tokens[-1].end
    quote = segment.text[start:end]
    if last.tokens[-1].segment.id != segment.id or last.broken or DISFLUENT.search(quote):
        return None
    return span_of(segment, start, end) if 0 < len(quote.split()) <= LONGEST_ANSWER + 2 else None


def _opener_start(clause: Clause) -> int:
    """Where the answer begins, with a "Yeah, but" before it but without an "Um"."""
    segment = clause.tokens[0].segment
    before = segment.text[: clause.tokens[0].start]
    match = re.search(r"(?:\b(?:yeah|yes|yep|no|nope|but|not really|sure|okay|ok),?\s+)+$", before, re.IGNORECASE)
    return match.start() if match else clause.tokens[0].start


def full_answer(answer: Sequence[Clause], limit: int = LONGEST_QUOTE) -> Span | None:
    """The client's first words and what follows them in one clean piece, up to ``limit`` words."""
    segment = answer[0].tokens[0].segment
    start, found = _opener_start(answer[0]), None
    for clause in answer:
        end = clause.tokens[-1].end
        quote = segment.text[start:end]
        unfit = (
            (found is not None and is_small_talk(clause))
            or clause.is_question
            or clause.broken
            or (clause.ends_open and (found or len(clause.words) > 3) and clause.norms[-1] not in _ENDS_WELL)
        )
        if unfit or clause.tokens[-1].segment.id != segment.id or len(quote.split()) > limit:
            break
        if DISFLUENT.search(quote) or (len(clause.words) > 6 and is_jumbled(clause)):
            break
        found = span_of(segment, start, end)
    return found or _fluent_part(answer[0], limit)


def _fluent_part(clause: Clause, limit: int) -> Span | None:
    """Of "Fine, um, three meals a day" the longest piece without the "um", when no "not" is lost with the rest."""
    kept = longest_verbatim(clause, 1)
    if not kept or clause.is_question or clause.broken or clause.ends_open or len(kept) > limit or is_jumbled(clause):
        return None
    rest = [word for word in clause.norms if word not in {token.norm for token in kept}]
    quote = raw(kept)
    if DISFLUENT.search(quote) or clause.opener in ("no", "nope") or any(is_negation(word) for word in rest):
        return None
    return span_of(kept[0].segment, kept[0].start, kept[-1].end)
