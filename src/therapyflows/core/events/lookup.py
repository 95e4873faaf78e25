"""Read from the chart what a route's conditions ask about.  An event carries only ids and may be late or wrong."""

from therapyflows.core.chart import Appointment, Document
from therapyflows.core.events.routing import SESSION_SOURCES, Condition, Facts, Route
from therapyflows.core.ports import Ehr, InboxEvent


async def look_up(event: InboxEvent, route: Route, ehr: Ehr) -> Facts:
    """The facts for ``decide``.  Raises what the EHR port raises."""
    if route.looks_at == "document":
        return await _about_document(event, ehr)
    if route.looks_at == "appointment":
        return await _about_appointment(event, route, ehr)
    return Facts(client=await ehr.get_client(event.object_id))


async def _about_document(event: InboxEvent, ehr: Ehr) -> Facts:
    document = await ehr.get_document(event.object_id)
    if document.kind not in SESSION_SOURCES or document.appointment_id is None:
        return Facts(document=document)
    appointment = await ehr.get_appointment(document.appointment_id)
    return Facts(document=document, appointment=appointment, session_source_exists=True)


async def _about_appointment(event: InboxEvent, route: Route, ehr: Ehr) -> Facts:
    appointment = await ehr.get_appointment(event.object_id)
    asked = Condition.NO_SESSION_SOURCE_DOCUMENT in route.requires
    return Facts(
        appointment=appointment,
        session_source_exists=asked and await _session_source_exists(appointment, ehr),
    )


async def _session_source_exists(appointment: Appointment, ehr: Ehr) -> bool:
    async for document in ehr.list_documents(appointment.client_id):
        if _is_source_of(document, appointment):
            return True
    return False


def _is_source_of(document: Document, appointment: Appointment) -> bool:
    return document.appointment_id == appointment.id and document.kind in SESSION_SOURCES
