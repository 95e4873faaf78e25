"""Transcripts as text: ``Therapist: ...`` lines with or without times, or prose without speakers."""

import re
from collections import Counter
from dataclasses import replace

from therapyflows.integrations.documents.labels import is_companion, known_role
from therapyflows.integrations.documents.turn import RawTurn, plausible

MAX_LABELS = 12
"""More names than this are not speakers but words before a colon."""
_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"


def _stamp(group: str) -> str:
    """A time, bare or in brackets, alone or as the first of a range."""
    return rf"[\[(]?\s*(?P<{group}>{_TIME})(?:\s*-+>?\s*{_TIME})?\s*[\])]?"


_NAME = r"(?P<label>[^\W\d_][^:\[\](){}<>!?;\n]{0,39}?)"
_LABEL = rf"^\s*(?:{_stamp('before')}\s*[-–]?\s*)?{_NAME}\s*(?:{_stamp('after')}\s*)?:"
_LINE = re.compile(rf"{_LABEL}\s+(?P<text>\S.*)$")
_BARE = re.compile(rf"{_LABEL}\s*$")
_HEADING = re.compile(rf"^\s*{_NAME}\s+{_stamp('after')}\s*$")
_STAMPED = re.compile(rf"^\s*{_stamp('before')}\s*[-–]?\s+(?P<text>\S.*)$")
_LONG_LINE = 2000
"""Longer lines are prose; they are not searched for labels."""
_PARAGRAPH = 600
"""Characters after which unlabelled prose is cut at a sentence."""


def read_text(text: str) -> list[RawTurn]:
    """Turns in the order of the file; lines without a label continue the turn before."""
    lines = text.splitlines()
    speakers = _speakers(lines)
    turns: list[RawTurn] = []
    for line in lines:
        found = _labelled(line, speakers)
        if found is not None:
            turns.append(found)
        elif line.strip():
            _continue(turns, line)
    return [piece for turn in turns if turn.text for piece in _cut(turn)]


def _match(line: str) -> re.Match[str] | None:
    if len(line) > _LONG_LINE:
        line = line[:_LONG_LINE]
    return _LINE.match(line) or _BARE.match(line) or _HEADING.match(line)


def _speakers(lines: list[str]) -> frozenset[str]:
    """Which words before a colon are speakers: known roles, and names that come back."""
    counts = Counter(m["label"].strip() for line in lines if (m := _match(line)))
    known = {label for label in counts if known_role(label) is not None}
    if known:
        known |= {label for label in counts if len(label.split()) == 1 and is_companion(label)}
    names = {label for label, count in counts.items() if count > 1 and len(label.split()) <= 4}
    return frozenset(known | names if len(known | names) <= MAX_LABELS else known)


def _labelled(line: str, speakers: frozenset[str]) -> RawTurn | None:
    match = _match(line)
    if match is None or match["label"].strip() not in speakers:
        return None
    groups = match.groupdict()
    stamp = groups.get("before") or groups.get("after")
    text = line[match.start("text") :].strip() if groups.get("text") else ""
    return RawTurn(match["label"].strip(), text, seconds_of(stamp) if stamp else None)


def _continue(turns: list[RawTurn], line: str) -> None:
    """A line without a label: more of a labelled turn, else a turn of nobody known."""
    if turns and turns[-1].label is not None:
        turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {line.strip()}".strip())
        return
    stamped = _STAMPED.match(line[:_LONG_LINE])
    if stamped:
        turns.append(RawTurn(None, line[stamped.start("text") :].strip(), seconds_of(stamped["before"])))
    else:
        turns.append(RawTurn(None, line.strip()))


def _cut(turn: RawTurn) -> list[RawTurn]:
    """Prose of nobody known, cut at sentence ends into readable pieces."""
    if turn.label is not None or len(turn.text) <= _PARAGRAPH:
        return [turn]
    pieces = [""]
    for sentence in re.split(r"(?<=[.!?])\s+", turn.text):
        if pieces[-1] and len(pieces[-1]) + len(sentence) > _PARAGRAPH:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {sentence}".strip()
    return [replace(turn, text=piece) for piece in pieces if piece]


def seconds_of(stamp: str) -> float | None:
    """Seconds of ``h:mm:ss.fff`` or ``mm:ss``; None when that is no time of a session."""
    total = 0.0
    for part in stamp.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total if plausible(total) else None
