"""Thin payloads: what is stored of an event, and what is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.errors import Invalid
from therapyflows.core.events.payload import parse_event
from therapyflows.core.ports import InboxEvent

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "type": "document.created",
    "timestamp": "2026-11-02T10:00:00+02:00",
    "data": {"id": "d-1", "clientId": "c-1", "appointmentId": "a-1"},
}


def parse(payload: object) -> InboxEvent:
    return parse_event(json.dumps(payload).encode(), event_id="msg_1", received_at=NOW)


def test_ids_and_times_are_kept() -> None:
    event = parse(GOOD)
    assert (event.id, event.type, event.object_id, event.client_id, event.appointment_id) == (
        "msg_1",
        "document.created",
        "d-1",
        "c-1",
        "a-1",
    )
    assert event.occurred_at == datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_what_a_sender_adds_is_not_kept() -> None:
    event = parse(GOOD | {"note": "Quillfeather", "data": GOOD["data"] | {"lastName": "Quillfeather"}})
    assert "Quillfeather" not in repr(event)


def test_an_event_type_of_the_future_is_kept() -> None:
    assert parse(GOOD | {"type": "room.repainted"}).type == "room.repainted"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        "text",
        GOOD | {"type": "Call Mrs Quillfeather"},
        GOOD | {"type": 7},
        GOOD | {"timestamp": "2026-11-02T10:00:00"},
        GOOD | {"timestamp": "yesterday"},
        GOOD | {"timestamp": "9999-12-31T23:59:59-12:00"},
        GOOD | {"data": {}},
        GOOD | {"data": {"id": "Mrs Quillfeather"}},
        GOOD | {"data": {"id": "d-1", "clientId": "Ann Quillfeather"}},
        GOOD | {"data": {"id": "d" * 129}},
        GOOD | {"data": {"id": 12}},
    ],
)
def test_what_is_no_event_is_invalid_and_not_repeated(wrong: object) -> None:
    with pytest.raises(Invalid) as refused:
        parse(wrong)
    assert "Quillfeather" not in str(refused.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_invalid(body: bytes) -> None:
    with pytest.raises(Invalid):
        parse_event(body, event_id="msg_1", received_at=NOW)
