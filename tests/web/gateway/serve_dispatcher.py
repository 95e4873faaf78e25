"""A dispatcher process for the kill tests: ``serve_dispatcher.py FOLDER``.

Its orchestrator is a file that survives it: a run is one row per idempotency key, created after and before a pause, so
that a kill hits every gap.
"""

import asyncio
import importlib.util
import random
import sqlite3
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from therapyflows.core.events.routing import RoutingTable
from therapyflows.integrations.store import open_store
from therapyflows.web.gateway.dispatcher import DispatcherDeps, run_dispatcher

SHARED = Path(__file__).parents[2] / "core" / "events" / "conftest.py"


def shared_fakes() -> Any:
    spec = importlib.util.spec_from_file_location("tests_events_conftest", SHARED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(Path(__file__).parents[3]))  # for what that module shares with other tests
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class FileRuns:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, id TEXT, document TEXT)")

    async def start(self, deployment: str, parameters: Mapping[str, str | None], *, idempotency_key: str) -> str:
        await asyncio.sleep(random.uniform(0, 0.02))
        row = (idempotency_key, uuid.uuid4().hex, parameters["document_id"])
        self._db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?)", row)
        await asyncio.sleep(random.uniform(0, 0.02))
        return str(self._db.execute("SELECT id FROM runs WHERE key = ?", (idempotency_key,)).fetchone()[0])


async def main(folder: Path) -> None:
    fakes = shared_fakes()
    ehr = fakes.FakeEhr()
    ehr.add_appointment()
    for n in range(200):
        ehr.add_document(f"d-{n}")
    store = open_store(
        f"sqlite:///{folder / 'store.sqlite'}",
        practice_key=b"practice key for the tests only.",
        signing_key=b"signing key for the tests only..",
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )

    async def no_alert(resource: str, code: str) -> None:
        raise AssertionError((resource, code))

    deps = DispatcherDeps(
        inbox=store.inbox,
        own_writes=store.own_writes,
        ehr=ehr,
        runs=FileRuns(folder / "runs.sqlite"),  # type: ignore[arg-type]
        table=RoutingTable.model_validate(yaml.safe_load(fakes.TABLE.read_text())),
        clock=lambda: datetime.now(UTC),
        alert=no_alert,
        lease=timedelta(seconds=2),
        poll_s=0.05,
    )
    (folder / "up").touch()
    await run_dispatcher(deps, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
