"""``therapyflows draft``: the documented JSON on stdout, a readable note without --json."""

import json
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

TALK = """Therapist: What brings you in today?
Client: I have been sleeping badly since the move, maybe four hours a night.
Therapist: Have you had any thoughts of killing yourself?
Client: No, never.
Therapist: Let's try the breathing exercise every evening this week — “in, out”.
Client: Okay, I can do that.
"""
GRADES = {"supported", "partly", "unsupported", "contradicted", "not_assessed"}


def check_form(document: dict[str, Any]) -> None:
    """The form that scripts rely on, and that every citation is found where it points."""
    assert set(document) == {"transcript", "draft", "warnings"}
    assert set(document["transcript"]) == {"duration", "segments"}
    segments = {segment["id"]: segment for segment in document["transcript"]["segments"]}
    for segment in segments.values():
        assert set(segment) == {"id", "speaker", "start", "end", "text"}
        assert segment["speaker"] in {"therapist", "client", "unknown"}
        assert 0 <= segment["start"] <= segment["end"]
    draft = document["draft"]
    assert {"format", "drafter", "statements", "codes"} <= set(draft)
    assert set(draft["codes"]) == {"cpt", "icd10"}
    assert draft["statements"]
    for statement in draft["statements"]:
        assert {"id", "section", "text", "evidence", "grade"} <= set(statement)
        assert statement["grade"] in GRADES
        for span in statement["evidence"]:
            assert set(span) == {"segment", "start", "end", "quote"}
            assert span["quote"] in segments[span["segment"]]["text"]
    assert all(set(warning) == {"code", "message"} for warning in document["warnings"])


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    file = tmp_path / "talk.txt"
    file.write_text(TALK, "utf-8")
    return file


def test_a_transcript_becomes_the_documented_json(therapyflows: Callable[..., Any], talk: Path) -> None:
    answer = therapyflows("draft", talk, "--format", "soap", "--json")
    assert (answer.status, answer.err) == (0, "")
    document = json.loads(answer.out)
    check_form(document)
    assert [s["speaker"] for s in document["transcript"]["segments"]] == ["therapist", "client"] * 3
    assert (document["draft"]["format"], document["draft"]["drafter"]) == ("soap", "evidence")
    assert any("four hours a night" in s["text"] for s in document["draft"]["statements"])
    assert document["draft"]["codes"]["cpt"] == []  # no appointment, no minutes, no guess


@pytest.mark.parametrize("note_format", ["dap", "birp"])
def test_every_format_is_drafted(therapyflows: Callable[..., Any], talk: Path, note_format: str) -> None:
    document = json.loads(therapyflows("draft", talk, "--format", note_format, "--json").out)
    check_form(document)
    assert document["draft"]["format"] == note_format


def test_json_is_utf_8_on_a_terminal_that_knows_only_ascii(therapyflows: Callable[..., Any], talk: Path) -> None:
    answer = therapyflows("draft", talk, "--json", PYTHONIOENCODING="ascii")
    assert answer.status == 0
    assert "“in, out”" in json.loads(answer.out)["transcript"]["segments"][4]["text"]


def test_without_json_the_note_is_readable(therapyflows: Callable[..., Any], talk: Path) -> None:
    answer = therapyflows("draft", talk)
    assert answer.status == 0
    assert "Subjective" in answer.out
    assert "four hours a night" in answer.out
    assert "[supported]" in answer.out
    assert all(line.startswith("note: ") for line in answer.err.splitlines())


def test_a_recording_is_transcribed_and_drafted(therapyflows: Callable[..., Any]) -> None:
    with as_file(files("therapyflows.simulator") / "recordings" / "session.opus") as recording:
        answer = therapyflows("draft", recording, "--json", THERAPYFLOWS_SPEECH__MODEL="fast")
    assert answer.status == 0, answer.err
    document = json.loads(answer.out)
    check_form(document)
    assert document["transcript"]["duration"] > 30
    assert {"therapist", "client"} <= {s["speaker"] for s in document["transcript"]["segments"]}
    cited = [span for s in document["draft"]["statements"] for span in s["evidence"]]
    assert any(span["end"] > span["start"] > 0 for span in cited)


def test_what_was_off_the_record_is_in_no_output(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text(TALK + "Client: Off the record, the violet lighthouse hums.\nTherapist: Back on the record.\n")
    for options in (("--json",), ()):
        answer = therapyflows("draft", file, *options)
        assert answer.status == 0
        assert "lighthouse" not in answer.out + answer.err
    codes = [warning["code"] for warning in json.loads(therapyflows("draft", file, "--json").out)["warnings"]]
    assert "off_record_held_back" in codes
