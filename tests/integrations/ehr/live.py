"""A simulator in a process of its own, over a real socket, and what people do in it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.integrations.ehr.fakes import ACTOR, AuditFake

from therapyflows.integrations.ehr.therapynotes import TherapyNotes, TherapyNotesSettings

CONTROL = {"X-Control-Token": "demo-only-control-token"}
START_WITHIN_S = 60


@dataclass(frozen=True)
class LiveSimulator:
    url: str

    def settings(self, **changes: Any) -> TherapyNotesSettings:
        secret = "demo-only-service-secret"
        return TherapyNotesSettings(
            **{"base_url": self.url, "client_id": "therapyflows", "client_secret": secret, **changes}
        )

    def adapter(self, audit: AuditFake | None = None, **changes: Any) -> TherapyNotes:
        return TherapyNotes(self.settings(**changes), audit or AuditFake(), ACTOR, flow_run_id="run-1")

    def control(self, path: str, body: dict[str, Any]) -> Any:
        answer = httpx.post(f"{self.url}{path}", json=body, headers=CONTROL, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def fault(self, kind: str, **options: Any) -> None:
        self.control("/_faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        httpx.delete(f"{self.url}/_faults", headers=CONTROL).raise_for_status()


@contextmanager
def simulator(folder: Path, *options: str) -> Iterator[LiveSimulator]:
    """Start one and end it again, by its process id."""
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "therapyflows.simulator", "--port", "0", "--data", str(folder / "data")]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready), *options],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        deadline = time.monotonic() + START_WITHIN_S
        while not ready.exists():
            assert process.poll() is None, "the simulator did not start"
            assert time.monotonic() < deadline, "the simulator is not ready in time"
            time.sleep(0.05)
        yield LiveSimulator(json.loads(ready.read_text())["url"])
    finally:
        process.kill()
        process.wait(10)
