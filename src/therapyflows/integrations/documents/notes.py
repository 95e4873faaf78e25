"""Notes to be checked: plain text, our own ``draft --json``, a list of statements, or sections; told apart by content.

::

    {"draft": {"statements": [{"id", "section", "text", "evidence": [...]}]}}     therapyflows draft --json
    {"statements": ["...", {"text": "...", "section": "plan"}]}
    {"subjective": "...", "plan": ["...", "..."]}                                 sections of text
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from therapyflows.core.errors import UnusableSource
from therapyflows.core.note_check.model import NoteLine
from therapyflows.core.note_check.plain_note import section_key, sentences_of, split_note
from therapyflows.governance.evidence.model import Span
from therapyflows.integrations.documents.text_file import decoded

MAX_BYTES = 5_000_000
MAX_STATEMENTS = 5_000
_JSON_START = re.compile(r"\s*[{\[]\s*[\"{\]}\[]")


def parse_note(content: bytes, file_name: str) -> tuple[NoteLine, ...]:
    """The statements of a note file.  The name only helps to tell JSON from text.

    Raises UnusableSource: ``note_empty``, ``note_too_large``, ``note_not_text`` or ``note_malformed``.
    """
    if len(content) > MAX_BYTES:
        raise _too_large()
    text = decoded(content)
    if text is None:
        raise _unusable("note_not_text", "the note is not a text file", "Save it as plain text or JSON.")
    is_json = PurePath(file_name).suffix.lower() == ".json" or _JSON_START.match(text)
    return bounded(lines_of(_loaded(text)) if is_json and text.strip() else split_note(text))


def bounded(lines: tuple[NoteLine, ...], *, may_be_empty: bool = False) -> tuple[NoteLine, ...]:
    """The lines, unless there are none or more than any note has."""
    if not lines and not may_be_empty:
        raise _unusable("note_empty", "the note holds no statements", "Give a note with at least one sentence.")
    if len(lines) > MAX_STATEMENTS:
        raise _too_large()
    return lines


def lines_of(data: Any) -> tuple[NoteLine, ...]:
    """The statements of a parsed JSON note, in order; ids are kept, missing ones are ``n1``, ``n2``, ..."""
    if isinstance(data, Mapping):
        for key in ("draft", "note"):
            if isinstance(data.get(key), Mapping | list):
                return lines_of(data[key])
            if isinstance(data.get(key), str):
                return split_note(data[key])
        data = data.get("statements") if "statements" in data else list(_of_sections(data.get("sections", data)))
    if not isinstance(data, list):
        raise malformed_note('it holds neither "statements" nor sections of text')
    return tuple(_line(entry, number) for number, entry in enumerate(data, 1))


def _line(entry: Any, number: int) -> NoteLine:
    if isinstance(entry, str):
        return NoteLine(f"n{number}", entry)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("text"), str):
        raise malformed_note("a statement is neither text nor an object with a text", entry=number)
    section, given = entry.get("section"), entry.get("id")
    evidence = entry.get("evidence")
    return NoteLine(
        id=str(given) if isinstance(given, str | int) else f"n{number}",
        text=entry["text"],
        section=section if isinstance(section, str) else None,
        cited=tuple(_spans(evidence)) if isinstance(evidence, list) else (),
    )


def _spans(evidence: list[Any]) -> Iterator[Span]:
    """What our own drafts cite; anything else is passed over, because a citation is a help and no claim."""
    for span in evidence:
        if isinstance(span, Mapping) and isinstance(span.get("segment"), str) and isinstance(span.get("quote"), str):
            start, end = (span.get(key) if isinstance(span.get(key), int | float) else 0.0 for key in ("start", "end"))
            yield Span(span["segment"], float(start or 0.0), float(end or 0.0), span["quote"])


def _of_sections(data: Any) -> Iterator[Mapping[str, str]]:
    """Statements of ``{"subjective": "..."}`` or ``[{"name": "Subjective", "text": "..."}]``."""
    if isinstance(data, list):
        data = {str(s.get("name", "")): s.get("text") for s in data if isinstance(s, Mapping)}
    if not isinstance(data, Mapping):
        raise malformed_note("its sections are no object of texts")
    for name, content in data.items():
        for text in content if isinstance(content, list) else [content]:
            if isinstance(text, str):
                for line in text.splitlines():
                    yield from ({"text": piece, "section": section_key(str(name))} for piece in sentences_of(line))
            elif isinstance(text, Mapping) and isinstance(text.get("text"), str):
                yield {"text": text["text"], "section": section_key(str(name))}


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise malformed_note("the note is not valid JSON", line=error.lineno) from None
    except (RecursionError, ValueError):
        raise malformed_note("the JSON is nested too deeply or holds an impossible number") from None


def malformed_note(message: str, **place: int) -> UnusableSource:
    """The note cannot be understood at this line or entry."""
    remedy = 'Give plain text, {"statements": [...]} or {"subjective": "..."}; see docs/integrators.md.'
    return UnusableSource("note_malformed", message, remedy=remedy, **place)


def _too_large() -> UnusableSource:
    return _unusable("note_too_large", "the note is larger than any session's", "Give the note of one session.")


def _unusable(code: str, message: str, remedy: str) -> UnusableSource:
    return UnusableSource(code, message, remedy=remedy)
