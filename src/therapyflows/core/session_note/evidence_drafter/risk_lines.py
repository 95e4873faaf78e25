"""Risk and mental status: disclosures verbatim at the top, questions with their answers, else "not assessed"."""

import re
from collections.abc import Sequence

from therapyflows.core.notices import Notice
from therapyflows.core.session_note.evidence_drafter.dictated import is_clinicians, is_monologue
from therapyflows.core.session_note.model import Statement, StatementKind, Template, Transcript
from therapyflows.core.session_note.not_assessed import (
    Exchange,
    asked_lines,
    disclosures,
    exchanges,
    not_assessed,
    sentences,
)
from therapyflows.core.session_note.templates import section_for
from therapyflows.governance.evidence.model import Span

DISCLOSURES = 4
EXCHANGES = 3
_LEAD = re.compile(r"^(?:(?:and|so|but|um|uh|well|like|because|i mean|you know)\b[,\s]*)+", re.IGNORECASE)
ANSWER_SENTENCES, SHORT_ANSWER = 3, 14
"""So many sentences of an answer are quoted, as long as they are so short together."""
LONGEST_ANSWER = 30
"""Words of an answer that are quoted."""
_KINDS = {"risk": StatementKind.RISK, "mental_status": StatementKind.MENTAL_STATUS}
RISK_DISCLOSED = Notice(
    "risk_disclosed", "The client speaks of harm to self or others. Review these lines first and assess risk."
)


def asked_statements(transcript: Transcript, template: Template) -> tuple[list[Statement], tuple[Notice, ...]]:
    """The statements of the template's required lines, and a notice when risk was disclosed."""
    clinicians_words = is_monologue(transcript) and is_clinicians(transcript)
    disclosed = () if clinicians_words else tuple(disclosures(transcript))
    statements = disclosure_statements(disclosed, template)
    for section in template.sections:
        for key in section.required_lines:
            found = exchanges(transcript, key)[:EXCHANGES] if key in asked_lines() else []
            statements += [_exchange(exchange, section.key, _KINDS[key]) for exchange in found]
            if not found and not _is_dictated(transcript, key):
                statements.append(not_assessed("", section.key, key, disclosed=key == "risk" and bool(disclosed)))
    return statements, (RISK_DISCLOSED,) if disclosed else ()


def _is_dictated(transcript: Transcript, key: str) -> bool:
    """Whether the clinician's own dictated or typed words speak of this line; they are filed like their other words."""
    if key not in asked_lines() or not (is_monologue(transcript) and is_clinicians(transcript)):
        return False
    return any(asked_lines()[key].claim.search(segment.text) for segment in transcript.segments)


def disclosure_statements(spans: Sequence[Span], template: Template) -> list[Statement]:
    """The client's disclosures in their own words, without saying one twice."""
    section = section_for(template, "risk_disclosure")
    return [_disclosure(span, section) for span in _distinct(spans)[:DISCLOSURES]]


def _distinct(spans: Sequence[Span]) -> Sequence[Span]:
    """Longer disclosures first where one says no more than another; then in the order of the session."""
    kept: list[Span] = []
    for span in spans:
        if not any(span.quote.lower().strip(" .") in other.quote.lower() for other in kept):
            kept.append(span)
    return kept


def _disclosure(span: Span, section: str) -> Statement:
    words = _LEAD.sub("", span.quote)
    told = Span(span.segment_id, span.start_s, span.end_s, words or span.quote)
    return Statement("", section, f"Client said, {quoted(told.quote)}.", StatementKind.RISK, (told,))


def _exchange(exchange: Exchange, section: str, kind: StatementKind) -> Statement:
    start, end = _answer(exchange.answer.text)
    answer = Span(exchange.answer.id, exchange.answer.start_s, exchange.answer.end_s, exchange.answer.text[start:end])
    text = f"Asked {quoted(exchange.asked.quote)}, client answered {quoted(answer.quote)}."
    return Statement("", section, text, kind, (exchange.asked, answer))


def _answer(text: str) -> tuple[int, int]:
    """The first sentence of the answer, and the next ones while it stays short; two when the first is a bare "No"."""
    pieces = list(sentences(text))
    start, end = pieces[0]
    for _, after in pieces[1:ANSWER_SENTENCES]:
        if len(text[start:end].split()) > 2 and len(text[start:after].split()) > SHORT_ANSWER:
            break
        end = after
    long = re.compile(r"(?:\S+\s+){" + str(LONGEST_ANSWER) + r"}").match(text[start:end])
    return start, start + len(long.group().rstrip()) if long else end


def quoted(text: str) -> str:
    """In quotation marks, without the last full stop and with inner quotation marks left out of the quotation."""
    inner = text.strip().rstrip(".,;: ")
    for mark in '"“”':
        inner = max(inner.split(mark), key=len).strip()
    return f'"{inner}"'
