"""How fast a session goes to its reviewer, and what the gateway takes, each beside the bare alternative.

    python benchmarks/pipeline.py [--sessions 10] [--webhooks 1000]

Starts the whole system on free ports in a temporary folder.  Uploaded transcripts are used, so no speech model works
and what is measured is ours: gateway, inbox, dispatcher, Prefect, EHR calls, drafting, checks, store.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from standardwebhooks import Webhook

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "system"))

from system import System, poll  # noqa: E402  the tests' own harness
from therapyflows.app.system import WORK_POOL, prefect_env  # noqa: E402
from therapyflows.core.drafts.model import DraftState  # noqa: E402

DIALOGUE = """\
Therapist: How have you been since last week?
Client: It was a hard week. I had two panic attacks on the train and I slept about five hours a night.
Therapist: Have you had any thoughts of hurting yourself?
Client: No, nothing like that.
Therapist: For next week, please write down each panic attack in the log.
Client: Okay, I will do that.
"""


def one_after_another(system: System, appointments: list[dict], file: Path) -> list[float]:
    """Seconds from the stored webhook to "waiting for review", each session alone."""
    took = []
    for appointment in appointments:
        started = time.monotonic()
        system.end_session(appointment["id"], file)
        system.draft_in(appointment["id"], DraftState.IN_REVIEW)
        took.append(time.monotonic() - started)
    return took


def all_at_once(system: System, appointments: list[dict], file: Path) -> float:
    """Sessions a minute through one worker."""
    started = time.monotonic()
    for appointment in appointments:
        system.end_session(appointment["id"], file)
    for appointment in appointments:
        system.draft_in(appointment["id"], DraftState.IN_REVIEW, seconds=600)
    return 60 * len(appointments) / (time.monotonic() - started)


class BareFlow:
    """Empty runs on the same server, pool and worker."""

    def __init__(self, system: System) -> None:
        self.system = system
        prefect = str(Path(sys.executable).with_name("prefect"))
        subprocess.run(
            [prefect, "--no-prompt", "deploy", "bare_flow.py:bare", "--name", "bare", "--pool", WORK_POOL],
            cwd=HERE,
            check=True,
            capture_output=True,
            env={**os.environ, **prefect_env(system.settings)},
        )
        self.deployment = system.prefect("GET", "/deployments/name/bare/bare")["id"]

    def start(self) -> str:
        return str(self.system.prefect("POST", f"/deployments/{self.deployment}/create_flow_run", {})["id"])

    def finish(self, run: str) -> None:
        poll(lambda: self.system.run_state(run) == "Completed", seconds=600, what="bare run", every_s=0.1)

    def alone(self, count: int) -> list[float]:
        took = []
        for _ in range(count):
            started = time.monotonic()
            self.finish(self.start())
            took.append(time.monotonic() - started)
        return took

    def at_once(self, count: int) -> float:
        started = time.monotonic()
        for run in [self.start() for _ in range(count)]:
            self.finish(run)
        return 60 * count / (time.monotonic() - started)


async def flood(url: str, count: int, headers: Callable[[str, bytes], dict[str, str]]) -> tuple[float, float]:
    """Requests a second and the 99th percentile in milliseconds, 64 at a time."""
    took: list[float] = []
    gate = asyncio.Semaphore(64)
    body = json.dumps(
        {"type": "note.signed", "timestamp": datetime.now(UTC).isoformat(), "data": {"id": "no-1", "clientId": "cl-1"}}
    ).encode()

    async def send(http: httpx.AsyncClient) -> None:
        async with gate:
            event = f"msg_{uuid4().hex}"
            started = time.monotonic()
            answer = await http.post(f"{url}/webhooks/ehr", content=body, headers=headers(event, body))
            took.append(time.monotonic() - started)
            assert answer.status_code == 202, answer.status_code

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=64)) as http:
        started = time.monotonic()
        await asyncio.gather(*(send(http) for _ in range(count)))
        seconds = time.monotonic() - started
    return count / seconds, 1000 * statistics.quantiles(took, n=100)[98]


def signed(secret: str) -> Callable[[str, bytes], dict[str, str]]:
    hook = Webhook(secret)

    def headers(event: str, body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "webhook-id": event,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": hook.sign(event, now, body.decode()),
            "content-type": "application/json",
        }

    return headers


def bare_webhooks(folder: Path, count: int, headers: Callable[[str, bytes], dict[str, str]]) -> tuple[float, float]:
    port = 4999
    process = subprocess.Popen([sys.executable, str(HERE / "bare_webhook.py"), str(folder / "bare.sqlite"), str(port)])
    try:
        url = f"http://127.0.0.1:{port}"
        poll(lambda: _listens(url), seconds=30, what="bare route")
        return asyncio.run(flood(url, count, headers))
    finally:
        process.terminate()
        process.wait()


def _listens(url: str) -> bool:
    try:
        return httpx.get(url).status_code > 0
    except httpx.HTTPError:
        return False


def line(name: str, ours: str, bare: str) -> None:
    print(f"{name:<52} {ours:>18} {bare:>18}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--webhooks", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, System(Path(folder)) as system:
        file = Path(folder) / "session.txt"
        file.write_text(DIALOGUE)
        appointments = system.scheduled(2 * args.sessions + 1)
        one_after_another(system, appointments[:1], file)  # the first run of a worker imports everything
        bare = BareFlow(system)
        alone = one_after_another(system, appointments[1 : args.sessions + 1], file)
        bare_alone = bare.alone(args.sessions)
        rate = all_at_once(system, appointments[args.sessions + 1 :], file)
        bare_rate = bare.at_once(args.sessions)
        headers = signed(system.settings.ehr.webhook_secrets[0].get_secret_value())
        hooks = asyncio.run(flood(system.settings.gateway_url, args.webhooks, headers))
        bare_hooks = bare_webhooks(Path(folder), args.webhooks, headers)
    line("", "TherapyFlows", "bare")
    line(
        "session end to waiting for review, s, median",
        f"{statistics.median(alone):.1f}",
        f"{statistics.median(bare_alone):.1f}",
    )
    line("the same, slowest", f"{max(alone):.1f}", f"{max(bare_alone):.1f}")
    line("flow runs a minute through one worker", f"{rate:.1f}", f"{bare_rate:.1f}")
    line("webhook requests a second", f"{hooks[0]:.0f}", f"{bare_hooks[0]:.0f}")
    line("webhook p99, ms", f"{hooks[1]:.0f}", f"{bare_hooks[1]:.0f}")


if __name__ == "__main__":
    main()
