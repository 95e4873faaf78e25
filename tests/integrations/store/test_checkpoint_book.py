"""Checkpoints go to several places, and one that fails does not stop the others."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.integrations.store.audit_entries import other

from therapyflows.core.errors import Transient
from therapyflows.governance.audit import checkpoint
from therapyflows.governance.audit.checkpoint import Signer
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.findings import ProblemKind
from therapyflows.integrations.store._checkpoint_book import CHECKPOINT_FILE, CheckpointBook

COPY = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"


def wait_for_commands() -> None:
    for thread in threading.enumerate():
        if thread.name == "checkpoint-command":
            thread.join()


def to_file(file: Path) -> list[str]:
    return [sys.executable, "-c", COPY, str(file)]


def seqs(file: Path) -> list[int]:
    return [json.loads(line)["seq"] for line in file.read_bytes().splitlines()]


def test_every_checkpoint_lies_in_every_place(place: Any) -> None:
    elsewhere, log = place.folder / "elsewhere", place.folder / "log"
    store = place.open(checkpoint_copies=[elsewhere], checkpoint_command=to_file(log))
    for n in range(10):
        store.audit.append(other(n))
        wait_for_commands()
    assert seqs(place.checkpoint_dir / CHECKPOINT_FILE) == seqs(elsewhere / CHECKPOINT_FILE) == seqs(log) == [1, 10]


def test_who_rewrites_the_trail_and_its_checkpoints_is_found_by_the_copy(place: Any) -> None:
    copy = place.folder / "elsewhere"
    store = place.open(checkpoint_copies=[copy])
    store.audit.append_many([other(n) for n in range(12)])
    (place.checkpoint_dir / CHECKPOINT_FILE).write_bytes(b"")
    assert store.audit.verify().ok, "the copy vouches alone"
    forged = Signer(b"signing key for the tests only..").checkpoint(12, "0" * 64, place.clock())
    book = CheckpointBook(copy)
    book.write(checkpoint.to_line(forged))
    assert ProblemKind.FORKED in [problem.kind for problem in store.audit.verify().problems]


def test_what_a_log_of_another_machine_received_verifies_an_export(place: Any) -> None:
    log = place.folder / "log.jsonl"
    store = place.open(checkpoint_command=to_file(log))
    store.audit.append_many([other(n) for n in range(12)])
    wait_for_commands()
    store.audit.export(place.folder / "export.jsonl")
    wait_for_commands()
    report = verify_export(place.folder / "export.jsonl", [log], store.audit.public_key)
    assert (report.ok, report.covered_until) == (True, 12)


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "raise SystemExit(1)"]])
def test_a_place_that_is_away_stops_nothing(sqlite_place: Any, command: list[str]) -> None:
    blocked = sqlite_place.folder / "blocked"
    blocked.touch()  # a file where a folder should be
    store = sqlite_place.open(checkpoint_copies=[blocked], checkpoint_command=command)
    store.audit.append_many([other(n) for n in range(12)])
    wait_for_commands()
    assert store.audit.verify().covered_until == 12


def test_a_hand_over_must_reach_every_place(sqlite_place: Any) -> None:
    store = sqlite_place.open(checkpoint_command=["/no/such/program"])
    with pytest.raises(Transient) as failed:
        store.audit.hand_over(Signer(bytes(32)))
    assert failed.value.code == "checkpoint_command_failed"
    again = sqlite_place.open(checkpoint_command=to_file(sqlite_place.folder / "log"))
    again.audit.hand_over(Signer(bytes(32)))
    assert (sqlite_place.folder / "log").read_bytes().count(b"handover") == 1
    assert sqlite_place.open(signing_key=bytes(32)).audit.verify().ok
