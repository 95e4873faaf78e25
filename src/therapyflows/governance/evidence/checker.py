"""Grade one statement of a draft against its source.

A baseline that says what it knows: content words, quotations, numbers, negation, names and speaker, each a signal of
its
own (``signals``).  It does not understand paraphrase or inference; what it cannot see, it leaves to the reader.
"""

from collections.abc import Sequence
from math import prod

from therapyflows.governance.evidence.claim import Claim, Finding, Source, best_window
from therapyflows.governance.evidence.model import Grade, GradedStatement, Segment, Span, Speaker
from therapyflows.governance.evidence.prepared import PreparedSource, prepare
from therapyflows.governance.evidence.signals import SIGNALS

SUPPORTED_BELOW = 0.3
PARTLY_BELOW = 0.7
BETTER_ELSEWHERE = 0.75
"""A window that carries this share of the statement is worth pointing at when the cited words do not."""


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
    speaking.
    """
    prepared = segments if isinstance(segments, PreparedSource) else prepare(segments)
    claim = Claim(text, speaker_claim)
    source = Source(prepared.segments, cited or _found(claim, prepared.segments))
    findings = [signal(claim, source) for signal in SIGNALS]
    score = 1 - prod(1 - finding.penalty for finding in findings)
    reasons = [finding.reason for finding in findings if finding.reason]
    best = cited[0] if cited and score < SUPPORTED_BELOW else _better_span(claim, prepared.segments, reasons)
    return GradedStatement(
        statement_id=statement_id,
        grade=_grade(findings, score),
        reasons=tuple(reasons),
        score=round(score, 3),
        best_span=best or (cited[0] if cited else None),
    )


def _found(claim: Claim, segments: Sequence[Segment]) -> tuple[Span, ...]:
    window = best_window(claim, segments)
    if window is None or window.support == 0:
        return ()
    return tuple(Span(s.id, s.start_s, s.end_s, s.text) for s in window.segments)


def _grade(findings: Sequence[Finding], score: float) -> Grade:
    if any(finding.contradicts for finding in findings):
        return Grade.CONTRADICTED
    if score < SUPPORTED_BELOW:
        return Grade.SUPPORTED
    return Grade.PARTLY if score < PARTLY_BELOW else Grade.UNSUPPORTED


def _better_span(claim: Claim, segments: Sequence[Segment], reasons: list[str]) -> Span | None:
    window = best_window(claim, segments)
    if window is None or window.support < BETTER_ELSEWHERE:
        return None
    reasons.append(f"the words may stand in {window.segments[0].id}")
    return window.span()
