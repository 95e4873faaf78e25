"""``therapyflows audit``: verify, export and show, for one who does not trust the people who run it."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.store import open_store

CLIENTS = ("c-1", "c-2", "c-1", "c-3", "c-1", "c-2")
OTHER_KEY = base64.b64encode(b"o" * 32).decode()


@pytest.fixture
def audit(therapyflows: Callable[..., Any], practice_settings: dict[str, str], tmp_path: Path) -> Callable[..., Any]:
    """The command on a practice with six entries."""
    (tmp_path / "data").mkdir()
    store = open_store(
        f"sqlite:///{tmp_path / 'data' / 'store.sqlite'}",
        practice_key=b"k" * 32,
        signing_key=b"k" * 32,
        recordings_dir=tmp_path / "data" / "recordings",
        checkpoint_dir=tmp_path / "data" / "checkpoints",
    )
    for number, client in enumerate(CLIENTS, 1):
        person = Actor("person", f"u-{number % 2}", "Clinician")
        store.audit.append(AuditEntry(Action.DRAFT_VIEWED, person, f"draft/drf_{number}", client, f"run-{number}"))
    store.close()
    return lambda *arguments, **more: therapyflows("audit", *arguments, **practice_settings | more)


def how_to_verify(answer: Any) -> list[str]:
    """The arguments that ``export`` prints for whoever verifies elsewhere."""
    [line] = answer.err.splitlines()
    found = re.fullmatch(r"verify with: (--checkpoints) (\S+) (--public-key) (\S+)", line)
    assert found, line
    return list(found.groups())


def test_an_untouched_trail_is_intact(audit: Callable[..., Any]) -> None:
    answer = audit("verify")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith("intact: 6 entries")
    report = json.loads(audit("verify", "--json").out)
    assert (report["intact"], report["entries"], report["covered_until"], report["findings"]) == (True, 6, 6, [])


def test_an_export_is_verified_elsewhere_with_the_public_key_alone(
    audit: Callable[..., Any], therapyflows: Callable[..., Any], tmp_path: Path
) -> None:
    exported = audit("export", "--to", "trail.jsonl")
    assert exported.status == 0
    assert "6 entries written to trail.jsonl" in exported.out
    answer = therapyflows("audit", "verify", "trail.jsonl", *how_to_verify(exported))  # no settings at all
    assert (answer.status, answer.out.startswith("intact: 6 entries")) == (0, True)
    without_checkpoints = how_to_verify(exported)[2:]
    assert therapyflows("audit", "verify", "trail.jsonl", *without_checkpoints).status == 0


def test_an_export_to_stdout_is_the_same_lines(audit: Callable[..., Any], tmp_path: Path) -> None:
    audit("export", "--to", "trail.jsonl")
    lines = audit("export").out.splitlines()
    assert lines[1:] == (tmp_path / "trail.jsonl").read_text().splitlines()[1:]
    assert len(lines) == 1 + len(CLIENTS)


TAMPERING: dict[str, tuple[Callable[[list[str]], list[str]], int]] = {
    "a changed entry": (lambda lines: [line.replace("drf_3", "drf_9") for line in lines], 3),
    "a deleted entry": (lambda lines: lines[:3] + lines[4:], 3),
    "a doubled entry": (lambda lines: [*lines[:4], lines[3], *lines[4:]], 3),
    "the end cut off": (lambda lines: lines[:-1], 6),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_tampered_export_is_not_intact_and_the_place_is_named(
    audit: Callable[..., Any], tmp_path: Path, what: str
) -> None:
    arguments = how_to_verify(audit("export", "--to", "trail.jsonl"))
    change, place = TAMPERING[what]
    file = tmp_path / "trail.jsonl"
    file.write_text("".join(f"{line}\n" for line in change(file.read_text().splitlines())))
    answer = audit("verify", "trail.jsonl", *arguments)
    assert answer.status == 1
    assert answer.complaint == "the audit trail is not intact"
    assert answer.out.startswith("NOT INTACT")
    assert f"  at {place}: " in answer.out
    findings = json.loads(audit("verify", "trail.jsonl", *arguments, "--json").out)["findings"]
    assert findings[0].startswith(f"at {place}: ")


def test_another_key_vouches_for_nothing(audit: Callable[..., Any]) -> None:
    audit("export", "--to", "trail.jsonl")
    answer = audit("verify", "trail.jsonl", "--public-key", OTHER_KEY)
    assert (answer.status, answer.complaint) == (1, "the audit trail is not intact")
    assert "the checkpoint names another key" in answer.out


@pytest.mark.parametrize("key", ["not base64!", "YWJj", ""])
def test_a_public_key_that_is_no_key(audit: Callable[..., Any], key: str) -> None:
    audit("export", "--to", "trail.jsonl")
    answer = audit("verify", "trail.jsonl", "--public-key", key)
    assert (answer.status, "32 bytes in base64" in answer.complaint) == (2, True)


def test_an_export_without_a_key_says_where_the_key_is(audit: Callable[..., Any]) -> None:
    answer = audit("verify", "trail.jsonl")
    assert (answer.status, "--public-key" in answer.complaint) == (2, True)


def test_files_that_are_not_there(audit: Callable[..., Any]) -> None:
    answer = audit("verify", "nowhere.jsonl", "--public-key", OTHER_KEY)
    assert (answer.status, answer.complaint) == (2, "There is no file nowhere.jsonl; check the path.")
    audit("export", "--to", "trail.jsonl")
    answer = audit("verify", "trail.jsonl", "--checkpoints", "nowhere", "--public-key", OTHER_KEY)
    assert (answer.status, answer.complaint) == (2, "There is no file nowhere; check the path.")
    assert audit("verify", ".", "--public-key", OTHER_KEY).status == 2
    answer = audit("export", "--to", "nowhere/trail.jsonl")
    assert (answer.status, "nowhere/trail.jsonl" in answer.complaint) == (2, True)


def test_a_file_that_is_no_export(audit: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "noise.jsonl").write_bytes(bytes(range(256)) * 9)
    answer = audit("verify", "noise.jsonl", "--public-key", OTHER_KEY)
    assert (answer.status, answer.complaint) == (1, "the audit trail is not intact")
    assert "unreadable" in answer.out


@pytest.mark.parametrize("command", [("verify",), ("show",), ("export", "--to", "trail.jsonl")])
def test_a_wrong_folder_is_not_an_intact_trail(audit: Callable[..., Any], tmp_path: Path, command: tuple[str]) -> None:
    answer = audit(*command, THERAPYFLOWS_DATA_DIR=str(tmp_path / "elsewhere"))
    assert answer.status == 2
    assert "There is no store at" in answer.complaint
    assert not (tmp_path / "elsewhere").exists()


def test_show_filters_and_pages(audit: Callable[..., Any]) -> None:
    def shown(*arguments: object) -> list[int]:
        return [row["seq"] for row in json.loads(audit("show", "--json", *arguments).out)]

    assert shown("--client", "c-1") == [1, 3, 5]
    assert shown("--client", "c-1", "--after", 1, "--limit", 1) == [3]
    assert shown("--person", "u-0") == [2, 4, 6]
    assert shown("--run", "run-4", "--resource", "draft/drf_4") == [4]


def test_show_is_readable_and_cuts_nothing_off(audit: Callable[..., Any]) -> None:
    answer = audit("show")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].split() == ["seq", "at", "actor", "action", "resource", "client", "outcome", "run"]
    assert len(lines) == 1 + len(CLIENTS)
    for number, (line, client) in enumerate(zip(lines[1:], CLIENTS, strict=True), 1):
        for value in (f"u-{number % 2} (Clinician)", "draft.viewed", f"draft/drf_{number}", client, f"run-{number}"):
            assert value in line
