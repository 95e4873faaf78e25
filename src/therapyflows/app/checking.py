"""A note checked against its transcript on this machine: from files, or line by line for many."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from therapyflows.app.files import require_readable
from therapyflows.app.findings import findings_json, judgement_json, span_json
from therapyflows.core.errors import Invalid, TherapyFlowsError, UnusableSource
from therapyflows.core.note_check.checking import check_note
from therapyflows.core.note_check.model import NoteCheck
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import Transcript
from therapyflows.governance.evidence.model import Judgement, Span
from therapyflows.integrations.documents.chart_people import people_in_chart
from therapyflows.integrations.documents.notes import bounded, lines_of, malformed_note, parse_note
from therapyflows.integrations.documents.transcripts import parse_transcript, read_turns


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A checked note and how its spans are written down: each segment's index in the transcript as it came."""

    check: NoteCheck
    transcript: Transcript
    places: Mapping[str, int]
    judged: Mapping[str, Judgement] | None = None
    """Second opinions by statement id, where a judge was asked."""
    warnings: tuple[Notice, ...] = ()


def check_files(note: Path, transcript: Path, *, previous: Path | None = None, chart: Path | None = None) -> FileCheck:
    """Check a note file, with the previous note and the chart where they are given.

    Raises UnusableSource, Invalid (``chart_...``), FileNotFoundError, IsADirectoryError, PermissionError.
    """
    for file in (note, transcript, previous, chart):
        if file is not None:
            require_readable(file)
    lines = parse_note(note.read_bytes(), note.name)
    source = parse_transcript(transcript.read_bytes(), transcript.name)
    places = {segment.id: index for index, segment in enumerate(source.segments)}
    earlier = [line.text for line in parse_note(previous.read_bytes(), previous.name)] if previous else []
    people = people_in_chart(_json(chart.read_bytes())) if chart else None
    return FileCheck(check_note(lines, source, previous=earlier, people=people), source, places)


def check_line(line: str) -> dict[str, object]:
    """One line of JSON in, one answer out; what is wrong with the line becomes an ``error`` with its id."""
    given: object = None
    try:
        data = json.loads(line)
        if not isinstance(data, Mapping):
            raise malformed_note("the line is no JSON object")
        given = data.get("id")
        return {"id": given, **as_results(_checked(data))}
    except TherapyFlowsError as error:
        message = error.explanation if isinstance(error, UnusableSource) else error.message
        return {"id": given, "error": {"code": error.code, "message": message}}
    except (ValueError, RecursionError):
        return {"id": given, "error": {"code": "line_malformed", "message": "The line is not valid JSON."}}


def _checked(data: Mapping[str, Any]) -> FileCheck:
    lines = bounded(lines_of({key: data[key] for key in ("statements", "note") if key in data}), may_be_empty=True)
    source, entries = read_turns(data.get("transcript", data.get("segments")))
    places = {segment.id: entry for segment, entry in zip(source.segments, entries, strict=True)}
    earlier = [line.text for line in lines_of({"note": data["previous"]})] if data.get("previous") else []
    people = people_in_chart(data["chart"]) if data.get("chart") else None
    return FileCheck(check_note(lines, source, previous=earlier, people=people), source, places)


def as_results(checked: FileCheck) -> dict[str, object]:
    """The short form of many: ``results`` in the order of the statements, ``findings`` about the whole note."""
    return {
        "results": [_graded(checked, at) for at in range(len(checked.check.lines))],
        "findings": _findings(checked),
    }


def as_document(checked: FileCheck) -> dict[str, object]:
    """The JSON form that scripts rely on; described in docs/integrators.md."""
    return {
        "statements": [
            {"id": line.id, "section": line.section, "text": line.text, **_graded(checked, at), **_judged(checked, at)}
            for at, line in enumerate(checked.check.lines)
        ],
        "findings": _findings(checked),
        "counts": checked.check.counts,
        "warnings": [{"code": w.code, "message": w.message} for w in (*checked.transcript.warnings, *checked.warnings)],
    }


def with_opinions(checked: FileCheck) -> FileCheck:
    """The same with a second opinion on each statement.  Raises Refused without a model on this machine."""
    from therapyflows.app.judging import second_opinions  # loads what a check without a judge needs not
    from therapyflows.core.session_note.judging import JUDGE_UNAVAILABLE

    judged = second_opinions(checked.check, checked.transcript)
    return replace(checked, judged=judged, warnings=() if judged is not None else (JUDGE_UNAVAILABLE,))


def _judged(checked: FileCheck, at: int) -> dict[str, object]:
    found = checked.check.graded[at]
    judged = (checked.judged or {}).get(found.statement_id)
    return {"judge": judgement_json(judged, found.grade)} if judged else {}


def _graded(checked: FileCheck, at: int) -> dict[str, object]:
    found = checked.check.graded[at]
    return {
        "grade": found.grade.value,
        "reasons": list(found.reasons),
        "score": found.score,
        "span": _span(checked, found.best_span) if found.best_span else None,
    }


def _findings(checked: FileCheck) -> list[dict[str, object]]:
    return findings_json(checked.check.findings, lambda span: _span(checked, span))


def _span(checked: FileCheck, span: Span) -> dict[str, object]:
    """``start`` and ``end`` are null where the transcript has no times."""
    return {"index": checked.places.get(span.segment_id), **span_json(span)}


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Invalid("chart_unreadable", "The chart is not valid JSON; see docs/integrators.md") from None
