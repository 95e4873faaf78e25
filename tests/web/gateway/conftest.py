"""The chart, the orchestrator, the clock and the store of ``tests/core/events``, and a signing sender."""

import base64
import importlib.util
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

_spec = importlib.util.spec_from_file_location(
    "tests_events_conftest", Path(__file__).parents[2] / "core" / "events" / "conftest.py"
)
assert _spec is not None
assert _spec.loader is not None
_events = importlib.util.module_from_spec(_spec)
sys.modules["tests_events_conftest"] = _events  # dataclasses look their module up
_spec.loader.exec_module(_events)

ehr, runs, clock, store, table, make_event = (
    _events.ehr,
    _events.runs,
    _events.clock,
    _events.store,
    _events.table,
    _events.make_event,
)

SECRET = "whsec_" + base64.b64encode(b"the secret of the test practice").decode()


def signed(
    event_id: str,
    at: datetime,
    *,
    secret: str = SECRET,
    event_type: str = "document.created",
    object_id: str = "d-1",
    body: bytes | None = None,
    **data: Any,
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a delivery, as the EHR would send it."""
    if body is None:
        thin = {"id": object_id, "clientId": "c-1"} | data
        body = json.dumps({"type": event_type, "timestamp": at.isoformat(), "data": thin}).encode()
    return body, {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, body.decode()),
        "content-type": "application/json",
    }


@pytest.fixture
def delivery() -> Callable[..., tuple[bytes, dict[str, str]]]:
    return signed


@pytest.fixture
def secret() -> str:
    return SECRET
