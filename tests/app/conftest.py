"""The command as a user types it: the installed script, in a process of its own, with a bare environment."""

import base64
import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("therapyflows")
DROP_FROM_BOUNDING_SET, OVERRIDE, READ_SEARCH = 24, 1, 2


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that an error is; never a traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        assert lines[0].startswith("therapyflows: ")
        return lines[0].removeprefix("therapyflows: ")


def permissions_hold() -> None:
    """Root reads every file; without these two capabilities it obeys the mode bits like anybody else."""
    for capability in (OVERRIDE, READ_SEARCH):
        ctypes.CDLL(None).prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


def run_command(*arguments: object, cwd: Path, **environment: str) -> Answer:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env=kept | {"HOME": str(cwd), "COLUMNS": "80", **environment},
        stdin=subprocess.DEVNULL,
        timeout=120,
        preexec_fn=permissions_hold,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def therapyflows(tmp_path: Path) -> Callable[..., Answer]:
    """Call it with the arguments of the command and settings as keywords; runs in the test's folder."""
    return lambda *arguments, **environment: run_command(*arguments, cwd=tmp_path, **environment)


@pytest.fixture(scope="session")
def command_in() -> Callable[[Path], Callable[..., Answer]]:
    """The command in a folder, with the settings of a practice."""
    return lambda folder: lambda *arguments, **more: run_command(*arguments, cwd=folder, **SETTINGS | more)


@pytest.fixture
def practice_settings(tmp_path: Path) -> dict[str, str]:
    """The settings of a practice whose data lies in the test's folder."""
    return SETTINGS | {"THERAPYFLOWS_DATA_DIR": str(tmp_path / "data")}


KEY = base64.b64encode(b"k" * 32).decode()
SETTINGS = {
    "THERAPYFLOWS_EHR__BASE_URL": "https://ehr.example.com",
    "THERAPYFLOWS_EHR__CLIENT_ID": "tf",
    "THERAPYFLOWS_EHR__CLIENT_SECRET": "invented",
    "THERAPYFLOWS_STORE__PRACTICE_KEY": KEY,
    "THERAPYFLOWS_STORE__AUDIT_SIGNING_KEY": KEY,
    "THERAPYFLOWS_REVIEW__SESSION_KEY": KEY,
}
