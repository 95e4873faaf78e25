"""Captions: WebVTT with voice tags or ``Name: text``, and SubRip."""

import re
from collections.abc import Iterator
from dataclasses import replace

from therapyflows.integrations.documents.labels import known_role
from therapyflows.integrations.documents.turn import RawTurn, malformed, plausible

_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,80})>")
_MARKUP = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<\d[\d:.]*>", re.IGNORECASE)
_NAMED = re.compile(r"^\s*(?:-\s*)?([^\W\d_][^:<>!?;]{0,39}?):\s+(?=\S)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&"))
_JOIN_GAP_S = 2.0
_JOIN_LENGTH_S = 30.0


def looks_like_captions(text: str) -> bool:
    return text.lstrip().startswith("WEBVTT") or any(_TIMING.match(line) for line in text.splitlines()[:50])


def read_captions(text: str) -> list[RawTurn]:
    """Cues in the order of the file, those that continue a sentence of the same speaker joined."""
    turns = [turn for start_s, end_s, lines in _cues(text) for turn in _cue_turns(start_s, end_s, lines)]
    return _joined(_only_speakers(turns))


def _cues(text: str) -> Iterator[tuple[float, float, list[str]]]:
    timing: tuple[float, float] | None = None
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if "-->" in line:
            match = _TIMING.match(line)
            if match is None:
                raise malformed("a caption's times cannot be read", line=number)
            timing, lines = _times(match, number), []
        elif timing is not None and line.strip():
            lines.append(line)
        elif timing is not None:
            yield *timing, lines
            timing = None
    if timing is not None:
        yield *timing, lines


def _times(match: re.Match[str], number: int) -> tuple[float, float]:
    def clock(first: int) -> float:
        hours, minutes, seconds, fraction = match.group(first, first + 1, first + 2, first + 3)
        return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000

    start_s, end_s = clock(1), clock(5)
    if not plausible(start_s) or not plausible(end_s) or end_s < start_s:
        raise malformed("a caption ends before it starts, or lasts for days", line=number)
    return start_s, end_s


def _cue_turns(start_s: float, end_s: float, lines: list[str]) -> Iterator[RawTurn]:
    """One turn a speaker: a cue may hold several voices.  Markup that is not a caption's stays as text."""
    label: str | None = None
    for line in lines:
        parts = _VOICE.split(line)
        for at, part in enumerate(parts):
            if at % 2:
                label = part.strip()
                continue
            spoken = _unescaped(_MARKUP.sub("", part)).strip()
            named = _NAMED.match(spoken) if at == 0 and label is None else None
            if named:
                yield RawTurn(named[1].strip(), spoken[named.end() :].strip(), start_s, end_s)
            elif spoken:
                yield RawTurn(label, spoken, start_s, end_s)


def _unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _only_speakers(turns: list[RawTurn]) -> list[RawTurn]:
    """A word before a colon that comes only once and names no role is part of the text."""
    counts: dict[str, int] = {}
    for turn in turns:
        if turn.label:
            counts[turn.label] = counts.get(turn.label, 0) + 1
    once = {label for label, count in counts.items() if count == 1 and known_role(label) is None}
    if len(counts) <= 2:  # a short file: two names once each are two people
        return turns
    return [
        replace(turn, label=None, text=f"{turn.label}: {turn.text}") if turn.label in once else turn for turn in turns
    ]


def _joined(turns: list[RawTurn]) -> list[RawTurn]:
    found: list[RawTurn] = []
    for turn in turns:
        last = found[-1] if found else None
        if last is not None and last.label == turn.label and _continues(last, turn):
            found[-1] = replace(last, text=f"{last.text} {turn.text}", end_s=max(last.end_s or 0, turn.end_s or 0))
        else:
            found.append(turn)
    return found


def _continues(last: RawTurn, turn: RawTurn) -> bool:
    if last.start_s is None or last.end_s is None or turn.start_s is None or turn.end_s is None:
        return False
    if turn.start_s == last.start_s and turn.end_s == last.end_s:
        return True
    open_sentence = not last.text.endswith((".", "!", "?"))
    near = -1 <= turn.start_s - last.end_s <= _JOIN_GAP_S and turn.end_s - last.start_s <= _JOIN_LENGTH_S
    return open_sentence and near
