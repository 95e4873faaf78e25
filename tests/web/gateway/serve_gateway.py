"""A gateway process for the flood tests: ``serve_gateway.py FOLDER PORT SECRET``."""

import sys
from pathlib import Path

import uvicorn

from therapyflows.integrations.store import open_store
from therapyflows.web.gateway.app import GatewayDeps, create_gateway


def main(folder: Path, port: int, secret: str) -> None:
    store = open_store(
        f"sqlite:///{folder / 'store.sqlite'}",
        practice_key=b"practice key for the tests only.",
        signing_key=b"signing key for the tests only..",
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )
    app = create_gateway(GatewayDeps(store.inbox, store.audit, [secret]))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, backlog=4096)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
