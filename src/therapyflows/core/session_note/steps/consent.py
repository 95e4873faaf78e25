"""Consent is asked again before each step that uses the client's material; a draft that lost it ends there.

Whoever withdraws need not wait for an event to arrive, and a consent that runs out overnight stops the run that wakes
in the morning.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from therapyflows.core.consent_change.cascade import shred_draft, tell_cancelled
from therapyflows.core.errors import Conflict, ConsentMissing
from therapyflows.core.ports import Drafts, Ehr
from therapyflows.core.session_note.alerts import not_permitted
from therapyflows.core.session_note.consent import consent_for
from therapyflows.core.session_note.model import DraftRecord, DraftState
from therapyflows.core.session_note.steps.closed import require_open
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.governance.audit.model import Action
from therapyflows.governance.consent.policy import ConsentCheck

Clock = Callable[[], datetime]


async def require_consent(ports: SessionNotePorts, record: DraftRecord) -> None:
    """Raise ConsentMissing when the draft no longer has the consents that it needs.

    Then it is cancelled, what was made for it is erased with proof, and the clinician has a task.
    """
    answer = await consent_for(
        ports.ehr,
        record,
        await ports.ehr.get_client(record.client_id),
        await ports.ehr.get_user(record.clinician_id),
        clock=ports.clock,
        leaves_machine=ports.policy.model_leaves_machine,
    )
    ports.record(Action.CONSENT_CHECKED, f"draft/{record.id}", client_id=record.client_id, outcome=_outcome(answer))
    if not answer.allowed:
        await _end(ports, record, answer.reason)
        raise _missing(answer.reason, record)


@asynccontextmanager
async def ending_without_consent(ports: SessionNotePorts, record: DraftRecord) -> AsyncIterator[None]:
    """The same for a consent that ends while a model is at work on the draft (:func:`require_before_call`)."""
    try:
        yield
    except ConsentMissing as error:
        await _end(ports, record, error.code)
        raise


async def require_before_call(ehr: Ehr, drafts: Drafts, draft_id: str, *, leaves_machine: bool, clock: Clock) -> None:
    """Before each call of a language model.  Raises ConsentMissing, and Refused when the draft was closed."""
    record = drafts.get(draft_id)
    require_open(record)
    client, clinician = await ehr.get_client(record.client_id), await ehr.get_user(record.clinician_id)
    answer = await consent_for(ehr, record, client, clinician, clock=clock, leaves_machine=leaves_machine)
    if not answer.allowed:
        raise _missing(answer.reason, record)


async def _end(ports: SessionNotePorts, record: DraftRecord, reason: str) -> None:
    """The person first, because a closed draft is not looked at again; then the row, then what lies there."""
    await ports.ehr.create_task(not_permitted(await ports.ehr.get_appointment(record.appointment_id), reason))
    with suppress(Conflict):  # it ended meanwhile in another way: that stands, and the material goes all the same
        ports.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.CANCELLED, failure_code=reason)
    tell_cancelled(ports.audit, record, reason, actor=ports.actor, flow_run_id=ports.flow_run_id)
    shred_draft(ports.eraser, ports.decisions, record, reason)


def _outcome(answer: ConsentCheck) -> str:
    return "ok" if answer.allowed else answer.reason


def _missing(reason: str, record: DraftRecord) -> ConsentMissing:
    return ConsentMissing(reason, "The draft no longer has the consents that it needs.", draft=record.id)
