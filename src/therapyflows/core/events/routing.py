"""Which event starts which flow, read from a table that an operator can read and change.

Knows neither the file nor Prefect: ``RoutingTable.model_validate`` takes the parsed table, ``decide`` is a pure
function of the event, its route and what was looked up in the chart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from therapyflows.core.chart import Appointment, Client, Document, DocumentKind
from therapyflows.core.ports import InboxEvent

SESSION_SOURCES: Final = frozenset({DocumentKind.RECORDING, DocumentKind.DICTATION, DocumentKind.TRANSCRIPT})


class Condition(StrEnum):
    """What a route may require.  The name of the one that fails, with ``not:``, is the reason an event is ignored."""

    SESSION_SOURCE = "session_source"
    INTAKE_FORM = "intake_form"
    LINKED_TO_APPOINTMENT = "linked_to_appointment"
    COMPLETED = "completed"
    SESSION_FIELDS = "session_fields"
    NO_SESSION_SOURCE_DOCUMENT = "no_session_source_document"
    CONSENT_WITHDRAWN = "consent_withdrawn"


ParameterName = Literal["appointment_id", "document_id", "client_id", "event_id"]


class Route(BaseModel):
    """One row of the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deployment: str
    """``session-note`` or ``flow/deployment``."""
    looks_at: Literal["document", "appointment", "client"]
    requires: tuple[Condition, ...] = ()
    parameters: tuple[ParameterName, ...]
    resource: str
    """The EHR's name of the object, as in ``own_writes``: ``documents``, ``notes``."""
    ignore_own_writes: bool = True


class RoutingTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    routes: Mapping[str, tuple[Route, ...]]
    """Per event type, in the order in which they are tried: the first whose conditions hold is taken."""

    @field_validator("routes", mode="before")
    @classmethod
    def _one_or_many(cls, routes: object) -> object:
        if not isinstance(routes, Mapping):
            return routes
        return {event: found if isinstance(found, list) else [found] for event, found in routes.items()}

    def routes_for(self, event_type: str) -> tuple[Route, ...]:
        return self.routes.get(event_type, ())


@dataclass(frozen=True, slots=True)
class Facts:
    """What the chart says about an event's object, as far as its route asks."""

    document: Document | None = None
    appointment: Appointment | None = None
    client: Client | None = None
    session_source_exists: bool = False
    """Whether a recording, dictation or transcript of this appointment stands in the chart."""


@dataclass(frozen=True, slots=True)
class Start:
    deployment: str
    parameters: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Ignore:
    reason: str


def decide(event: InboxEvent, route: Route, facts: Facts) -> Start | Ignore:
    """Start the route's flow, or say which of its conditions does not hold."""
    for condition in route.requires:
        if not _CHECKS[condition](facts):
            return Ignore(f"not:{condition.value}")
    values: dict[str, str | None] = {
        "appointment_id": facts.appointment.id if facts.appointment else None,
        "document_id": facts.document.id if facts.document else None,
        "client_id": facts.client.id if facts.client else event.client_id,
        "event_id": event.id,
    }
    return Start(route.deployment, {name: values[name] for name in route.parameters})


def _has_session_fields(facts: Facts) -> bool:
    fields = facts.appointment.session_fields if facts.appointment else None
    if fields is None:
        return False
    # A mood rating alone says nothing that a note could be written from.
    return any(text and text.strip() for text in (fields.notes, fields.interventions, fields.homework))


def _takes_back(client: Client) -> bool:
    """Whether the client has withdrawn, declined or opted out of anything; what follows from it the flow decides."""
    return (
        client.ai_opt_out
        or bool(client.ai_opt_out_workflows)
        or any(
            consent.status in ("declined", "withdrawn", "expired") or consent.withdrawn_at is not None
            for consent in client.consents
        )
    )


_CHECKS: Final[Mapping[Condition, Callable[[Facts], bool]]] = {
    Condition.SESSION_SOURCE: lambda facts: facts.document is not None and facts.document.kind in SESSION_SOURCES,
    Condition.INTAKE_FORM: lambda facts: facts.document is not None and facts.document.kind == DocumentKind.INTAKE_FORM,
    Condition.LINKED_TO_APPOINTMENT: lambda facts: facts.appointment is not None,
    Condition.COMPLETED: lambda facts: facts.appointment is not None and facts.appointment.status == "completed",
    Condition.SESSION_FIELDS: _has_session_fields,
    Condition.NO_SESSION_SOURCE_DOCUMENT: lambda facts: not facts.session_source_exists,
    Condition.CONSENT_WITHDRAWN: lambda facts: facts.client is not None and _takes_back(facts.client),
}
