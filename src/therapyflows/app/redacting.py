"""Redaction as the command line offers it: a text, or lines of JSON one after the other."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from therapyflows.core.errors import Invalid, TherapyFlowsError
from therapyflows.governance.phi import ChartIdentifiers, Detector, PhiBoundary, Redaction
from therapyflows.integrations.documents.chart_file import ChartFile, read_chart, read_chart_file

_NO_CHART = ChartFile(ChartIdentifiers())
_CHARTS_KEPT = 32
"""Boundaries of charts that lines bring along, kept because the same client often comes again."""


def redactor(chart: Path | None, *, ner: bool) -> "Redactor":
    """A redactor for the chart in a file.  Raises Invalid for a chart that cannot be used, and OSError."""
    return Redactor(read_chart_file(chart.read_bytes()) if chart else _NO_CHART, additional=_recognizers(ner))


def _recognizers(ner: bool) -> Sequence[Detector]:
    if not ner:
        return ()
    from therapyflows.integrations.phi.presidio import PresidioDetector  # seconds to load

    return (PresidioDetector(),)


class Redactor:
    """Redacts texts, each a conversation of its own unless the same boundary is asked again."""

    def __init__(self, chart: ChartFile, *, additional: Sequence[Detector] = ()) -> None:
        self._additional = additional
        self._own = self._boundary(chart)
        self._of_chart = lru_cache(maxsize=_CHARTS_KEPT)(lambda text: self._boundary(read_chart(json.loads(text))))

    def _boundary(self, chart: ChartFile) -> PhiBoundary:
        return PhiBoundary(chart.identifiers, additional=self._additional)

    def redact(self, text: str) -> Redaction:
        """The text without identifiers."""
        return self._own.another().redact(text)

    def lines(self, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        """An answer for each line of JSON, in order; a line that cannot be used gets ``{"id", "error"}``."""
        for line in lines:
            if line.strip():
                yield self._line(line)

    def _line(self, line: bytes) -> dict[str, Any]:
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            return {"id": None, "error": "line_not_json"}
        if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
            return {"id": data.get("id") if isinstance(data, Mapping) else None, "error": "line_without_text"}
        try:
            return _answer(data.get("id"), self._boundary_of(data.get("chart")).redact(data["text"]))
        except TherapyFlowsError as error:
            return {"id": data.get("id"), "error": error.code}

    def _boundary_of(self, chart: object) -> PhiBoundary:
        if chart is None:
            return self._own.another()
        if not isinstance(chart, Mapping | list):
            raise Invalid("chart_unreadable", "The chart of a line is not a JSON object")
        return self._of_chart(json.dumps(chart, sort_keys=True)).another()


def _answer(id_: object, redaction: Redaction) -> dict[str, Any]:
    spans = [{"start": s.start, "end": s.end, "type": s.type.value, "token": s.token} for s in redaction.spans]
    return {"id": id_, "redacted": redaction.text, "spans": spans}
