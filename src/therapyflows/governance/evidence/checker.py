"""Grade one statement of a note against its source, without a language model.

::

    statement ▸ claim (terms, numbers, speaker) ▸ match (where they stand in the prepared source)
              ▸ signals (numbers, negation, speaker, ...) ▸ score ▸ grade, reasons, best span

Where a draft cites its evidence, the statement is held against the cited words, strictly: one signal that speaks
against it is enough.  Without citations the whole source is searched and the signals are weighed (``combining``).
"""

from collections.abc import Sequence
from dataclasses import replace

from therapyflows.governance.evidence.claim import Claim
from therapyflows.governance.evidence.combining import score as combined
from therapyflows.governance.evidence.combining import weights
from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.model import Grade, GradedStatement, Segment, Span, Speaker
from therapyflows.governance.evidence.prepared import PreparedSource, prepare
from therapyflows.governance.evidence.signals import SIGNALS

BETTER_ELSEWHERE = 0.75
"""A place that carries this share of the statement is worth pointing at when the cited words do not."""
REFUTED = 0.9
"""The least score when something speaks plainly against the words that are cited."""
LONGEST = 1500
"""Words and marks of one statement; what is longer is no statement, and would take long to look up."""
TOO_LONG = "too long to be checked as one statement"
UNEXPLAINED = "only a part of it stands together in the source"


def grade(
    statement_id: str,
    text: str,
    segments: Sequence[Segment] | PreparedSource,
    cited: Sequence[Span],
    speaker_claim: Speaker | None,
) -> GradedStatement:
    """The grade of a statement, why, and the span that supports it best.

    ``segments`` is the source; ``prepare`` it once when it has many statements.  ``cited`` are the spans that the draft
    gives as evidence; without any, the whole source is searched.  ``speaker_claim`` is who the statement says was
    speaking; None to read it from how the statement begins.
    """
    source = segments if isinstance(segments, PreparedSource) else prepare(segments)
    claim = Claim(text, speaker_claim)
    if len(claim.tokens) > LONGEST:
        return GradedStatement(statement_id, Grade.UNSUPPORTED, (TOO_LONG,), 1.0, None)
    match = Match(claim, _cited(source, cited) if cited else source)
    findings = [signal(match) for signal in SIGNALS]
    score = combined(findings)
    if cited and any(finding.refutes for finding in findings):
        score = max(score, REFUTED)
    found = GradedStatement(statement_id, _grade(findings, score), (), round(score, 3), match.span(match.best))
    if found.grade is Grade.SUPPORTED:
        return replace(found, best_span=cited[0] if cited else found.best_span)
    reasons = tuple(finding.reason for finding in findings if finding.reason) or (UNEXPLAINED,)
    explained = replace(found, reasons=reasons, best_span=found.best_span or (cited[0] if cited else None))
    return _with_better_place(explained, claim, source) if cited else explained


def _cited(source: PreparedSource, cited: Sequence[Span]) -> PreparedSource:
    """The cited words alone, in the order in which they were said."""
    quotes: dict[str, list[str]] = {}
    for span in cited:
        quotes.setdefault(span.segment_id, []).append(span.quote)
    whole = [segment for segment in source.segments if segment.id in quotes]
    view = prepare([replace(segment, text="\n".join(quotes[segment.id])) for segment in whole])
    return replace(view, texts=tuple(segment.text for segment in whole), speakers=source.speakers)


def _grade(findings: Sequence[Finding], score: float) -> Grade:
    limits = weights()
    if score < limits.partly_from:
        return Grade.SUPPORTED
    if score < limits.unsupported_from:
        return Grade.PARTLY
    return Grade.CONTRADICTED if any(finding.contradicts for finding in findings) else Grade.UNSUPPORTED


def _with_better_place(found: GradedStatement, claim: Claim, source: PreparedSource) -> GradedStatement:
    """Points at the place of the source that carries a statement which the cited words do not."""
    match = Match(claim, source)
    span = match.span(match.best)
    if span is None or match.best is None or match.best.support < BETTER_ELSEWHERE:
        return found
    if found.best_span is not None and span.segment_id == found.best_span.segment_id:
        return found
    return replace(found, reasons=(*found.reasons, f"the words may stand in {span.segment_id}"), best_span=span)
