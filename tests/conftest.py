"""What all tests share: no network but loopback."""

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture(autouse=True)
def only_loopback() -> None:
    """A test that reaches for the network fails."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
