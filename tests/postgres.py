"""A throw-away PostgreSQL for tests: own folder, free loopback port, an unprivileged user, gone afterwards.

::

    @pytest.fixture(scope="session")
    def postgres() -> Iterator[Cluster]:
        with running_cluster() as cluster:
            yield cluster
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

_DEBIAN = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Cluster:
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str | None = None) -> str:
        """Create an empty database, or a copy of ``template``; returns its name."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name


@contextmanager
def running_cluster(*, fsync: bool = False) -> Iterator[Cluster]:
    """Start a cluster; skips, with the reason, where PostgreSQL is not installed; in CI that is a failure.

    ``fsync``: whether a commit waits for the disk, as in production; tests need not.
    """
    programs = _programs()
    if programs is None:
        message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="therapyflows-postgres-"))
    try:
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        _run(programs / "initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", data)
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options += f" -c fsync={'on' if fsync else 'off'}"
        _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield Cluster(port)
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps them out of the path."""
    installed = sorted(Path(_DEBIAN).glob("*/bin/pg_ctl"), key=lambda p: int(p.parent.parent.name.split(".")[0]))
    if installed:
        return installed[-1].parent
    on_path = shutil.which("pg_ctl")
    return Path(on_path).resolve().parent if on_path else None


def _run(*command: object) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Its output goes to a file: a server started by pg_ctl would keep a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        result = subprocess.run([*as_user, *map(str, command)], stdout=output, stderr=output, cwd="/", timeout=120)
        if result.returncode:
            output.seek(0)
            pytest.fail(f"{command[0]} failed: {output.read().decode(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
