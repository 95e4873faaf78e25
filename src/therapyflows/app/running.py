"""``up``: the processes of the system, started, deployed to, kept running."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import httpx

from therapyflows import __version__
from therapyflows.app.settings import Settings
from therapyflows.app.supervisor import ProcessSpec, Supervisor, module
from therapyflows.app.system import prefect_env, system_processes, worker_process
from therapyflows.core.errors import TherapyFlowsError

Tell = Callable[[str], None]


class DeployFailed(TherapyFlowsError):
    """Prefect refused the deployments."""


def deploy(settings: Settings) -> None:
    """Run ``python -m therapyflows.deployments`` in a process of its own: it belongs above this room."""
    result = subprocess.run(  # noqa: S603  our own module
        module("therapyflows.deployments"),
        env={**os.environ, **prefect_env(settings)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        log = settings.data_dir / "logs" / "deploy.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.stdout)
        raise DeployFailed("deploy_failed", f"Prefect refused the deployments; see {log}")


class Running:
    """The system while it runs; leaving ends every process."""

    def __init__(self, settings: Settings, *, tell: Tell) -> None:
        self.settings, self.tell = settings, tell
        self.supervisor = Supervisor(settings.data_dir / "logs", on_change=self._changed)
        self.env = prefect_env(settings)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop()

    def start(self, *, extra: tuple[ProcessSpec, ...] = ()) -> None:
        """Start everything; returns when all of it answers and the worker polls."""
        self._refuse_a_second()
        if not self.settings.store_url.startswith("sqlite"):
            self._migrate()  # a SQLite store migrates itself when it is opened
        self.supervisor.start([*extra, *system_processes(self.settings, self.env)])
        self._deploy_if_changed()
        from therapyflows.app.wiring import subscribe_webhooks  # heavy, and the processes start meanwhile

        if asyncio.run(subscribe_webhooks(self.settings)):
            self.tell("Subscribed to the EHR's webhooks")
        self.supervisor.start([worker_process(self.env)])

    def _migrate(self) -> None:
        from therapyflows.app.wiring import migrate_store

        migrate_store(self.settings)

    def watch(self, also: Callable[[], None] = lambda: None) -> NoReturn:
        """Keep everything running until the process is interrupted."""
        self.supervisor.watch(also)

    def _deploy_if_changed(self) -> None:
        """Deploying takes seconds; what is deployed already stays."""
        marker = self.settings.data_dir / "deployed"
        wanted = _deployment_digest()
        if marker.exists() and marker.read_text() == wanted and self._is_deployed():
            return
        self.tell("Registering deployments, blocks and automations with Prefect")
        deploy(self.settings)
        marker.write_text(wanted)

    def _is_deployed(self) -> bool:
        url = f"{self.settings.prefect_ui_url}/api/deployments/name/session-note/session-note"
        return httpx.get(url, timeout=10).status_code == 200

    def _refuse_a_second(self) -> None:
        """Two systems on one data directory would fight over Prefect's database."""
        try:
            httpx.get(f"{self.settings.prefect_ui_url}/api/health", timeout=2)
        except httpx.HTTPError:
            return
        raise TherapyFlowsError("already_running", f"Something answers at {self.settings.prefect_ui_url} already.")

    def _changed(self, name: str, state: str) -> None:
        if state != "starting":
            self.tell(f"{name}: {state}")


def _deployment_digest() -> str:
    """Changes with the version and with the deployments file."""
    root = Path(__file__).parents[1]
    packaged, checkout = root / "deployments" / "prefect.yaml", root.parents[1] / "prefect.yaml"
    file = packaged if packaged.exists() else checkout
    code = (root / "deployments").glob("*.py")
    content = b"".join(path.read_bytes() for path in sorted([file, *code]))
    return hashlib.sha256(__version__.encode() + sys.prefix.encode() + content).hexdigest()
