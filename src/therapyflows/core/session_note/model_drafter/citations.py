"""From the ids and the quote that a model gave to spans that stand verbatim in the source."""

import re
from collections.abc import Collection, Iterable, Mapping

from rapidfuzz import fuzz

from therapyflows.core.session_note.model_drafter.answers import Line
from therapyflows.governance.evidence.model import Segment, Span

_NEAR_ENOUGH = 80.0
"""Percent of the quote's characters that must stand in the segment in order."""
_SHORTEST_QUOTE = 8
"""Characters; anything shorter stands everywhere and locates nothing."""
_ID = re.compile(r"\d+")


class Source:
    """The segments that may be cited."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._segments = {segment.id: segment for segment in segments if segment.text.strip()}

    def only(self, ids: Collection[str]) -> "Source":
        """The part of the source that a stretch showed."""
        return Source(segment for segment_id, segment in self._segments.items() if segment_id in ids)

    def cited(self, line: Line) -> list[Segment]:
        """The segments that the line cites and that exist, each once.  ``S12`` and ``[s12]`` mean ``s12``."""
        numbers = [number for given in line.segments for number in _ID.findall(given)]
        ids = dict.fromkeys(f"s{int(number)}" for number in numbers)
        return [self._segments[segment_id] for segment_id in ids if segment_id in self._segments]

    def spans(self, line: Line, quoted: Mapping[str, Span] | None = None) -> tuple[Span, ...]:
        """The line's evidence: the quote where it stands, else (from ``quoted`` or) the whole segment.

        ``quoted`` holds spans that an earlier pass located, by segment id.  Empty when the line cites nothing real.
        """
        segments = self.cited(line)
        located = next((span for s in segments if (span := locate(line.quote, s))), None)
        return tuple(
            located
            if located and located.segment_id == segment.id
            else (quoted or {}).get(segment.id) or Span(segment.id, segment.start_s, segment.end_s, segment.text)
            for segment in segments
        )


def locate(quote: str | None, segment: Segment) -> Span | None:
    """Where the quote stands in the segment: exactly, else nearly, on whole words.  None when it does not."""
    wanted = (quote or "").strip(" \t\n\"'“”.…")
    if len(wanted) < _SHORTEST_QUOTE:
        return None
    start = segment.text.lower().find(wanted.lower())
    if start >= 0 and len(segment.text) == len(segment.text.lower()):
        return _span(segment, start, start + len(wanted))
    found = fuzz.partial_ratio_alignment(wanted.lower(), segment.text.lower(), score_cutoff=_NEAR_ENOUGH)
    if found is None or len(segment.text) < len(wanted) * 0.8:
        return None
    return _span(segment, found.dest_start, min(found.dest_end, len(segment.text)))


def _span(segment: Segment, start: int, end: int) -> Span | None:
    text = segment.text
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    verbatim = text[start:end].strip()
    if not verbatim:
        return None
    first, last = _times(segment, start, end)
    return Span(segment.id, first, last, verbatim)


def _times(segment: Segment, start: int, end: int) -> tuple[float, float]:
    """Seconds of the words between two offsets; of the whole segment when its words have no times."""
    words = segment.text.split()
    if len(words) != len(segment.words):
        return segment.start_s, segment.end_s
    first = len(segment.text[:start].split())
    last = max(first, len(segment.text[:end].split()) - 1)
    return segment.words[min(first, len(words) - 1)].start_s, segment.words[min(last, len(words) - 1)].end_s
