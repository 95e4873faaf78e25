"""The processes of TherapyFlows and their addresses: what ``therapyflows up`` starts."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from therapyflows.app.settings import Settings
from therapyflows.app.supervisor import ProcessSpec, module

WORK_POOL = "therapyflows"


def prefect_env(settings: Settings) -> dict[str, str]:
    """Environment of everything that speaks to Prefect.  Results and database lie below the data directory."""
    home = settings.data_dir / "prefect"
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"{settings.prefect_ui_url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_WORKER_PREFETCH_SECONDS": "5",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }


class Listening(NamedTuple):
    host: str
    port: int


def listens_at(url: str, default_port: int) -> Listening:
    """Where the process behind this address listens: there, or, for a public address, on loopback for a proxy."""
    parts = urlsplit(url)
    if parts.hostname in ("127.0.0.1", "localhost"):
        return Listening(parts.hostname, parts.port or default_port)
    return Listening("127.0.0.1", default_port)


def system_processes(settings: Settings, env: Mapping[str, str]) -> list[ProcessSpec]:
    """Prefect server, gateway, dispatcher and review application."""
    prefect = str(Path(sys.executable).with_name("prefect"))
    server = listens_at(settings.prefect_ui_url, 4200)
    gateway = listens_at(settings.gateway_url, 4270)
    review = listens_at(settings.review.base_url, 4280)
    return [
        ProcessSpec(
            "prefect-server",
            [prefect, "server", "start", "--host", server.host, "--port", str(server.port)],
            ready_url=f"{settings.prefect_ui_url}/api/health",
            env=env,
        ),
        ProcessSpec(
            "gateway",
            module("therapyflows.web.gateway", "--host", gateway.host, "--port", str(gateway.port)),
            ready_url=f"http://{gateway.host}:{gateway.port}/healthz",
            env=env,
        ),
        ProcessSpec("dispatcher", module("therapyflows.web.gateway.dispatching"), env=env),
        ProcessSpec(
            "review",
            module("therapyflows.web.review", "--host", review.host, "--port", str(review.port)),
            ready_url=f"http://{review.host}:{review.port}/healthz",
            env=env,
        ),
    ]


def worker_process(env: Mapping[str, str]) -> ProcessSpec:
    """The worker that runs flows; started once the work pool exists.

    Without ``--limit``: with it, a run that is resumed while its first process still winds down ends the worker
    (Prefect 3.8.8 takes the limiter's token twice for one run).  The pool's own limit does not have this.
    """
    prefect = str(Path(sys.executable).with_name("prefect"))
    return ProcessSpec("worker", [prefect, "worker", "start", "--pool", WORK_POOL, "--name", "therapyflows"], env=env)
