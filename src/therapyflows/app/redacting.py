"""Redaction as the command line offers it: a text, or lines of JSON one after the other, and the way back."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from therapyflows.app.detectors import detectors_of
from therapyflows.app.settings import FileSettings
from therapyflows.app.token_file import TokenFile
from therapyflows.core.errors import Invalid, TherapyFlowsError
from therapyflows.governance.phi import (
    ChartIdentifiers,
    Detector,
    PhiBoundary,
    Redaction,
    UnknownToken,
    restore,
    tokens_of_people,
)
from therapyflows.integrations.documents.chart_file import ChartFile, read_chart, read_chart_file

_NO_CHART = ChartFile(ChartIdentifiers())
_CHARTS_KEPT = 32
"""Boundaries of charts that lines bring along, kept because the same client often comes again."""

Line = dict[str, Any]


def redactor(chart: Path | None, *, ner: bool, tokens: TokenFile | None = None) -> "Redactor":
    """A redactor for the chart in a file.  Raises Invalid for a chart that cannot be used, and OSError."""
    return Redactor(_chart(chart), additional=_recognizers(ner), tokens=tokens)


def restorer(chart: Path | None, tokens: TokenFile | None) -> "Restorer":
    """A restorer of tokens from a map, a chart or both.  Raises as ``redactor``."""
    if chart is None and tokens is None:
        raise Invalid("nothing_to_restore_from", "Name what tokens stand for: --map FILE, --chart FILE or both")
    people = tokens_of_people(_chart(chart).identifiers)
    given = {one.token: one.spelling for one in tokens.given} if tokens else {}
    return Restorer({**people, **given}, any_spelling=tokens is None)


def _chart(file: Path | None) -> ChartFile:
    return read_chart_file(file.read_bytes()) if file else _NO_CHART


def _recognizers(ner: bool) -> Sequence[Detector]:
    return detectors_of(FileSettings().phi_gguf) if ner else ()


class Redactor:
    """Redacts texts: each a conversation of its own, or all one conversation when their tokens are kept."""

    def __init__(
        self, chart: ChartFile, *, additional: Sequence[Detector] = (), tokens: TokenFile | None = None
    ) -> None:
        self._additional = additional
        self._own = self._boundary(chart)
        self._tokens = tokens
        if tokens is not None:
            self._own = self._own.another(tokens.given)
        self._of_chart = lru_cache(maxsize=_CHARTS_KEPT)(lambda text: self._boundary(read_chart(json.loads(text))))

    def _boundary(self, chart: ChartFile) -> PhiBoundary:
        return PhiBoundary(chart.identifiers, additional=self._additional, anchor=chart.session_date)

    def redact(self, text: str) -> Redaction:
        """The text without identifiers."""
        if self._tokens is None:
            return self._own.another().redact(text)
        redaction = self._own.redact(text)
        self._tokens.keep(self._own.given(self._tokens.count))
        return redaction

    def answer(self, text: str) -> str:
        """What the command prints for a text."""
        return self.redact(text).text

    def lines(self, lines: Iterable[bytes]) -> Iterator[Line]:
        """An answer for each line of JSON, in order; a line that cannot be used gets ``{"id", "error"}``."""
        return _answers(lines, self._line)

    def _line(self, line: Mapping[str, Any]) -> Line:
        redaction = self._redact(line["text"], line.get("chart"))
        spans = [{"start": s.start, "end": s.end, "type": s.type.value, "token": s.token} for s in redaction.spans]
        return {"redacted": redaction.text, "spans": spans}

    def _redact(self, text: str, chart: object) -> Redaction:
        if chart is None:
            return self.redact(text)
        if self._tokens is not None:
            raise Invalid("chart_with_map", "A map is of one client; lines of it bring no chart")
        if not isinstance(chart, Mapping | list):
            raise Invalid("chart_unreadable", "The chart of a line is not a JSON object")
        return self._of_chart(json.dumps(chart, sort_keys=True)).another().redact(text)


class Restorer:
    """Turns tokens back."""

    def __init__(self, token_map: Mapping[str, str], *, any_spelling: bool) -> None:
        self._map, self._any_spelling = token_map, any_spelling

    def answer(self, text: str) -> str:
        """The text with what its tokens stand for.  Raises Invalid (``unknown_token``)."""
        try:
            return restore(text, self._map, any_spelling=self._any_spelling)
        except UnknownToken:
            raise Invalid(
                "unknown_token", "The text holds a token that was never given out; nothing was restored"
            ) from None

    def lines(self, lines: Iterable[bytes]) -> Iterator[Line]:
        """As for the redactor."""
        return _answers(lines, lambda line: {"restored": self.answer(line["text"])})


def _answers(lines: Iterable[bytes], answer: Callable[[Mapping[str, Any]], Line]) -> Iterator[Line]:
    for line in lines:
        if line.strip():
            yield _answer(line, answer)


def _answer(line: bytes, answer: Callable[[Mapping[str, Any]], Line]) -> Line:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": "line_not_json"}
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        return {"id": data.get("id") if isinstance(data, Mapping) else None, "error": "line_without_text"}
    try:
        return {"id": data.get("id"), **answer(data)}
    except TherapyFlowsError as error:
        return {"id": data.get("id"), "error": error.code}
