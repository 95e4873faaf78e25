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


def test_without_a_recognizer_only_lists_and_shapes_find_names(redact: Callable[..., Any]) -> None:
    done = redact(b"Walker wept. Ask Barnaby.", "--chart", "chart.json", "--no-ner")
    assert done.stdout == b"Walker wept. Ask [PERSON_1]."


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


# --- and back ---


def test_a_text_comes_back_with_the_map_and_the_map_is_the_owners(redact: Callable[..., Any], tmp_path: Path) -> None:
    text = b"Marlowe's mother Josefina met Barnaby at 12 Harbor Street on 3/5/2024, and MARLOWE on March 9.\n"
    options = ("--chart", "chart.json", "--map", "map")
    first = redact(text, *options, "--no-ner")
    assert b"Marlowe" not in first.stdout
    assert b"PHI" in first.stderr
    assert (tmp_path / "map").stat().st_mode & 0o777 == 0o600
    second = redact(b"MARLOWE said 3/13/2024", *options, "--no-ner")
    assert second.stdout == b"[CLIENT.2] said [DATE_1+8d]"
    assert redact(first.stdout, "--restore", "--map", "map").stdout == text
    bent = redact(b"[client]'s CLIENT_MOTHER", "--restore", "--map", "map")
    assert (bent.stdout, bent.stderr) == (b"Marlowe's Josefina", b"")


def test_many_texts_with_a_map_are_one_conversation(redact: Callable[..., Any]) -> None:
    texts = ["Marlowe", "MARLOWE", "Marlowe and 617-555-0142"]
    lines = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))
    lines += json.dumps({"id": 3, "text": "Una", "chart": {"name": "Una"}})
    done = redact(lines.encode(), "--jsonl", "--chart", "chart.json", "--map", "map", "--no-ner")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a.get("redacted", a.get("error")) for a in answers] == [
        "[CLIENT]",
        "[CLIENT.2]",
        "[CLIENT] and [PHONE_1]",
        "chart_with_map",
    ]
    back = "".join(json.dumps({"id": a["id"], "text": a["redacted"]}) + "\n" for a in answers[:3])
    back += json.dumps({"id": 3, "text": "[PERSON_9] came"})
    restored = redact(back.encode(), "--jsonl", "--restore", "--map", "map")
    assert [json.loads(line) for line in restored.stdout.splitlines()] == [
        *({"id": n, "restored": text} for n, text in enumerate(texts)),
        {"id": 3, "error": "unknown_token"},
    ]


def test_the_chart_alone_restores_its_people(redact: Callable[..., Any]) -> None:
    done = redact(b"[CLIENT.2] and [CLIENT_MOTHER]'s dog", "--restore", "--chart", "chart.json")
    assert done.stdout == b"Marlowe and Josefina Examplez's dog"


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        (b"[PHONE_1]", ("--chart", "chart.json"), "never given out"),
        (b"[CLIENT]", (), "--map FILE"),
        (b"[CLIENT]", ("--map", "nowhere"), "no file"),
        (b"[CLIENT]", ("--map", "chart.json"), "chmod 600"),
        (b"[CLIENT]", ("--map", "other"), "not one that this command wrote"),
    ],
)
def test_what_cannot_be_restored_is_one_line(
    redact: Callable[..., Any], tmp_path: Path, text: bytes, options: tuple[str, ...], complaint: str
) -> None:
    (tmp_path / "chart.json").chmod(0o644)
    (tmp_path / "other").write_text('{"token": 1}\n')
    (tmp_path / "other").chmod(0o600)
    done = redact(text, "--restore", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert complaint in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


def test_a_map_that_a_kill_tore_goes_on_behind_its_last_whole_line(redact: Callable[..., Any], tmp_path: Path) -> None:
    options = ("--chart", "chart.json", "--map", "map", "--no-ner")
    redact(b"Marlowe", *options)
    with (tmp_path / "map").open("ab") as file:
        file.write(b'{"token": "[PHO')
    assert redact(b"MARLOWE", *options).stdout == b"[CLIENT.2]"
    assert redact(b"[CLIENT] [CLIENT.2]", "--restore", "--map", "map").stdout == b"Marlowe MARLOWE"


def test_a_model_that_is_named_and_not_there_redacts_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(COMMAND), "redact"],
        input=b"Marlowe wrote",
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "THERAPYFLOWS_PHI_GGUF": str(tmp_path / "none.gguf")},
        timeout=120,
    )
    assert done.returncode != 0
    assert done.stdout == b""
    assert b"no GGUF file" in done.stderr
    assert b"Marlowe" not in done.stderr
