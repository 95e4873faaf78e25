"""Where signed checkpoints go: a file beside nothing of the trail, copies in other folders, a command's input.

A later checkpoint vouches for everything before it, so a copy that was away for an hour needs no catching up.
"""

import fcntl
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from therapyflows.core.errors import Invalid, Transient
from therapyflows.governance.audit import handover
from therapyflows.governance.audit.handover import Handover

CHECKPOINT_FILE = "audit-checkpoints.jsonl"
HANDOVER_FILE = "audit-handovers.jsonl"
COMMAND_TIMEOUT_S = 20.0

log = structlog.get_logger()


class CheckpointBook:
    """Written by many processes at once; read by whoever verifies."""

    def __init__(self, folder: Path, copies: Sequence[Path] = (), command: Sequence[str] = ()) -> None:
        self.folders = (folder, *copies)
        self._command = tuple(command)
        self._delivering = threading.Lock()
        for each in self.folders:
            _make(each)

    @property
    def path(self) -> Path:
        return self.folders[0] / CHECKPOINT_FILE

    def write(self, line: bytes) -> None:
        """Append the line in every place.  Raises OSError when the first cannot take it; the others are logged."""
        _append(self.path, line)
        for folder in self.folders[1:]:
            try:
                _append(folder / CHECKPOINT_FILE, line)
            except OSError as error:
                log.error("checkpoint_copy_not_written", error=type(error).__name__)
        if self._command and self._delivering.acquire(blocking=False):
            threading.Thread(target=self._deliver_behind, args=(line,), name="checkpoint-command").start()

    def write_handover(self, line: bytes) -> None:
        """The same for a hand-over, which must reach every place: raises OSError or Transient when one fails."""
        for folder in self.folders:
            _append(folder / HANDOVER_FILE, line)
        if self._command:
            self._deliver(line)

    def handovers(self) -> list[Handover]:
        """The hand-overs that stand in the first place.  Raises Invalid (``handovers_unreadable``)."""
        file = self.folders[0] / HANDOVER_FILE
        if not file.exists():
            return []
        try:
            return [handover.from_line(line) for line in file.read_bytes().splitlines()]
        except ValueError:
            raise Invalid("handovers_unreadable", f"{file} holds a line that is no hand-over of a key") from None

    def age_s(self) -> float:
        """Seconds since the last checkpoint; infinite when there is none."""
        try:
            return time.time() - self.path.stat().st_mtime
        except FileNotFoundError:
            return float("inf")

    def _deliver_behind(self, line: bytes) -> None:
        try:
            self._deliver(line)
        except Transient as error:
            log.error("checkpoint_command_failed", code=error.code)
        finally:
            self._delivering.release()

    def _deliver(self, line: bytes) -> None:
        try:
            subprocess.run(  # noqa: S603  the operator's own command, from the settings
                self._command, input=line + b"\n", capture_output=True, timeout=COMMAND_TIMEOUT_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            kind = type(error).__name__
            raise Transient("checkpoint_command_failed", "the command for checkpoints failed", kind=kind) from None


def _make(folder: Path) -> None:
    """A copy's folder may be away just now (a mount, another machine); the store must open nevertheless."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        log.error("checkpoint_folder_not_made", error=type(error).__name__)


def _append(file: Path, line: bytes) -> None:
    """Append and flush to the disk; several processes write the same file."""
    with file.open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(size - 1, 0))
        torn = stream.read(1) not in (b"", b"\n")  # a power cut in the middle of a line
        stream.write(b"\n" * torn + line + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
