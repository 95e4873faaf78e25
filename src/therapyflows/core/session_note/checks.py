"""Check a draft, whoever wrote it: grade every statement, hold the lines that may not be made up.

Three rules stand above the grades.  Risk, mental status and history need a question and an answer in the source (or
the client's own disclosure).  Consent and administrative lines must equal the chart.  A disclosure of risk is never
left out.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from therapyflows.core.session_note.chart_lines import administrative_line, consent_line
from therapyflows.core.session_note.evidence_drafter.risk_lines import RISK_DISCLOSED, disclosure_statements
from therapyflows.core.session_note.model import Draft, SessionContext, Statement, StatementKind, Transcript
from therapyflows.core.session_note.not_assessed import (
    asked_lines,
    claims_in,
    disclosures,
    exchanges,
    line_of,
    not_assessed,
)
from therapyflows.core.session_note.templates import load_template
from therapyflows.core.session_note.unasked import AskedSource
from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.model import Grade, GradedStatement, Span, Speaker, overlaps
from therapyflows.governance.evidence.prepared import prepare

_CLIENT_SAYS = re.compile(r"^(?:the )?(?:client|patient|ct\.?|cl\.?|pt\.?)(?!\w)(?! and\b)", re.IGNORECASE)
_ASKED = re.compile(r"^asked\b.*\bclient (?:answered|said|confirmed)", re.IGNORECASE | re.DOTALL)
_THERAPIST_DID = re.compile(
    r"^(?:the |this )?(?:therapist|clinician|counsell?or|provider|writer|th\.|clin\.)(?!\w)(?! and\b)", re.IGNORECASE
)
_CONSENT_CLAIM = re.compile(
    r"\b(?:informed|verbal|written) consent\b|\bconsent(?:ed|s)? (?:to|for|was|is|has|obtained|given|on file)\b"
    r"|\bgave (?:\w+ )?consent\b",
    re.IGNORECASE,
)
ASKS_CLINICIAN = re.compile(r"not assessed|clinician to (?:complete|assess)", re.IGNORECASE)
_CONFIRMED = re.compile(r"^therapist reflected that .*; client answered \"", re.IGNORECASE | re.DOTALL)
_DENIAL = re.compile(r"\b(?:no|not|never|none|without|negative|den(?:y|ies|ied|ying))\b", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
NOTHING_CITED = "nothing in the source is cited"
COPIED = ("copied from the chart",)
_REPLACED = (StatementKind.RISK, StatementKind.MENTAL_STATUS)


def check_draft(draft: Draft, transcript: Transcript, context: SessionContext | None) -> Draft:
    """The draft with a grade and reasons on every statement.

    Statements on risk or mental status without question and answer become "not assessed"; missing required lines are
    added; disclosures of risk that the draft left out are put in, verbatim.
    """
    checker = _Checker(transcript, context)
    checked = [checker.check(statement) for statement in draft.statements]
    completed = _with_required_lines(draft.format, _with_disclosures(draft.format, checked, checker), checker)
    warnings = draft.warnings
    if checker.disclosed and all(notice.code != RISK_DISCLOSED.code for notice in warnings):
        warnings = (RISK_DISCLOSED, *warnings)
    return replace(draft, statements=tuple(_without_doubles(completed)), warnings=warnings)


class _Checker:
    """What is known of the source and the chart while one draft is checked."""

    def __init__(self, transcript: Transcript, context: SessionContext | None) -> None:
        self.transcript = transcript
        self.context = context
        self.source = prepare(transcript.segments)
        self.segments = {segment.id: segment for segment in transcript.segments}
        self.asked = AskedSource(transcript)
        self.clinicians_words = self.asked.clinicians_words
        self.disclosed = () if self.clinicians_words else tuple(disclosures(transcript))
        self._exchanges = {key: exchanges(transcript, key) for key in asked_lines()}

    def check(self, statement: Statement) -> Statement:
        """The statement with its grade, or the line that takes its place."""
        if statement.kind is StatementKind.NOT_ASSESSED and ASKS_CLINICIAN.search(statement.text):
            return replace(statement, grade=Grade.NOT_ASSESSED, evidence=(), reasons=())
        if statement.kind in (StatementKind.CONSENT, StatementKind.ADMINISTRATIVE):
            return self._copied(statement)
        if statement.kind is StatementKind.CLINICIAN:
            return self._graded(statement)
        if _CONSENT_CLAIM.search(_QUOTED.sub(" ", statement.text)) and not self.clinicians_words:
            return _unsupported(statement, "consent is copied from the record, never drafted")
        key = line_of(statement)
        if key and not self.clinicians_words and not self._was_asked(statement, key) and not self._is_told(statement):
            if statement.kind in _REPLACED:
                return not_assessed(
                    statement.id, statement.section, key, disclosed=key == "risk" and bool(self.disclosed)
                )
            return _unsupported(statement, "no question and answer about this stand in the cited source")
        graded = self._graded(statement)
        return self._topic_by_topic(graded) if key and self._was_asked(statement, key) else graded

    def _copied(self, statement: Statement) -> Statement:
        """Consent and administrative lines: letter by letter what the chart says."""
        if self.context is None and statement.reasons == COPIED and statement.grade is Grade.SUPPORTED:
            return statement  # compared with the chart before; a later check (swapped speakers) has no chart at hand
        if self.context is None:
            return _unsupported(statement, "there is no chart to copy this from")
        allowed = (
            [administrative_line(self.context.appointment)]
            if statement.kind is StatementKind.ADMINISTRATIVE
            else [
                text for consent in self.context.client.consents for text in (consent_line(consent), consent.statement)
            ]
        )
        if statement.text in allowed:
            return replace(statement, grade=Grade.SUPPORTED, reasons=COPIED, evidence=())
        return _unsupported(statement, "differs from the chart's record")

    def _was_asked(self, statement: Statement, key: str) -> bool:
        """Whether a question and its answer, or a disclosure, are among what the statement cites."""
        cited = {span.segment_id for span in statement.evidence}
        if any(e.question.id in cited and e.answer.id in cited for e in self._exchanges[key]):
            return True
        return any(overlaps(span, other) for span in statement.evidence for other in self.disclosed)

    def _topic_by_topic(self, statement: Statement) -> Statement:
        """A question about one topic covers no claim about another, and an answer no claim of the opposite."""
        verdict = self.asked.judge(statement.text)
        if verdict.grade in (None, Grade.SUPPORTED):
            return statement
        return replace(statement, grade=verdict.grade, reasons=(verdict.reason, *statement.reasons))

    def _is_told(self, statement: Statement) -> bool:
        """Whether the client says it of their own accord and it denies nothing: "Client states that their mood is
        low"."""
        told = statement.kind is StatementKind.REPORTED and _CLIENT_SAYS.match(statement.text)
        confirmed = statement.kind is StatementKind.OBSERVED and _CONFIRMED.match(statement.text)
        if not told and not confirmed:
            return False
        unquoted = _QUOTED.sub(" ", statement.text)
        if any(_DENIAL.search(unquoted[max(match.start() - 50, 0) : match.end()]) for match in claims_in(unquoted)):
            return False
        return self._graded(statement).grade is Grade.SUPPORTED

    def _graded(self, statement: Statement) -> Statement:
        real = tuple(span for span in statement.evidence if self._stands(span))
        speaker = None if self.clinicians_words else speaker_claim(statement.text)
        found = grade(statement.id, statement.text, self.source, real, speaker)
        reasons = found.reasons
        if not real:
            reasons = (NOTHING_CITED, *_place(found), *reasons)
        if len(real) < len(statement.evidence):
            reasons = ("a citation does not occur in the source", *reasons)
        uncited = not real and found.grade is not Grade.CONTRADICTED
        return replace(statement, evidence=real, grade=Grade.UNSUPPORTED if uncited else found.grade, reasons=reasons)

    def _stands(self, span: Span) -> bool:
        segment = self.segments.get(span.segment_id)
        return segment is not None and bool(span.quote) and span.quote in segment.text


