"""One simulator for the tests of this folder."""

from collections.abc import Iterator

import pytest
from tests.integrations.ehr.live import LiveSimulator, simulator


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSimulator]:
    with simulator(tmp_path_factory.mktemp("practice"), "--hang", "5") as running:
        yield running


@pytest.fixture
def live(_running: LiveSimulator) -> Iterator[LiveSimulator]:
    """Without faults, before and after."""
    _running.clear_faults()
    yield _running
    _running.clear_faults()
