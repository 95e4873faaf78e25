"""Consent is asked again before each step that uses the client's material; a draft that lost it ends there.

Whoever withdraws need not wait for an event to arrive, and a consent that runs out overnight stops the run that wakes
in the morning.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from therapyflows.core.chart import Client, NewTask
from therapyflows.core.consent_change.cascade import shred_draft, tell_cancelled
from therapyflows.core.drafts.closed import require_open
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, ConsentMissing
from therapyflows.core.ports import Drafts, Ehr
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note.consent import consent_for
from therapyflows.governance.audit.model import Action
from therapyflows.governance.consent.policy import ConsentCheck

Clock = Callable[[], datetime]
TellWhy = Callable[[str], Awaitable[NewTask]]
"""The task that tells the clinician why (a constant) the draft ended."""


async def require_consent(ports: RunPorts, record: DraftRecord, *, tell: TellWhy, leaves_machine: bool = False) -> None:
    """Raise ConsentMissing when the draft no longer has the consents that it needs.

    Then it is cancelled, what was made for it is erased with proof, and the clinician has a task.
    """
    answer = await consent_for(
        ports.ehr,
        record,
        await client_of(ports.ehr, record),
        await ports.ehr.get_user(record.clinician_id),
        clock=ports.clock,
        leaves_machine=leaves_machine,
    )
    ports.record(Action.CONSENT_CHECKED, f"draft/{record.id}", client_id=record.client_id, outcome=_outcome(answer))
    if not answer.allowed:
        await _end(ports, record, answer.reason, tell)
        raise _missing(answer.reason, record)


@asynccontextmanager
async def ending_without_consent(ports: RunPorts, record: DraftRecord, *, tell: TellWhy) -> AsyncIterator[None]:
    """The same for a consent that ends while a model is at work on the draft (:func:`require_before_call`)."""
    try:
        yield
    except ConsentMissing as error:
        await _end(ports, record, error.code, tell)
        raise


async def require_before_call(
    ehr: Ehr, drafts: Drafts, draft_id: str, *, leaves_machine: bool, by_model: bool = False, clock: Clock
) -> None:
    """Before each call of a language model.  Raises ConsentMissing, and Refused when the draft was closed."""
    record = drafts.get(draft_id)
    require_open(record)
    client, clinician = await client_of(ehr, record), await ehr.get_user(record.clinician_id)
    answer = await consent_for(
        ehr, record, client, clinician, clock=clock, leaves_machine=leaves_machine, by_model=by_model
    )
    if not answer.allowed:
        raise _missing(answer.reason, record)


async def client_of(ehr: Ehr, record: DraftRecord) -> Client | None:
    """None for somebody who stands in no chart yet."""
    return None if record.is_prospect else await ehr.get_client(record.client_id)


async def _end(ports: RunPorts, record: DraftRecord, reason: str, tell: TellWhy) -> None:
    """The person first, because a closed draft is not looked at again; then the row, then what lies there."""
    await ports.ehr.create_task(await tell(reason))
    with suppress(Conflict):  # it ended meanwhile in another way: that stands, and the material goes all the same
        ports.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.CANCELLED, failure_code=reason)
    tell_cancelled(ports.audit, record, reason, actor=ports.actor, flow_run_id=ports.flow_run_id)
    shred_draft(ports.eraser, ports.decisions, record, reason)


def _outcome(answer: ConsentCheck) -> str:
    return "ok" if answer.allowed else answer.reason


def _missing(reason: str, record: DraftRecord) -> ConsentMissing:
    return ConsentMissing(reason, "The draft no longer has the consents that it needs.", draft=record.id)
