"""``therapyflows client export`` and ``audit disclosures``, against the simulated EHR in a process of its own."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.app.conftest import SETTINGS
from tests.integrations.ehr.live import simulator
from tests.stores import open_test_store

from therapyflows.core.chart import Client
from therapyflows.core.disclosure.accounting import accounting_of
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.disclosure.policy import part2_notice
from therapyflows.integrations.store import Store


@dataclass(frozen=True)
class Practice:
    environment: dict[str, str]
    clients: tuple[Client, ...]
    store: Store

    def a_client(self, *, part2: bool) -> Client:
        return next(c for c in self.clients if c.part2_program is part2 and c.assigned_clinicians)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    folder = tmp_path_factory.mktemp("practice")
    store = open_test_store(folder)
    with simulator(folder) as ehr:
        environment = {
            "THERAPYFLOWS_DATA_DIR": str(folder),
            "THERAPYFLOWS_EHR__BASE_URL": ehr.url,
            "THERAPYFLOWS_EHR__CLIENT_ID": "therapyflows",
            "THERAPYFLOWS_EHR__CLIENT_SECRET": "demo-only-service-secret",
        }

        async def clients() -> tuple[Client, ...]:
            async with ehr.adapter() as chart:
                return tuple([await chart.get_client(f"cl-{number:04}") for number in range(1, 13)])

        yield Practice(environment, asyncio.run(clients()), store)
    store.close()


@pytest.fixture
def command(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], practice: Practice
) -> Callable[..., Any]:
    return lambda *arguments, **more: therapyflows(*arguments, **practice_settings | practice.environment | more)


def export(command: Callable[..., Any], client: Client, *more: str, by: str | None = None) -> Any:
    person = by or client.assigned_clinicians[0]
    to = ("--to", "Dr. Vesper Lindqvist", "--by", person, "--out", "record.json")
    return command("client", "export", client.id, *to, *(more or ("--purpose", "treatment")), "--json")


def test_an_export_is_written_for_its_owner_alone_and_accounted_for(
    command: Callable[..., Any], practice: Practice, tmp_path: Path
) -> None:
    client = practice.a_client(part2=False)
    answer = export(command, client)
    assert (answer.status, answer.err) == (0, "")
    made = json.loads(answer.out)
    file = tmp_path / "record.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["disclosure"]["id"] == made["disclosure"]
    found = json.loads(command("audit", "disclosures", client.id, "--json").out)
    [line] = found["disclosures"]
    assert (line["id"], line["recipient"], line["delivered"]) == (made["disclosure"], "Dr. Vesper Lindqvist", True)
    assert line["purpose_in_words"] == "Treatment by another provider"
    shown = command("audit", "disclosures", client.id).out
    assert "Dr. Vesper Lindqvist" in shown
    assert json.loads(command("audit", "disclosures", client.id, "--since", "2999-01-01", "--json").out)["since"] > "2"


def test_a_part_2_record_goes_out_with_the_notice_in_the_file(
    command: Callable[..., Any], practice: Practice, tmp_path: Path
) -> None:
    client = practice.a_client(part2=True)
    assert export(command, client).status == 0
    found = json.loads((tmp_path / "record.json").read_text())
    assert found["notice"] == part2_notice().long
    assert found["consent_scope"]


def test_a_refused_disclosure_leaves_no_file_and_one_line(
    command: Callable[..., Any], practice: Practice, tmp_path: Path
) -> None:
    client = practice.a_client(part2=True)
    answer = export(command, client, "--purpose", "judicial", "--authority", "Subpoena 7")
    assert answer.status == 1
    assert "42 CFR Part 2" in answer.complaint
    assert not (tmp_path / "record.json").exists()
    last = practice.store.audit.search(newest_first=True, action=Action.DISCLOSURE_REFUSED, limit=1)[0]
    assert (last.entry.client_id, last.entry.outcome) == (client.id, "part2_purpose_not_covered")


def test_an_existing_file_is_left_alone(command: Callable[..., Any], practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("mine")
    client = practice.a_client(part2=False)
    before = len(practice.store.audit.search(action=Action.DISCLOSURE_MADE))
    answer = export(command, client)
    assert (answer.status, "exists already" in answer.complaint) == (2, True)
    assert (tmp_path / "record.json").read_text() == "mine"
    assert len(practice.store.audit.search(action=Action.DISCLOSURE_MADE)) == before


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        (("--purpose", "curiosity"), 2, "treatment"),
        (("--purpose", "judicial"), 2, "authorization must be named"),
    ],
)
def test_what_is_incomplete_is_one_line(
    command: Callable[..., Any], practice: Practice, more: tuple[str, ...], status: int, words: str
) -> None:
    answer = export(command, practice.a_client(part2=False), *more)
    assert (answer.status, words in answer.complaint) == (status, True)


def test_a_scheduler_discloses_nothing(command: Callable[..., Any], practice: Practice) -> None:
    answer = export(command, practice.a_client(part2=False), by="us-9999")
    assert answer.status == 2
    assert answer.complaint


KILLED = """
import os, signal, sys
from pathlib import Path
import therapyflows.app.disclosing as disclosing
from therapyflows.core.disclosure.model import DisclosureRequest
disclosing._write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
disclosing.export_client(DisclosureRequest(sys.argv[1], "K. Illed", "treatment", None, sys.argv[2]), Path(sys.argv[3]))
"""


def test_killed_before_a_byte_was_written_the_accounting_lists_it_all_the_same(
    practice: Practice, tmp_path: Path
) -> None:
    client = practice.a_client(part2=False)
    arguments = [sys.executable, "-c", KILLED, client.id, client.assigned_clinicians[0], str(tmp_path / "record.json")]
    done = subprocess.run(arguments, env=os.environ | SETTINGS | practice.environment, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (tmp_path / "record.json").read_bytes() == b""
    now = datetime.now(UTC)
    audit, contents = practice.store.audit, practice.store.contents
    viewer = Actor("service", "test")
    found = accounting_of(audit, contents, client.id, since=now - timedelta(days=1), until=now, viewer=viewer)
    assert "K. Illed" in [line.record.recipient for line in found.disclosures]


def test_a_full_disk_is_told_in_the_accounting(
    command: Callable[..., Any], practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was opened, the disclosure noted, and then nothing could be written."""
    import therapyflows.app.disclosing as disclosing
    from therapyflows.core.disclosure.model import DisclosureRequest

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    client = practice.a_client(part2=False)
    monkeypatch.setattr(disclosing, "_write", full)
    for name, value in (SETTINGS | practice.environment).items():
        monkeypatch.setenv(name, value)
    disclosing.load_settings.cache_clear()
    disclosing.open_store_of_settings.cache_clear()
    request = DisclosureRequest(client.id, "A. Nybody", "treatment", None, client.assigned_clinicians[0])
    try:
        with pytest.raises(OSError, match="No space"):
            disclosing.export_client(request, tmp_path / "record.json")
        assert disclosing.disclosures_of(client.id, None)["disclosures"][-1]["delivered"] is False
    finally:
        disclosing.open_store_of_settings().close()
        disclosing.load_settings.cache_clear()
        disclosing.open_store_of_settings.cache_clear()
    assert not (tmp_path / "record.json").exists()
