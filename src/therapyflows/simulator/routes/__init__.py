"""One module per resource: what each operation of the contract does to the chart."""

from collections.abc import Mapping

from therapyflows.simulator.api import ApiHandler
from therapyflows.simulator.routes import (
    appointments,
    assessments,
    claims,
    clients,
    documents,
    messages,
    notes,
    staffmessages,
    tasks,
    treatmentplans,
    users,
    webhooks,
)

API_HANDLERS: Mapping[str, ApiHandler] = {
    **appointments.HANDLERS,
    **assessments.HANDLERS,
    **claims.HANDLERS,
    **clients.HANDLERS,
    **documents.HANDLERS,
    **messages.HANDLERS,
    **notes.HANDLERS,
    **staffmessages.HANDLERS,
    **tasks.HANDLERS,
    **treatmentplans.HANDLERS,
    **users.HANDLERS,
    **webhooks.HANDLERS,
}
"""Operation id to handler."""
