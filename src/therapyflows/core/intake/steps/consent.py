"""What the client said about AI, asked before each step that uses the form.

Telling people of risk is the exception: what was read while it was allowed to be read is not kept from them.
"""

from therapyflows.core.chart import NewTask
from therapyflows.core.drafts import consent
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.intake.alerts import not_permitted
from therapyflows.core.intake.steps.practice import IntakePorts


async def require_consent(ports: IntakePorts, record: DraftRecord) -> None:
    """As :func:`consent.require_consent`."""

    async def task(reason: str) -> NewTask:
        return not_permitted(record.source_ref, record.chart_client_id, record.clinician_id, reason)

    await consent.require_consent(ports, record, tell=task)
