"""The thin payload of a webhook: a type, a time and ids.  Everything else that a sender adds is dropped unread."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from therapyflows.core.errors import Invalid
from therapyflows.core.ports import InboxEvent

# An id is opaque and short: a sentence or a name with a space cannot pass for one and so cannot reach the store.
ObjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}$")]
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*){1,3}$", max_length=64)]


class _Thin(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", alias_generator=to_camel)


class EventData(_Thin):
    id: ObjectId
    client_id: ObjectId | None = None
    appointment_id: ObjectId | None = None


class WebhookPayload(_Thin):
    type: EventType
    timestamp: AwareDatetime = Field(description="When it happened in the EHR, RFC 3339 with zone")
    data: EventData


def parse_event(body: bytes, *, event_id: str, received_at: datetime) -> InboxEvent:
    """The inbox row of a verified body.  Raises Invalid without repeating anything of what was sent."""
    try:
        payload = WebhookPayload.model_validate_json(body)
        occurred_at = payload.timestamp.astimezone(UTC)
    except (ValidationError, OverflowError, ValueError):
        raise Invalid("event_invalid", "the body is not an event of the contract", event_id=event_id) from None
    return InboxEvent(
        id=event_id,
        type=payload.type,
        object_id=payload.data.id,
        client_id=payload.data.client_id,
        appointment_id=payload.data.appointment_id,
        occurred_at=occurred_at,
        received_at=received_at,
        origin="webhook",
        state="new",
        attempts=0,
    )
