"""A practice's public addresses, and what its choice of a language model means for consent."""

import pytest

from therapyflows.app.settings import Settings
from therapyflows.app.system import listens_at, system_processes
from therapyflows.app.wiring import note_policy
from therapyflows.integrations.llm import LlmSettings


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data_dir=tmp_path,
        ehr={"base_url": "https://ehr.example.com", "client_id": "tf", "client_secret": "s"},
        store={"practice_key": "k", "audit_signing_key": "k"},
        review={"session_key": "k", "base_url": "https://review.practice.example"},
        gateway_url="https://hooks.practice.example",
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:5001", ("127.0.0.1", 5001)),
        ("http://localhost", ("localhost", 4270)),
        ("https://hooks.practice.example", ("127.0.0.1", 4270)),
        ("https://hooks.practice.example:8443/x", ("127.0.0.1", 4270)),
    ],
)
def test_a_public_address_is_served_on_loopback_behind_a_proxy(url, expected):
    assert listens_at(url, 4270) == expected


def test_the_processes_of_a_practice_with_public_addresses_can_be_started(settings):
    processes = {spec.name: spec for spec in system_processes(settings, {})}

    assert list(processes["gateway"].argv[-4:]) == ["--host", "127.0.0.1", "--port", "4270"]
    assert list(processes["review"].argv[-4:]) == ["--host", "127.0.0.1", "--port", "4280"]
    assert processes["review"].ready_url == "http://127.0.0.1:4280/healthz"


@pytest.mark.parametrize(
    ("provider", "leaves"), [("evidence", False), ("local", False), ("openai", True), ("azure", True)]
)
def test_part_2_consent_is_asked_for_the_model_that_is_really_used(settings, provider, leaves):
    """The setting says "no model"; a block may say otherwise."""
    assert settings.llm.provider == "evidence"
    assert note_policy(settings, LlmSettings(provider=provider)).model_leaves_machine is leaves
