"""``therapyflows audit``: verify, export and show, for one who does not trust the people who run it."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.stores import open_test_store

from therapyflows.governance.audit.model import Action, Actor, AuditEntry

CLIENTS = ("c-1", "c-2", "c-1", "c-3", "c-1", "c-2")
OTHER_KEY = base64.b64encode(b"o" * 32).decode()


@dataclass(frozen=True)
class Place:
    """A practice with six entries, and what ``audit export`` made of them."""

    environment: dict[str, str]
    lines: tuple[str, ...]
    arguments: tuple[str, ...]
    said: str


@pytest.fixture(scope="module")
def place(command_in: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("practice")
    store = open_test_store(folder)
    for number, client in enumerate(CLIENTS, 1):
        person = Actor("person", f"u-{number % 2}", "Clinician")
        store.audit.append(AuditEntry(Action.DRAFT_VIEWED, person, f"draft/drf_{number}", client, f"run-{number}"))
    store.close()
    environment = {"THERAPYFLOWS_DATA_DIR": str(folder)}
    exported = command_in(folder)("audit", "export", "--to", "trail.jsonl", **environment)
    assert exported.status == 0
    lines = (folder / "trail.jsonl").read_text().splitlines()
    return Place(environment, tuple(lines), how_to_verify(exported), exported.out)


@pytest.fixture
def audit(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], place: Place, tmp_path: Path
) -> Callable[..., Any]:
    """The command on that practice; the export lies beside it."""
    write(tmp_path, place.lines)
    return lambda *arguments, **more: therapyflows("audit", *arguments, **practice_settings | place.environment | more)


def write(folder: Path, lines: Iterable[str]) -> None:
    (folder / "trail.jsonl").write_text("".join(f"{line}\n" for line in lines))


def how_to_verify(answer: Any) -> tuple[str, ...]:
    """The arguments that ``export`` prints for whoever verifies elsewhere."""
    [line] = answer.err.splitlines()
    found = re.fullmatch(r"verify with: (--checkpoints) (\S+) (--public-key) (\S+)", line)
    assert found, line
    return found.groups()


def test_an_untouched_trail_is_intact(audit: Callable[..., Any]) -> None:
    answer = audit("verify", "--json")
    assert (answer.status, answer.err) == (0, "")
    report = json.loads(answer.out)
    assert (report["intact"], report["entries"], report["covered_until"], report["findings"]) == (True, 6, 6, [])


def test_an_export_is_verified_elsewhere_with_the_public_key_alone(
    therapyflows: Callable[..., Any], place: Place, tmp_path: Path
) -> None:
    assert "6 entries written to trail.jsonl" in place.said
    write(tmp_path, place.lines)
    for arguments in (place.arguments, place.arguments[2:]):  # with and without the checkpoints kept apart
        answer = therapyflows("audit", "verify", "trail.jsonl", *arguments)  # no settings at all
        assert (answer.status, answer.err) == (0, "")
        assert answer.out.startswith("intact: 6 entries")


def test_an_export_to_stdout_is_the_same_lines(audit: Callable[..., Any], place: Place) -> None:
    assert audit("export").out.splitlines()[1:] == list(place.lines[1:])
    assert len(place.lines) == 1 + len(CLIENTS)


TAMPERING: dict[str, tuple[Callable[[list[str]], list[str]], int]] = {
    "a changed entry": (lambda lines: [line.replace("drf_3", "drf_9") for line in lines], 3),
    "a deleted entry": (lambda lines: lines[:3] + lines[4:], 3),
    "a doubled entry": (lambda lines: [*lines[:4], lines[3], *lines[4:]], 3),
    "the end cut off": (lambda lines: lines[:-1], 6),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_tampered_export_is_not_intact_and_the_place_is_named(
    audit: Callable[..., Any], place: Place, tmp_path: Path, what: str
) -> None:
    change, seq = TAMPERING[what]
    write(tmp_path, change(list(place.lines)))
    answer = audit("verify", "trail.jsonl", *place.arguments)
    assert answer.status == 1
    assert answer.complaint == "the audit trail is not intact"
    assert answer.out.startswith("NOT INTACT")
    assert answer.out.splitlines()[1].startswith(f"  at {seq}: ")


def test_the_findings_are_there_as_json(audit: Callable[..., Any], place: Place, tmp_path: Path) -> None:
    write(tmp_path, [*place.lines[:2], *place.lines[3:]])
    answer = audit("verify", "trail.jsonl", *place.arguments, "--json")
    report = json.loads(answer.out)
    assert (answer.status, report["intact"]) == (1, False)
    assert report["findings"][0].startswith("at 2: deleted")


def test_another_key_vouches_for_nothing(audit: Callable[..., Any]) -> None:
    answer = audit("verify", "trail.jsonl", "--public-key", OTHER_KEY)
    assert (answer.status, answer.complaint) == (1, "the audit trail is not intact")
    assert "the checkpoint names another key" in answer.out


@pytest.mark.parametrize("key", ["not base64!", "YWJj", ""])
def test_a_public_key_that_is_no_key(audit: Callable[..., Any], key: str) -> None:
    answer = audit("verify", "trail.jsonl", "--public-key", key)
    assert (answer.status, "32 bytes in base64" in answer.complaint) == (2, True)


def test_an_export_without_a_key_says_where_the_key_is(audit: Callable[..., Any]) -> None:
    answer = audit("verify", "trail.jsonl")
    assert (answer.status, "--public-key" in answer.complaint) == (2, True)


def test_files_that_are_not_there(audit: Callable[..., Any]) -> None:
    answer = audit("verify", "nowhere.jsonl", "--public-key", OTHER_KEY)
    assert (answer.status, answer.complaint) == (2, "There is no file nowhere.jsonl; check the path.")
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
    assert shown("--draft", "drf_4") == [4]
    assert shown("--action", "draft.viewed", "--newest", "--limit", 2) == [6, 5]
    assert shown("--action", "login.succeeded") == []
    assert shown("--since", "2020-01-01") == [1, 2, 3, 4, 5, 6]
    assert shown("--since", "2020-01-01", "--until", "2020-02-01T10:00:00+0100") == []


def test_an_action_that_does_not_exist_is_told_with_those_that_do(audit: Callable[..., Any]) -> None:
    answer = audit("show", "--action", "draft.praised")
    assert answer.status == 2
    assert "draft.approved" in answer.complaint


def test_show_is_readable_and_cuts_nothing_off(audit: Callable[..., Any]) -> None:
    answer = audit("show")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0].split() == ["seq", "at", "actor", "action", "resource", "client", "outcome", "run"]
    assert len(lines) == 1 + len(CLIENTS)
    for number, (line, client) in enumerate(zip(lines[1:], CLIENTS, strict=True), 1):
        for value in (f"u-{number % 2} (Clinician)", "draft.viewed", f"draft/drf_{number}", client, f"run-{number}"):
            assert value in line


# --- the signing key ----------------------------------------------------------------------------------------------


@pytest.fixture
def own_place(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], tmp_path: Path
) -> Callable[..., Any]:
    """The command on a practice of this test alone, with a second place for checkpoints."""
    settings = practice_settings | {
        "THERAPYFLOWS_DATA_DIR": str(tmp_path),
        "THERAPYFLOWS_STORE__CHECKPOINT_COPIES": json.dumps([str(tmp_path / "copy")]),
    }
    store = open_test_store(tmp_path)
    store.audit.append(AuditEntry(Action.LOGIN, Actor("person", "u-1"), "session/1"))
    store.close()
    return lambda *arguments, **more: therapyflows("audit", *arguments, **settings | more)


def test_the_signing_key_is_exchanged_and_the_old_public_key_still_verifies(
    own_place: Callable[..., Any], tmp_path: Path
) -> None:
    kept_by_the_auditor = re.findall(r"--public-key (\S+)", own_place("export", "--to", "before.jsonl").err)[0]
    answer = own_place("rotate-key", "--to", "new-key.env")
    assert (answer.status, answer.err) == (0, "")
    name, _, value = (tmp_path / "new-key.env").read_text().strip().partition("=")
    again = own_place("rotate-key", "--to", "new-key.env", "--json")
    assert json.loads(again.out)["public_key"] in answer.out, "what was cut off can be done again"
    assert own_place("export", "--to", "old.jsonl").status == 1, "the old key signs no more"
    exported = own_place("export", "--to", "after.jsonl", **{name: value})
    assert exported.status == 0
    assert exported.err.count("--checkpoints") == 2
    for folder in ("checkpoints", "copy"):
        verified = own_place("verify", "after.jsonl", "--checkpoints", folder, "--public-key", kept_by_the_auditor)
        assert (verified.status, verified.out.startswith("intact: 2 entries")) == (0, True)


def test_a_file_of_something_else_is_no_new_key(own_place: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy milk")
    answer = own_place("rotate-key", "--to", "notes.txt")
    assert (answer.status, "THERAPYFLOWS_STORE__AUDIT_SIGNING_KEY" in answer.complaint) == (2, True)
    assert (tmp_path / "notes.txt").read_text() == "buy milk"
