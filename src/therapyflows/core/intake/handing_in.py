"""A form of somebody who stands in no chart: handed in here, under an owner of its own until the person is registered.

The same file for the same clinician is one intake, however often it is handed in; one that ended without a record in
the chart (failed, expired, rejected, cancelled) is begun anew.
"""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from therapyflows.core.chart import User
from therapyflows.core.consents import may_use
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Invalid, NotFound, Refused, Transient
from therapyflows.core.ids import derived_id
from therapyflows.core.people import person_of
from therapyflows.core.ports import AuditTrail, Contents, Drafts, Runs
from therapyflows.governance.access.policy import PROSPECT, decide
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.consent.policy import Use
from therapyflows.governance.retention.policy import Periods, retain_until

WORKFLOW = "intake"
UPLOAD = "tfupload"
"""What the id of a form begins with that was handed in here."""
_ENDED_WITHOUT_A_RECORD = frozenset({DraftState.FAILED, DraftState.EXPIRED, DraftState.REJECTED, DraftState.CANCELLED})
MAX_FORM_BYTES = 50_000_000
_GRACE = timedelta(minutes=1)
"""Younger ones are just being handed in, or their run is on its way."""


@dataclass(frozen=True, slots=True)
class HandingIn:
    """What is needed to take a form in."""

    drafts: Drafts
    contents: Contents
    audit: AuditTrail
    periods: Periods


def is_handed_in(form_ref: str) -> bool:
    return form_ref.startswith(f"{UPLOAD}_")


def draft_id_of(form_ref: str) -> str:
    return derived_id("drf", WORKFLOW, form_ref)


def hand_in(ports: HandingIn, content: bytes, clinician: User, *, by: Actor, now: datetime) -> DraftRecord:
    """Keep the form and claim its intake for this clinician; the run is started with ``source_ref``.

    Raises Refused when the clinician may not or does not want it, Invalid for a file that is empty or too large.
    """
    if not content or len(content) > MAX_FORM_BYTES:
        raise Invalid("form_size", "The form is empty or larger than 50 MB.", size=len(content))
    form_ref = _form_ref(ports.drafts, content, clinician)
    client_id, draft_id = f"{PROSPECT}{form_ref}", draft_id_of(form_ref)
    if (code := objection(clinician, client_id, now)) is not None:
        raise Refused(code, "The form may not be processed for this clinician.", clinician=clinician.id)
    record = ports.drafts.claim(_row(draft_id, client_id, clinician, form_ref, now))
    if record.state is DraftState.PREPARING and record.transcript_id is None:
        ports.contents.put(
            client_id,
            "intake_upload",
            content,
            content_id=form_ref,
            retain_until=retain_until("intake_upload", now, ports.periods),
            draft_id=draft_id,
        )
        ports.audit.append(AuditEntry(Action.FORM_HANDED_IN, by, f"draft/{draft_id}", client_id))
    return record


async def begin(
    ports: HandingIn, runs: Runs, content: bytes, clinician: User, *, by: Actor, now: datetime
) -> DraftRecord:
    """Hand the form in and start its run; harmless when repeated.

    Raises Refused and Invalid as ``hand_in`` does; Transient when the run could not be started: the form is kept then,
    and ``begin_left`` starts it.
    """
    record = await asyncio.to_thread(hand_in, ports, content, clinician, by=by, now=now)
    if not record.state.is_final:
        await _start(runs, record)
    return record


async def begin_left(drafts: Drafts, runs: Runs, *, now: datetime) -> int:
    """Start the runs of forms that were kept and never begun: something died in between.  Returns how many."""
    left = [
        record
        for record in await asyncio.to_thread(drafts.in_state, [DraftState.PREPARING])
        if is_handed_in(record.source_ref) and record.flow_run_id is None and record.created_at < now - _GRACE
    ]
    begun = 0
    for record in left:
        with suppress(Transient):  # asked again in the next round
            await _start(runs, record)
            begun += 1
    return begun


async def _start(runs: Runs, record: DraftRecord) -> None:
    await runs.start(WORKFLOW, {"document_id": record.source_ref}, idempotency_key=record.source_ref)


def _form_ref(drafts: Drafts, content: bytes, clinician: User) -> str:
    """The id of the form: of its first intake, or of the one after the last that ended without a record."""
    digest = hashlib.sha256(content).hexdigest()
    for again in count():
        form_ref = derived_id(UPLOAD, digest, clinician.id, *([str(again)] if again else []))
        try:
            if drafts.get(draft_id_of(form_ref)).state not in _ENDED_WITHOUT_A_RECORD:
                return form_ref
        except NotFound:
            return form_ref
    raise AssertionError("some intake is not begun yet")


def objection(clinician: User, client_id: str, now: datetime) -> str | None:
    """Why this clinician cannot take the person on here; a constant."""
    access = decide(
        person_of(clinician), "start_run", workflow=WORKFLOW, client_id=client_id, clinician_id=clinician.id
    )
    if not access.allowed:
        return access.reason
    answer = may_use(Use(WORKFLOW), None, clinician, now=now)
    return None if answer.allowed else answer.reason


def _row(draft_id: str, client_id: str, clinician: User, form_ref: str, now: datetime) -> DraftRecord:
    return DraftRecord(
        id=draft_id,
        workflow=WORKFLOW,
        client_id=client_id,
        clinician_id=clinician.id,
        appointment_id="",
        source_ref=form_ref,
        format=WORKFLOW,
        state=DraftState.PREPARING,
        version=1,
        created_at=now,
        updated_at=now,
    )
