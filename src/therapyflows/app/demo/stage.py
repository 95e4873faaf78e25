"""The stage of the demonstration: a data directory with its own keys, free ports, the simulated EHR, the system."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from therapyflows.app.keys import new_secrets, write_env_file
from therapyflows.app.supervisor import ProcessSpec, module

DEMO_SERVICE_SECRET = "demo-only-service-secret"  # noqa: S105  the simulator's own, for synthetic people
CONTROL_TOKEN = "demo-only-control-token"  # noqa: S105
PORTS = {"prefect": 4200, "gateway": 4270, "review": 4280, "ehr": 4290}


@dataclass(frozen=True)
class Stage:
    """Where everything of one demonstration is."""

    folder: Path
    ehr_url: str
    env_file: Path


def set_stage(folder: Path, overrides: Mapping[str, str], *, ports: Mapping[str, int] | None = None) -> Stage:
    """Prepare the data directory: keys on the first start, addresses on every start.

    ``ports`` are the preferred ones (0: any); a port that is taken gives way to a free one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keys = folder / "keys.env"
    if not keys.exists():
        write_env_file(keys, new_secrets())
    ports = {name: _free(port) for name, port in (ports or PORTS).items()}
    ehr = f"http://127.0.0.1:{ports['ehr']}"
    values = {
        "THERAPYFLOWS_DATA_DIR": str(folder),
        "THERAPYFLOWS_EHR__BASE_URL": ehr,
        "THERAPYFLOWS_EHR__CLIENT_ID": "therapyflows",
        "THERAPYFLOWS_EHR__CLIENT_SECRET": DEMO_SERVICE_SECRET,
        "THERAPYFLOWS_GATEWAY_URL": f"http://127.0.0.1:{ports['gateway']}",
        "THERAPYFLOWS_REVIEW__BASE_URL": f"http://127.0.0.1:{ports['review']}",
        "THERAPYFLOWS_PREFECT_UI_URL": f"http://127.0.0.1:{ports['prefect']}",
        **overrides,
    }
    env_file = folder / "therapyflows.env"
    env_file.touch(mode=0o600)
    env_file.write_text(keys.read_text() + "".join(f"{name}={value}\n" for name, value in values.items()))
    return Stage(folder, ehr, env_file)


def _free(port: int) -> int:
    """The port, or any free one when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return _free(0)
        return int(probe.getsockname()[1])


def simulator_process(stage: Stage) -> ProcessSpec:
    """The simulated EHR."""
    port = stage.ehr_url.rsplit(":", 1)[1]
    return ProcessSpec(
        "simulated-ehr",
        module("therapyflows.simulator", "--port", port, "--data", str(stage.folder / "simulated-ehr")),
        ready_url=f"{stage.ehr_url}/.well-known/openid-configuration",
    )
