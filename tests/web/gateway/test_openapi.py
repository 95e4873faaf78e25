"""Schemathesis over the gateway's own description: whatever is sent, it answers as it says it does."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import missing_required_header, unsupported_method

from therapyflows.integrations.store import open_store
from therapyflows.web.gateway.app import GatewayDeps, create_gateway

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgdGVzdCBwcmFjdGljZQ=="


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("gateway")
    store = open_store(
        f"sqlite:///{folder / 'store.sqlite'}",
        practice_key=b"practice key for the tests only.",
        signing_key=b"signing key for the tests only..",
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )
    app = create_gateway(GatewayDeps(store.inbox, store.audit, [SECRET]))
    app.openapi_url = "/openapi.json"
    app.setup()
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    assert store.inbox.counts()["new"] == 0
    store.close()


@pytest.mark.parametrize(("method", "path"), [("POST", "/webhooks/ehr"), ("GET", "/healthz"), ("GET", "/readyz")])
def test_the_gateway_answers_as_it_says(method: str, path: str, described: Any) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=described[path][method].as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(excluded_checks=[missing_required_header, unsupported_method])

    ask()
