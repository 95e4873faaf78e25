"""``therapyflows redact``: clean text on stdout, one answer a line, and nothing in clear when something is wrong."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import COMMAND

CHART = {"firstName": "Marlowe", "contacts": [{"name": "Josefina Examplez", "relationship": "mother"}]}


@pytest.fixture
def redact(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """The command with bytes on stdin."""
    (tmp_path / "chart.json").write_text(json.dumps(CHART))

    def run(content: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(COMMAND), "redact", *options], input=content, capture_output=True, cwd=tmp_path, timeout=120
        )

    return run


def test_the_answer_is_the_text_and_nothing_else(redact: Callable[..., Any]) -> None:
    done = redact("Marlowe naïvely wrote\r\nto Barnaby Nosuchname, 617-555-0199".encode(), "--chart", "chart.json")
    assert done.stdout.decode() == "[CLIENT] naïvely wrote\r\nto [PERSON_1], [PHONE_1]"
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_recognizer_names_outside_the_chart_stay(redact: Callable[..., Any]) -> None:
    done = redact(b"Marlowe met Barnaby", "--chart", "chart.json", "--no-ner")
    assert done.stdout == b"[CLIENT] met Barnaby"


def test_spans_count_characters_of_the_text(redact: Callable[..., Any]) -> None:
    text = "👋 ñ\n Marlowe e\u0301, mail a@example.org"
    done = redact(json.dumps({"id": 7, "text": text}).encode(), "--jsonl", "--chart", "chart.json", "--no-ner")
    answer = json.loads(done.stdout)
    assert answer["id"] == 7
    assert [text[s["start"] : s["end"]] for s in answer["spans"]] == ["Marlowe", "a@example.org"]
    pieces, position = [], 0
    for span in answer["spans"]:
        pieces += [text[position : span["start"]], span["token"]]
        position = span["end"]
    assert "".join((*pieces, text[position:])) == answer["redacted"]


def test_bad_lines_are_answered_and_the_rest_goes_on(redact: Callable[..., Any]) -> None:
    lines = [b"Marlowe", b'{"id": 1}', b'["Marlowe"]', b'{"id": 2, "text": "Marlowe \xff"}', b"[" * 100_000, b"",
             b'{"id": 3, "text": "Una", "chart": {}}', b'{"id": 4, "text": "Una", "chart": "Una"}',
             b'{"id": 5, "text": "Una", "chart": {"name": "Una"}}']  # fmt: skip
    done = redact(b"\n".join(lines), "--jsonl", "--chart", "chart.json", "--no-ner")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(a["id"], a.get("error")) for a in answers] == [
        (None, "line_not_json"),
        (1, "line_without_text"),
        (None, "line_without_text"),
        (None, "line_not_json"),
        (None, "line_not_json"),
        (3, "chart_empty"),
        (4, "chart_unreadable"),
        (5, None),
    ]
    assert answers[-1]["redacted"] == "[CLIENT]"
    assert done.returncode == 2
    assert b"Marlowe" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_each_line_is_answered_before_the_next_one_comes(tmp_path: Path) -> None:
    command = [str(COMMAND), "redact", "--jsonl", "--no-ner"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": "on 3/5/1988"}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.parametrize(("chart", "complaint"), [("[]", "holds nothing"), ("{", "not valid JSON"), (None, "no file")])
def test_a_chart_that_cannot_be_used_is_one_line(
    redact: Callable[..., Any], tmp_path: Path, chart: str | None, complaint: str
) -> None:
    if chart is not None:
        (tmp_path / "other.json").write_text(chart)
    done = redact(b"Marlowe", "--chart", "other.json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert complaint in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


def test_text_that_is_not_utf_8_is_one_line(redact: Callable[..., Any]) -> None:
    done = redact(b"Marlowe \xff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"UTF-8" in done.stderr


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    lines = b'{"id": 1, "text": "Marlowe"}\n' * 20_000
    script = f"{COMMAND} redact --jsonl --no-ner | head -1"
    done = subprocess.run(["bash", "-c", script], input=lines, capture_output=True, cwd=tmp_path, timeout=120)
    assert json.loads(done.stdout)["id"] == 1
    assert b"Traceback" not in done.stderr
