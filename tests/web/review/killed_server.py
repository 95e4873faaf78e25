"""The review application as a process that a test may kill: ``killed_server.py FOLDER PORT SECONDS_AHEAD``.

The runs that it wakes are lines in ``FOLDER/resumed.txt``, because they have to survive the process.
"""

import sys
from datetime import timedelta
from pathlib import Path

import uvicorn

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.stores import open_test_store
from tests.web.review.conftest import make_deps
from tests.web.review.fakes import FakeRuns

from therapyflows.web.review.app import create_review_app


class RunsInAFile(FakeRuns):
    """Every run is paused until its line is in the file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    async def state_of(self, flow_run_id: str) -> str:
        lines = self.file.read_text().split() if self.file.exists() else []
        return "RUNNING" if flow_run_id in lines else "PAUSED"

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        with self.file.open("a") as file:
            file.write(f"{flow_run_id}\n")


def main(folder: Path, port: int, ahead_s: int) -> None:
    deps = make_deps(open_test_store(folder), f"http://127.0.0.1:{port}", RunsInAFile(folder / "resumed.txt"))
    deps.clock.ahead = timedelta(seconds=ahead_s)
    uvicorn.run(create_review_app(deps), port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
