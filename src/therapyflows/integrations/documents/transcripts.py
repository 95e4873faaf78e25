"""Uploaded transcripts: text, WebVTT, SubRip or JSON, told apart by content, to the core's transcript."""

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from therapyflows.core.errors import UnusableSource
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.integrations.documents.captions import looks_like_captions, read_captions
from therapyflows.integrations.documents.labels import roles_of
from therapyflows.integrations.documents.plain_text import read_text
from therapyflows.integrations.documents.text_file import decoded
from therapyflows.integrations.documents.transcript_json import read_json, turns_of
from therapyflows.integrations.documents.turn import RawTurn

MAX_BYTES = 20_000_000
MAX_SEGMENTS = 20_000
"""A six-hour session has about 5,000 turns."""
_JSON_START = re.compile(r"\s*(?:\{\s*\"|\[\s*\{)")
MAX_LINES = 200_000
SPEAKERS_UNKNOWN = Notice(
    "speakers_unknown", "The transcript does not say who speaks: please check whose words the draft reports."
)


def parse_transcript(content: bytes, file_name: str) -> Transcript:
    """Read an uploaded transcript.  The file's name only helps to tell JSON from text.

    Raises UnusableSource: ``transcript_empty``, ``transcript_too_large``, ``transcript_not_text``, or
    ``transcript_malformed`` with the line or the entry.
    """
    if len(content) > MAX_BYTES:
        raise _too_large()
    text = decoded(content)
    if text is None:
        raise _not_text()
    if not text.strip():
        raise _empty()
    if text.count("\n") > MAX_LINES:
        raise _too_large()
    turns = _read(text, PurePath(file_name).suffix.lower())
    if not turns:
        raise _empty()
    if len(turns) > MAX_SEGMENTS:
        raise _too_large()
    return _transcript(turns)


def _read(text: str, ending: str) -> list[RawTurn]:
    if ending == ".json" or _JSON_START.match(text):
        return read_json(text)
    if ending in (".vtt", ".srt") or looks_like_captions(text):
        return read_captions(text)
    return read_text(text)


def read_turns(data: Any) -> tuple[Transcript, tuple[int, ...]]:
    """The transcript of parsed JSON, and for each of its segments the index of its entry.

    Without any words it has no segments.  Raises UnusableSource for entries that are no turns, and for too many.
    """
    turns = turns_of(data)
    if len(turns) > MAX_SEGMENTS:
        raise _too_large()
    return _transcript(turns), tuple(turn.place or 0 for turn in _in_time(turns))


def _transcript(turns: Sequence[RawTurn]) -> Transcript:
    roles, doubts = roles_of(turns)
    ordered = _in_time(turns)
    segments = tuple(_segment(ordered, at, roles) for at in range(len(ordered)))
    nobody = bool(segments) and all(segment.speaker is Speaker.UNKNOWN for segment in segments)
    return Transcript(
        source=SourceKind.TRANSCRIPT,
        duration_s=max((segment.end_s for segment in segments), default=0.0),
        segments=segments,
        warnings=(SPEAKERS_UNKNOWN,) if nobody else doubts,
    )


def _in_time(turns: Sequence[RawTurn]) -> list[RawTurn]:
    """By time where every turn has one, else as they stand."""
    timed = all(turn.start_s is not None for turn in turns)
    return sorted(turns, key=lambda turn: turn.start_s or 0.0) if timed else list(turns)


def _segment(turns: Sequence[RawTurn], at: int, roles: dict[str, Speaker]) -> Segment:
    """A turn without an end lasts until the next one begins."""
    turn = turns[at]
    start_s = turn.start_s or 0.0
    following = next((t.start_s for t in turns[at + 1 : at + 2] if t.start_s is not None), None)
    end_s = turn.end_s if turn.end_s is not None else following
    return Segment(
        id=f"s{at + 1}",
        speaker=roles.get(turn.label or "", Speaker.UNKNOWN),
        start_s=start_s,
        end_s=max(start_s, end_s if end_s is not None else start_s),
        text=turn.text,
        words=turn.words if " ".join(word.text for word in turn.words) == turn.text else (),
    )


def _not_text() -> UnusableSource:
    return UnusableSource(
        "transcript_not_text",
        "the file is not a text file",
        remedy="Upload the transcript as txt, vtt, srt or json; save a word processor's document as text first.",
    )


def _empty() -> UnusableSource:
    return UnusableSource(
        "transcript_empty",
        "the transcript holds no words",
        remedy="Upload a transcript with lines such as `Client: ...`.",
    )


def _too_large() -> UnusableSource:
    return UnusableSource(
        "transcript_too_large",
        "the transcript is larger than any session",
        remedy="Upload the transcript of this one session as text.",
    )
