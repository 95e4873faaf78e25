"""A note in plain text as statements: headings open sections, bullets and sentences are statements."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.note_check.model import NoteLine

_MARKUP = re.compile(r"^\s{0,3}#{1,6}\s+|\*\*|__|^\s*>\s?|^\s*(?:-{3,}|={3,}|\*{3,}|_{3,})\s*$")
_BULLET = re.compile(r"^\s*(?:[-*+•◦▪‣·–—o]|\(?(?:\d{1,2}|[a-h])[.)])\s+(?=\S)")
_LABEL = re.compile(r"^\s*([^\W\d_][^:.?!]{0,40}?)\s*:\s*(.*)$", re.DOTALL)
_BOUNDARY = re.compile(r"[.?!]+[\"”’')\]]*(?=\s|$)")
_LAST_WORD = re.compile(r"([^\s(\[\"“]+)$")
_ENDS = re.compile(r"[.?!:;][\"”’')\]]*$")
_OF_ONE_LINE = frozenset({"risk", "mental_status", "history", "review_of_systems"})
"""Headings that, followed by words on their own line, hold for that line alone: "Risk: denies SI"."""
_WRAPPED_FROM = 55
"""A line at least this long that ends in the middle of a sentence goes on in the next one."""


def split_note(text: str) -> tuple[NoteLine, ...]:
    """The statements of the note in order, numbered ``n1``, ``n2``, ..., each with the section it stands in."""
    found: list[NoteLine] = []
    section: str | None = None
    for block in _blocks(text):
        heading, rest = _heading(block)
        if not (rest and heading in _OF_ONE_LINE):
            section = heading or section
        for piece in sentences_of(rest):
            found.append(NoteLine(f"n{len(found) + 1}", piece, heading or section))
    return tuple(found)


def sentences_of(text: str) -> list[str]:
    """The sentences of running text; a full stop behind an abbreviation or an initial ends none."""
    pieces, start = [], 0
    for match in _BOUNDARY.finditer(text):
        following = text[match.end() :].lstrip()
        if following and match.group().startswith(".") and _goes_past(text[start : match.start()], following):
            continue
        pieces.append(text[start : match.end()])
        start = match.end()
    pieces.append(text[start:])
    return [" ".join(piece.split()) for piece in pieces if re.search(r"\w", piece)]


def section_key(name: str) -> str:
    """The section that a heading names, or the heading itself in lower case."""
    plain = " ".join(name.lower().replace("_", " ").split())
    return _headings().get(plain, plain)


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, bullets and single lines, with lines that a sentence was wrapped over put together."""
    block = ""
    for raw in (*text.splitlines(), ""):
        line = _MARKUP.sub("", raw).strip() if raw.strip() else ""
        begins = not line or bool(_BULLET.match(raw)) or _heading(line)[0] is not None
        if block and (begins or not _goes_on(block, line)):
            yield block
            block = ""
        line = _BULLET.sub("", line)
        block = f"{block} {line}".strip()


def _goes_on(block: str, line: str) -> bool:
    if _heading(block)[0] and not _heading(block)[1]:
        return False
    return not _ENDS.search(block) and (line[:1].islower() or len(block) >= _WRAPPED_FROM)


def _heading(line: str) -> tuple[str | None, str]:
    """Section key and what follows on the line; (None, line) where there is no heading."""
    bare = " ".join(line.lower().strip(" :*_#").split())
    if bare in _headings():
        return _headings()[bare], ""
    match = _LABEL.match(line)
    if match is None:
        return None, line
    key = _headings().get(" ".join(match[1].lower().split()))
    return (key, match[2]) if key else (None, line)


def _goes_past(before: str, following: str) -> bool:
    """Whether this full stop ends no sentence: behind an abbreviation, an initial, a short word in lower case."""
    found = _LAST_WORD.search(before)
    word = found[1].strip("(\"'") if found else ""
    if word.lower() in _words("titles"):
        return True
    if word.lower() in _words("abbreviations"):
        return not following[0].isupper()
    if re.fullmatch(r"[A-Z](?:\.[A-Z])*", word) and word != "I":
        return len(before.split()) > 1
    return following[0].islower() and len(word) < 3 and word.isalpha() and word.islower()


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((files(__package__) / "note_headings.yaml").read_text("utf-8"))
    return data


@lru_cache(maxsize=1)
def _headings() -> dict[str, str]:
    return {name: key for key, names in _table()["headings"].items() for name in names}


@lru_cache(maxsize=2)
def _words(kind: str) -> frozenset[str]:
    return frozenset(_table()[kind])
