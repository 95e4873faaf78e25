"""The shipped table, asked with a chart: which event starts what."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from therapyflows.core.chart import Consent, SessionFields
from therapyflows.core.errors import NotFound
from therapyflows.core.events.dispatch import EveryoneIsIn, choose, screen
from therapyflows.core.events.routing import Ignore, RoutingTable, Start
from therapyflows.core.ports import InboxEvent
from therapyflows.integrations.store import Store

Make = Callable[..., InboxEvent]
FIELDS = SessionFields(notes="Worked on sleep.")


async def chosen(event: InboxEvent, table: RoutingTable, ehr: Any) -> Start | Ignore:
    return await choose(event, table, ehr, EveryoneIsIn())


@pytest.mark.parametrize("kind", ["recording", "dictation", "transcript"])
@pytest.mark.parametrize("status", ["scheduled", "completed"])
async def test_a_session_source_starts_the_note(kind: str, status: str, make_event: Make, table: Any, ehr: Any) -> None:
    ehr.add_appointment(status=status)
    ehr.add_document(kind=kind)
    assert await chosen(make_event(), table, ehr) == Start(
        "session-note", {"appointment_id": "a-1", "document_id": "d-1", "event_id": "evt_1"}
    )


@pytest.mark.parametrize("event_type", ["document.created", "intake.submitted"])
async def test_an_intake_form_starts_an_intake(event_type: str, make_event: Make, table: Any, ehr: Any) -> None:
    ehr.add_document(kind="intake_form", appointment_id=None)
    event = make_event(type=event_type)
    assert await chosen(event, table, ehr) == Start("intake", {"document_id": "d-1", "event_id": "evt_1"})


@pytest.mark.parametrize("kind", ["letter", "other"])
async def test_other_documents_start_nothing(kind: str, make_event: Make, table: Any, ehr: Any) -> None:
    ehr.add_document(kind=kind)
    assert await chosen(make_event(), table, ehr) == Ignore("not:session_source")


async def test_a_recording_without_an_appointment_starts_nothing(make_event: Make, table: Any, ehr: Any) -> None:
    ehr.add_document(appointment_id=None)
    assert await chosen(make_event(appointment_id="a-1"), table, ehr) == Ignore("not:linked_to_appointment")


async def test_session_fields_start_a_note_when_nothing_was_recorded(make_event: Make, table: Any, ehr: Any) -> None:
    ehr.add_appointment(session_fields=FIELDS)
    ehr.add_document(kind="letter")
    ehr.add_document("d-2", appointment_id="a-other")
    event = make_event(type="appointment.completed", object_id="a-1")
    assert await chosen(event, table, ehr) == Start(
        "session-note", {"appointment_id": "a-1", "document_id": None, "event_id": "evt_1"}
    )


@pytest.mark.parametrize(
    ("appointment", "reason"),
    [
        ({"status": "scheduled", "session_fields": FIELDS}, "completed"),
        ({"status": "no_show", "session_fields": FIELDS}, "completed"),
        ({}, "session_fields"),
        ({"session_fields": SessionFields(mood_rating=4)}, "session_fields"),
        ({"session_fields": SessionFields(notes="  ")}, "session_fields"),
    ],
)
async def test_a_session_without_usable_fields_starts_nothing(
    appointment: dict[str, Any], reason: str, make_event: Make, table: Any, ehr: Any
) -> None:
    ehr.add_appointment(**appointment)
    event = make_event(type="appointment.completed", object_id="a-1")
    assert await chosen(event, table, ehr) == Ignore(f"not:{reason}")


async def test_the_recording_goes_before_the_fields(make_event: Make, table: Any, ehr: Any) -> None:
    ehr.add_appointment(session_fields=FIELDS)
    ehr.add_document()
    event = make_event(type="appointment.completed", object_id="a-1")
    assert await chosen(event, table, ehr) == Ignore("not:no_session_source_document")


CONSENT_TABLE = RoutingTable.model_validate(
    {
        "version": 1,
        "routes": {
            "client.updated": {
                "resource": "clients",
                "deployment": "consent-change",
                "looks_at": "client",
                "requires": ["consent_withdrawn"],
                "parameters": ["client_id", "event_id"],
                "ignore_own_writes": False,
            }
        },
    }
)


@pytest.mark.parametrize(
    ("consent", "client"),
    [
        ({"status": "declined"}, {}),
        ({"withdrawn_at": datetime(2026, 3, 1, tzinfo=UTC)}, {}),
        ({}, {"ai_opt_out": True}),
    ],
    ids=["declined", "withdrawn_at", "opted_out"],
)
async def test_a_client_can_take_back_in_other_words(
    consent: dict[str, Any], client: dict[str, Any], make_event: Make, ehr: Any
) -> None:
    granted = Consent(id="k", kind="recording", status="granted", statement="-")
    ehr.add_client(consents=[granted.model_copy(update=consent)], **client)
    event = make_event(type="client.updated", object_id="c-1")
    assert isinstance(await chosen(event, CONSENT_TABLE, ehr), Start)


async def test_a_withdrawn_consent_can_start_a_flow(make_event: Make, ehr: Any) -> None:
    event = make_event(type="client.updated", object_id="c-1")
    granted = Consent(id="k", kind="recording", status="granted", statement="-")
    ehr.add_client(consents=[granted])
    assert await chosen(event, CONSENT_TABLE, ehr) == Ignore("not:consent_withdrawn")
    ehr.add_client(consents=[granted.model_copy(update={"status": "withdrawn"})])
    start = Start("consent-change", {"client_id": "c-1", "event_id": "evt_1"})
    assert await chosen(event, CONSENT_TABLE, ehr) == start


def test_every_deployment_of_the_shipped_table_exists(table: RoutingTable) -> None:
    deployed = yaml.safe_load((Path(__file__).parents[3] / "prefect.yaml").read_text())["deployments"]
    routed = {route.deployment for routes in table.routes.values() for route in routes}
    assert routed <= {deployment["name"] for deployment in deployed}


async def test_what_the_chart_does_not_have_is_not_found(make_event: Make, table: Any, ehr: Any) -> None:
    with pytest.raises(NotFound):
        await chosen(make_event(), table, ehr)


async def test_the_rollout_has_the_last_word(make_event: Make, table: Any, ehr: Any) -> None:
    class OnlyOne:
        def refuses(self, deployment: str, *, clinician_id: str | None, client_id: str | None) -> str | None:
            return None if clinician_id == "u-2" else "not_in_pilot"

    ehr.add_appointment()
    ehr.add_document()
    assert await choose(make_event(), table, ehr, OnlyOne()) == Ignore("rollout:not_in_pilot")
    ehr.add_appointment(clinician_id="u-2")
    assert isinstance(await choose(make_event(), table, ehr, OnlyOne()), Start)


def test_what_is_not_in_the_table_is_ignored(make_event: Make, table: Any, store: Store) -> None:
    for event_type in ("note.signed", "appointment.cancelled", "room.repainted"):
        event = make_event(type=event_type)
        assert screen(event, table, store.inbox, store.own_writes) == Ignore("no_route")


def test_what_we_wrote_ourselves_is_ignored(make_event: Make, table: Any, store: Store) -> None:
    store.own_writes.add("documents", "d-1")
    assert screen(make_event(), table, store.inbox, store.own_writes) == Ignore("own_write")
    assert screen(make_event(object_id="d-2"), table, store.inbox, store.own_writes) is None


def test_a_consent_withdrawn_on_a_client_that_we_created_still_counts(make_event: Make, store: Store) -> None:
    store.own_writes.add("clients", "c-1")
    event = make_event(type="client.updated", object_id="c-1")
    assert screen(event, CONSENT_TABLE, store.inbox, store.own_writes) is None


def test_a_webhook_that_comes_after_the_sync_found_the_same_is_ignored(
    make_event: Make, table: Any, store: Store
) -> None:
    store.inbox.store(make_event("evs_1", origin="sync"))
    assert screen(make_event(), table, store.inbox, store.own_writes) == Ignore("sync_saw_it_first")
    later = make_event(occurred_at=datetime(2026, 11, 2, 9, 1, tzinfo=UTC))
    assert screen(later, table, store.inbox, store.own_writes) is None


def test_the_table_refuses_what_it_does_not_know() -> None:
    route = {"deployment": "x", "looks_at": "document", "resource": "r", "parameters": ["event_id"]}
    RoutingTable.model_validate({"version": 1, "routes": {"a.b": route}})
    for wrong in ({"requires": ["full_moon"]}, {"parameters": ["note_text"]}, {"looks_at": "sky"}):
        with pytest.raises(ValueError, match="validation error"):
            RoutingTable.model_validate({"version": 1, "routes": {"a.b": route | wrong}})
