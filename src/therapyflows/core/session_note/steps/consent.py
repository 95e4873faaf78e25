"""The consents of a session note, asked before each step that uses the client's material."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from therapyflows.core.chart import NewTask
from therapyflows.core.drafts import consent
from therapyflows.core.drafts.consent import TellWhy
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.session_note.alerts import not_permitted
from therapyflows.core.session_note.steps.practice import SessionNotePorts


async def require_consent(ports: SessionNotePorts, record: DraftRecord) -> None:
    """As :func:`consent.require_consent`."""
    await consent.require_consent(
        ports, record, tell=_task(ports, record), leaves_machine=ports.policy.model_leaves_machine
    )


@asynccontextmanager
async def ending_without_consent(ports: SessionNotePorts, record: DraftRecord) -> AsyncIterator[None]:
    """As :func:`consent.ending_without_consent`."""
    async with consent.ending_without_consent(ports, record, tell=_task(ports, record)):
        yield


def _task(ports: SessionNotePorts, record: DraftRecord) -> TellWhy:
    async def task(reason: str) -> NewTask:
        return not_permitted(await ports.ehr.get_appointment(record.appointment_id), reason)

    return task
