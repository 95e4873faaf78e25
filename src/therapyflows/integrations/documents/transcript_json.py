"""Transcripts as JSON: our own output, lists of turns, and what recognizers write."""

import json
from collections.abc import Mapping
from typing import Any

from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.documents.turn import RawTurn, malformed, plausible

_SPEAKER = ("speaker", "role", "label", "name", "interlocutor")
_TEXT = ("text", "utterance", "utterance_text", "transcript", "content")
_START = ("start", "start_s", "startTime", "start_time", "begin")
_END = ("end", "end_s", "endTime", "end_time")


def read_json(text: str) -> list[RawTurn]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise malformed("the file is not valid JSON", line=error.lineno) from None
    except (RecursionError, ValueError):
        raise malformed("the JSON cannot be read: it is nested too deeply or holds an impossible number") from None
    return turns_of(data)


def turns_of(data: Any) -> list[RawTurn]:
    """The turns with words of a JSON value that is a list of turns, or holds one.  Raises UnusableSource."""
    return [turn for number, entry in enumerate(_entries(data), start=1) if (turn := _turn(entry, number)).text]


def _entries(data: Any) -> list[Any]:
    for _ in range(3):
        if isinstance(data, list):
            return data
        if not isinstance(data, Mapping):
            break
        inner = (data.get(key) for key in ("transcript", "segments", "turns", "utterances"))
        data = next((value for value in inner if isinstance(value, list | Mapping)), None)
    if isinstance(data, list):
        return data
    raise malformed('the JSON holds neither a list of turns nor "segments"')


def _turn(entry: Any, number: int) -> RawTurn:
    if not isinstance(entry, Mapping):
        raise malformed("an entry is not an object with a text", entry=number)
    text = _first(entry, _TEXT)
    if not isinstance(text, str):
        raise malformed("an entry has no text", entry=number)
    label = _first(entry, _SPEAKER)
    if label is not None and not isinstance(label, str | int):
        raise malformed("an entry's speaker is not a name", entry=number)
    start_s, end_s = _seconds(_first(entry, _START), number), _seconds(_first(entry, _END), number)
    if start_s is not None and end_s is not None and end_s < start_s:
        raise malformed("an entry ends before it starts", entry=number)
    name = str(label).strip() if label is not None else None
    return RawTurn(name or None, text.strip(), start_s, end_s, _words(entry.get("words"), number), place=number - 1)


def _words(data: Any, number: int) -> tuple[Word, ...]:
    """Word times, when every word has them."""
    if not isinstance(data, list):
        return ()
    words = []
    for item in data:
        if not isinstance(item, Mapping):
            return ()
        text = _first(item, ("text", "word"))
        start_s, end_s = _seconds(_first(item, _START), number), _seconds(_first(item, _END), number)
        if not isinstance(text, str) or start_s is None or end_s is None:
            return ()
        probability = item.get("probability", 1.0)
        known = isinstance(probability, int | float) and 0 <= probability <= 1
        words.append(Word(text.strip(), start_s, end_s, float(probability) if known else 1.0))
    return tuple(words)


def _first(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def _seconds(value: Any, number: int) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        raise malformed("an entry's time is not a number of seconds", entry=number) from None
    if not plausible(seconds):
        raise malformed("an entry's time is not a number of seconds", entry=number)
    return seconds
