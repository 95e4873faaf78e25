"""Findings of the whole note, second opinions and spans in the JSON that the command line prints."""

from collections.abc import Callable, Sequence

from therapyflows.governance.evidence.model import Grade, Judgement, Span
from therapyflows.governance.evidence.whole.model import NoteFinding


def span_json(span: Span) -> dict[str, object]:
    """``start`` and ``end`` are null where the source has no times."""
    timed = span.end_s > 0
    return {
        "segment": span.segment_id,
        "start": span.start_s if timed else None,
        "end": span.end_s if timed else None,
        "quote": span.quote,
    }


def findings_json(
    findings: Sequence[NoteFinding], write_span: Callable[[Span], dict[str, object]] = span_json
) -> list[dict[str, object]]:
    """The form that docs/integrators.md describes."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "message": finding.message,
            "statements": list(finding.statement_ids),
            "spans": [write_span(span) for span in finding.spans],
        }
        for finding in findings
    ]


def judgement_json(judged: Judgement, grade: Grade) -> dict[str, object]:
    """A second opinion beside the checker's ``grade``."""
    return {
        "grade": judged.grade.value,
        "reason": judged.reason,
        "by": judged.by,
        "disagrees": judged.disagrees_with(grade),
        "spans": [span_json(span) for span in judged.spans],
    }
