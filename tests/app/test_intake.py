"""The intake as it is wired."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from therapyflows.app import wiring
from therapyflows.app.intake import intake_ports
from therapyflows.app.settings import load_settings

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Settings of a practice whose language model's block is not there."""
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "EHR__BASE_URL": "http://127.0.0.1:9",
        "EHR__CLIENT_ID": "c",
        "EHR__CLIENT_SECRET": "s",
        "REVIEW__SESSION_KEY": KEY,
        "STORE__PRACTICE_KEY": KEY,
        "STORE__AUDIT_SIGNING_KEY": KEY,
        "LLM_BLOCK": "nowhere",
    }.items():
        monkeypatch.setenv(f"THERAPYFLOWS_{name}", value)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    load_settings.cache_clear()
    wiring.open_store_of_settings.cache_clear()
    wiring.migrate_store(load_settings())
    yield monkeypatch
    load_settings.cache_clear()
    wiring.open_store_of_settings.cache_clear()


@pytest.mark.parametrize("asked", [False, True])
async def test_no_step_needs_the_models_block_before_a_model_is_asked(
    settings: pytest.MonkeyPatch, asked: bool
) -> None:
    settings.setenv("THERAPYFLOWS_INTAKE__ASK_MODEL", str(asked))
    load_settings.cache_clear()
    async with intake_ports("run-1") as ports:
        assert (ports.model_for is not None) is asked