def speaker_claim(text: str) -> Speaker | None:
    """Who a statement says was speaking, from how it begins."""
    if _CLIENT_SAYS.match(text) or _ASKED.match(text):
        return Speaker.CLIENT
    return Speaker.THERAPIST if _THERAPIST_DID.match(text) else None


def _place(found: GradedStatement) -> tuple[str, ...]:
    """Where an uncited statement seems to stand."""
    if found.grade is not Grade.SUPPORTED or found.best_span is None:
        return ()
    return (f"the words may stand in {found.best_span.segment_id}",)


def _unsupported(statement: Statement, reason: str) -> Statement:
    return replace(statement, grade=Grade.UNSUPPORTED, reasons=(reason,))


def _with_disclosures(format_key: str, statements: Sequence[Statement], checker: _Checker) -> list[Statement]:
    """Disclosures that no statement cites, put in front of their section."""
    cited = [span for statement in statements for span in statement.evidence]
    missing = [span for span in checker.disclosed if not any(overlaps(span, other) for other in cited)]
    added = [
        checker.check(replace(line, id=f"risk{number}"))
        for number, line in enumerate(disclosure_statements(missing, load_template(format_key)), 1)
    ]
    ordered = list(statements)
    for line in reversed(added):
        at = next((index for index, other in enumerate(ordered) if other.section == line.section), 0)
        ordered.insert(at, line)
    return ordered


def _with_required_lines(format_key: str, statements: Sequence[Statement], checker: _Checker) -> list[Statement]:
    """Every required line stands: with its question and answer, or as "not assessed"."""
    ordered = list(statements)
    for section in load_template(format_key).sections:
        for key in section.required_lines:
            if any(_speaks_of(statement, key) for statement in ordered):
                continue
            line = not_assessed(f"na_{key}", section.key, key, disclosed=key == "risk" and bool(checker.disclosed))
            last = max((i for i, other in enumerate(ordered) if other.section == section.key), default=len(ordered) - 1)
            ordered.insert(last + 1, line)
    return ordered


def _speaks_of(statement: Statement, key: str) -> bool:
    """Whether this is the required line: an exchange, a clinician's words, or the "not assessed" of that line."""
    if statement.kind is StatementKind.NOT_ASSESSED:
        return statement.text.startswith(asked_lines()[key].title)
    return line_of(statement) == key and (key != "risk" or len(statement.evidence) != 1 or _is_clinicians(statement))


def _is_clinicians(statement: Statement) -> bool:
    return not statement.text.startswith("Client said")


def _without_doubles(statements: Sequence[Statement]) -> list[Statement]:
    """Each "not assessed" line once per section."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for statement in statements:
        key = (statement.section, statement.text)
        if statement.kind is StatementKind.NOT_ASSESSED and key in seen:
            continue
        seen.add(key)
        kept.append(statement)
    return kept
