"""Every form in which a note may come to be checked."""

import json

import pytest

from therapyflows.core.errors import UnusableSource
from therapyflows.integrations.documents import notes
from therapyflows.integrations.documents.notes import parse_note


def read(data: object) -> list[tuple[str, str | None, str]]:
    return [(line.id, line.section, line.text) for line in parse_note(json.dumps(data).encode(), "note.json")]


def test_statements_as_text_and_as_objects() -> None:
    assert read({"statements": ["Slept badly.", {"id": "x", "text": "Walk daily.", "section": "plan"}]}) == [
        ("n1", None, "Slept badly."),
        ("x", "plan", "Walk daily."),
    ]
    assert read(["Slept badly."]) == [("n1", None, "Slept badly.")]


def test_sections_are_split_into_sentences() -> None:
    expected = [("n1", "subjective", "Slept badly."), ("n2", "subjective", "Ate."), ("n3", "plan", "Walk.")]
    assert read({"Subjective": "Slept badly. Ate.", "plan": ["Walk."]}) == expected
    sections = [{"name": "Subjective", "text": "Slept badly. Ate."}, {"name": "Plan", "text": "Walk."}]
    assert read({"sections": sections}) == expected


def test_our_own_draft_keeps_ids_sections_and_citations() -> None:
    evidence = [{"segment": "s2", "start": 1.0, "end": 2.0, "quote": "badly"}, {"segment": 3}]
    statement = {"id": "st1", "section": "subjective", "text": "Slept badly.", "evidence": evidence}
    (line,) = parse_note(json.dumps({"draft": {"statements": [statement]}}).encode(), "draft.json")
    assert (line.id, line.section) == ("st1", "subjective")
    assert [(span.segment_id, span.quote) for span in line.cited] == [("s2", "badly")]


def test_json_is_told_from_text_by_content() -> None:
    assert parse_note(b'{"statements": ["One."]}', "note.txt")[0].text == "One."
    assert parse_note(b"Plan: walk.", "note.txt")[0].text == "walk."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "note_empty"),
        (b" \n ", "note_empty"),
        (b"{}", "note_empty"),
        (b'{"statements": []}', "note_empty"),
        (b'{"statements": [7]}', "note_malformed"),
        (b'{"statements": [{"words": "x"}]}', "note_malformed"),
        (b'{"statements": ', "note_malformed"),
        (b"[" * 100_000, "note_malformed"),
        (b"%PDF-1.7 ...", "note_not_text"),
        (b"x" * (notes.MAX_BYTES + 1), "note_too_large"),
        (json.dumps(["a b"] * (notes.MAX_STATEMENTS + 1)).encode(), "note_too_large"),
    ],
)
def test_what_is_no_note_is_refused_with_its_code(content: bytes, code: str) -> None:
    with pytest.raises(UnusableSource) as found:
        parse_note(content, "note.json" if content[:1] in b"[{" and content else "note.txt")
    assert found.value.code == code
