"""Starts the processes of TherapyFlows on one machine, waits until each is ready, restarts what dies, ends them all.

Each process gets its own process group, so that ending it ends its children too (a worker's flow runs).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import httpx

from therapyflows.core.errors import TherapyFlowsError


class NotReady(TherapyFlowsError):
    """A process did not become ready, or died while starting; its log says why."""


@dataclass(frozen=True)
class ProcessSpec:
    """One process: what to run, where it logs, and how one knows that it is ready."""

    name: str
    argv: Sequence[str]
    ready_url: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs the processes of one system.  ``with Supervisor(...) as s: s.start(specs)``; leaving ends them."""

    def __init__(self, log_dir: Path, *, on_change: Callable[[str, str], None] = lambda name, state: None) -> None:
        self.log_dir = log_dir
        self.on_change = on_change
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.specs: dict[str, ProcessSpec] = {}
        log_dir.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def launch(self, spec: ProcessSpec) -> subprocess.Popen[bytes]:
        """Start one process without waiting for it."""
        self.specs[spec.name] = spec
        log_path = self.log_dir / f"{spec.name}.log"
        with log_path.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  our own argv
                list(spec.argv),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **spec.env},
                start_new_session=True,
            )
        self.running[spec.name] = process
        self.on_change(spec.name, "starting")
        return process

    def start(self, specs: Sequence[ProcessSpec], *, timeout_s: float = 90) -> None:
        """Start all at once; returns when all are ready."""
        for spec in specs:
            self.launch(spec)
        starting = {spec.name for spec in specs}
        deadline = time.monotonic() + timeout_s
        while starting:
            for name in [name for name in starting if self.is_ready(name)]:
                starting.remove(name)
                self.on_change(name, "ready")
            self._fail_if_dead_or_late(starting, deadline)
            time.sleep(0.1)

    def is_ready(self, name: str) -> bool:
        """Whether the process answers at its ready address (or runs, when it has none)."""
        spec, process = self.specs[name], self.running[name]
        if process.poll() is not None:
            return False
        if spec.ready_url is None:
            return True
        try:
            return httpx.get(spec.ready_url, timeout=2).status_code < 500
        except httpx.HTTPError:
            return False

    def _fail_if_dead_or_late(self, starting: set[str], deadline: float) -> None:
        for name in starting:
            if self.running[name].poll() is not None:
                raise NotReady("process_died", f"{name} ended while starting; see {self.log_dir / name}.log")
        if starting and time.monotonic() > deadline:
            late = ", ".join(sorted(starting))
            raise NotReady("process_late", f"{late} did not become ready in time; see {self.log_dir}")

    def restart_dead(self) -> list[str]:
        """Start again what has died; returns the names."""
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        for name in dead:
            self.on_change(name, "restarting")
            self.launch(self.specs[name])
        return dead

    def watch(self, also: Callable[[], None] = lambda: None, *, every_s: float = 1.0) -> NoReturn:
        """Keep everything running and do ``also`` each time; ends by an exception alone (KeyboardInterrupt)."""
        while True:
            self.restart_dead()
            also()
            time.sleep(every_s)

    def stop(self, *, grace_s: float = 8) -> None:
        """End every process group, the last started first: politely, then for good."""
        processes = list(self.running.values())[::-1]
        for process in processes:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self.running.clear()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def module(name: str, *args: str) -> list[str]:
    """argv that runs a module with this interpreter."""
    return [sys.executable, "-m", name, *args]
