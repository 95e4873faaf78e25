"""What all tests share: no network but loopback, and databases in memory where the machine has room for them."""

import os
import shutil
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture(autouse=True)
def only_loopback() -> None:
    """A test that reaches for the network fails."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4_000_000_000


def pytest_configure(config: pytest.Config) -> None:
    """Most of what the tests write is synced to disk as a practice's database must be; in memory that costs nothing."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
