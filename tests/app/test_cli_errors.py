"""What goes wrong is one line that says what is wrong and what to do, with exit status 2 for bad input."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMANDS = (
    ("draft",),
    ("redact",),
    ("intake",),
    ("score",),
    ("init",),
    ("up",),
    ("status",),
    ("demo",),
    ("deploy",),
    ("simulate",),
    ("audit", "verify"),
    ("audit", "export"),
    ("audit", "show"),
)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"
NOISE = bytes(range(256)) * 40


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(therapyflows: Callable[..., Any], command: tuple[str]) -> None:
    answer = therapyflows(*command, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert "Example: " in answer.out
    assert f"therapyflows {' '.join(command)}" in answer.out.split("Example: ")[1]


@pytest.mark.parametrize("arguments", [(), ("audit",)])
def test_without_a_command_the_help_is_shown(therapyflows: Callable[..., Any], arguments: tuple[str]) -> None:
    answer = therapyflows(*arguments)
    assert answer.out.startswith("Usage: therapyflows")
    assert "Commands:" in answer.out


BAD_FILES: dict[str, tuple[bytes, str, str]] = {
    "empty.wav": (b"", "empty", "Upload"),
    "empty.txt": (b"", "no words", "Upload"),
    "noise.wav": (NOISE, "not a readable audio or video file", "wav, mp3"),
    "noise": (NOISE, "not a readable audio or video file", "wav, mp3"),
    "noise.txt": (NOISE, "not a text file", "txt, vtt, srt or json"),
    "form.pdf": (PDF, "not a readable audio or video file", "wav, mp3"),
    "form.txt": (PDF, "not a text file", "as text first"),
    "broken.json": (b'{"segments": [', "JSON", ""),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used(therapyflows: Callable[..., Any], tmp_path: Path, name: str) -> None:
    content, wrong, remedy = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    answer = therapyflows("draft", name)
    assert (answer.status, answer.out) == (2, "")
    assert wrong in answer.complaint
    assert remedy in answer.complaint


def test_a_missing_file(therapyflows: Callable[..., Any]) -> None:
    answer = therapyflows("draft", "nowhere.wav")
    assert (answer.status, answer.complaint) == (2, "There is no file nowhere.wav; check the path.")


def test_a_folder(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    answer = therapyflows("draft", "folder")
    assert (answer.status, answer.complaint) == (2, "folder is a folder; name a file.")


def test_a_file_without_permission(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    name = "secret.wav"
    (tmp_path / name).write_bytes(b"Client: hello\n")
    (tmp_path / name).chmod(0)
    answer = therapyflows("draft", name)
    assert answer.status == 2
    assert answer.complaint == f"{name} may not be read by this user; check its permissions."


def test_a_pipe_does_not_hang(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    answer = therapyflows("draft", "pipe")
    assert (answer.status, "no regular file" in answer.complaint) == (2, True)


def test_a_path_that_cannot_be(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Client: hello\n")
    for path in ("talk.txt/more", "x" * 300):
        answer = therapyflows("draft", path)
        assert (answer.status, "cannot be used" in answer.complaint) == (2, True)


def test_an_unknown_format_names_those_that_exist(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Client: hello\n")
    answer = therapyflows("draft", "talk.txt", "--format", "haiku")
    assert answer.status == 2
    for name in ("soap", "dap", "birp", "girp"):
        assert name in answer.complaint


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("draft",), "Missing argument 'file'; see `therapyflows draft --help`."),
        (("draft", "a.txt", "--fromat", "dap"), "No such option"),
        (("dratf",), "No such command 'dratf'"),
        (("audit", "show", "--limit", "many"), "--limit"),
        (("audit", "show", "--limit", "0"), "--limit"),
    ],
)
def test_wrong_use_of_the_command_line(therapyflows: Callable[..., Any], arguments: tuple[str], wrong: str) -> None:
    answer = therapyflows(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert wrong in answer.complaint
    assert "--help`." in answer.complaint


@pytest.mark.parametrize("command", [("status",), ("up",), ("audit", "verify")])
def test_missing_settings_are_named(therapyflows: Callable[..., Any], command: tuple[str]) -> None:
    answer = therapyflows(*command)
    assert answer.status == 2
    for name in ("THERAPYFLOWS_EHR", "THERAPYFLOWS_STORE", "THERAPYFLOWS_REVIEW", "therapyflows init"):
        assert name in answer.complaint


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str]
) -> None:
    wrong = {"THERAPYFLOWS_EHR__WEBHOOK_SECRETS": "hush-hush", "THERAPYFLOWS_SYNC_MINUTES": "-77"}
    for name, value in wrong.items():
        answer = therapyflows("audit", "show", **practice_settings | {name: value})
        assert answer.status == 2
        assert name.split("_", 1)[1].split("__")[0].lower() in answer.complaint.lower()
        assert value not in answer.complaint


WEBHOOK_SECRET = {"THERAPYFLOWS_EHR__WEBHOOK_SECRETS": '["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]'}


def test_a_key_that_is_no_key_is_named(therapyflows: Callable[..., Any], practice_settings: dict[str, str]) -> None:
    name = "THERAPYFLOWS_STORE__PRACTICE_KEY"
    answer = therapyflows("up", **practice_settings | WEBHOOK_SECRET | {name: "too-short"})
    assert answer.status == 2
    assert name in answer.complaint
    assert "too-short" not in answer.complaint


def test_a_missing_webhook_secret_is_named_before_anything_starts(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str]
) -> None:
    answer = therapyflows("up", **practice_settings)
    assert answer.status == 2
    assert "THERAPYFLOWS_EHR__WEBHOOK_SECRETS" in answer.complaint
    assert "therapyflows init" in answer.complaint


def test_a_settings_file_that_is_not_there_is_named(therapyflows: Callable[..., Any]) -> None:
    answer = therapyflows("status", THERAPYFLOWS_ENV_FILE="nowhere.env")
    assert (answer.status, "names nowhere.env" in answer.complaint) == (2, True)


def test_settings_that_contradict_each_other_are_explained(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str]
) -> None:
    answer = therapyflows("status", **practice_settings | {"THERAPYFLOWS_RETENTION__TRANSCRIPT_DAYS": "3"})
    assert (answer.status, "must not end before a waiting draft expires" in answer.complaint) == (2, True)


def test_init_writes_settings_for_the_owner_alone_and_never_over_others(
    therapyflows: Callable[..., Any], tmp_path: Path
) -> None:
    assert therapyflows("init", "practice.env").status == 0
    written = (tmp_path / "practice.env").read_text()
    assert (tmp_path / "practice.env").stat().st_mode & 0o777 == 0o600
    answer = therapyflows("init", "practice.env")
    assert (answer.status, "exists already" in answer.complaint) == (2, True)
    assert (tmp_path / "practice.env").read_text() == written


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Client: I slept badly and I am tired.\n" * 3000)
    command = Path(sys.executable).with_name("therapyflows")
    writer = subprocess.Popen(
        [command, "draft", "talk.txt", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.read(10)
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    writer.wait(timeout=60)
