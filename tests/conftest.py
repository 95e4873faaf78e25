"""What all tests share: no network but loopback, and the sizes of slow tests."""

import os

import pytest
from pytest_socket import socket_allow_hosts

FULL_SIZE = os.environ.get("THERAPYFLOWS_TEST_SIZE") == "full"


@pytest.fixture(autouse=True)
def only_loopback() -> None:
    """A test that reaches for the network fails."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def full_size() -> bool:
    """Whether slow tests run at full size (``make test-full``)."""
    return FULL_SIZE
