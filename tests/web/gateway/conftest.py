"""The chart, the orchestrator, the clock and the store of ``tests/core/events``, and a signing sender."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests.core.events.conftest import clock, ehr, make_event, runs, store, table

__all__ = ["clock", "ehr", "make_event", "runs", "store", "table"]

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
