"""A client's consents changed, or ran out: stop what is running and delete what they covered, with proof.

Undecided drafts are cancelled and their runs with them; whatever was made for them is deleted.  Approvals that wait for
a co-signature wait no longer.  After a withdrawal the
working material of decided drafts goes too.  Notes that a clinician approved belong to the medical record and stay, and
with them the short evidence of their sentences (``governance/retention/content_kinds.yaml``).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from therapyflows.core.consent_change.cascade import made_for, shred_draft, shred_ownerless, tell_cancelled
from therapyflows.core.consent_change.unsigned import end_wait
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, NotFound, TherapyFlowsError
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts, Ehr, Recordings, Runs
from therapyflows.core.retention.erase import Eraser
from therapyflows.core.session_note.consent import consent_for
from therapyflows.core.style.relearning import relearn
from therapyflows.governance.audit.model import Actor

ACTOR = Actor(kind="service", id="consent-change")
UNDECIDED = (DraftState.PREPARING, DraftState.IN_REVIEW)
CLOSED_LATELY = timedelta(days=60)
"""How far back a round looks for cancelled drafts of which a crash left something."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConsentChangePorts:
    ehr: Ehr
    drafts: Drafts
    decisions: Decisions
    contents: Contents
    recordings: Recordings
    runs: Runs
    audit: AuditTrail
    clock: Callable[[], datetime]
    flow_run_id: str | None = None

    @property
    def eraser(self) -> Eraser:
        return Eraser(self.contents, self.recordings, self.audit, ACTOR, self.flow_run_id)


async def apply_consent(ports: ConsentChangePorts, client_id: str) -> list[str]:
    """Cancel every undecided draft that the client's consents no longer allow; returns the drafts' ids.

    Of decided ones the working material goes once the consent was withdrawn or declined.  Called again it finishes what
    was left.
    """
    client = await ports.ehr.get_client(client_id)
    cancelled, taken_back = [], None
    for record in ports.drafts.for_client(client_id):
        if record.state is DraftState.CANCELLED:  # perhaps by us, and killed behind it
            await clear(ports, record, record.failure_code or "cancelled")
            continue
        answer = await consent_for(ports.ehr, record, client, None, clock=ports.clock)
        if answer.allowed:
            continue
        taken_back = answer.reason if answer.is_taken_back else taken_back
        if record.state in UNDECIDED:
            if _cancel(ports, record, answer.reason):
                cancelled.append(record.id)
                await clear(ports, record, answer.reason)
        elif answer.is_taken_back:
            await end_wait(ports, record, answer.reason, ACTOR)
            shred_draft(ports.eraser, ports.decisions, record, answer.reason)
    if taken_back is not None:
        shred_ownerless(ports.eraser, client_id, taken_back)
        await _unlearn(ports, client_id)
    return cancelled


async def _unlearn(ports: ConsentChangePorts, client_id: str) -> None:
    """Whoever learned from this client's sessions learns anew without them."""
    decided = [ports.decisions.for_draft(record.id) for record in ports.drafts.for_client(client_id)]
    for author in sorted({decision.decided_by for decision in decided if decision is not None}):
        await relearn(ports.ehr, ports.contents, ports.audit, author, actor=ACTOR)


async def watch_consents(ports: ConsentChangePorts) -> AsyncIterator[str]:
    """Look after every client with a draft in work, because a consent runs out without anybody reporting it.

    Also finishes what a crash left of a cancelled draft.  Yields the ids of drafts that were cancelled.  Trouble with
    one client does not hold up the others.
    """
    in_work = ports.drafts.in_state([*UNDECIDED, DraftState.APPROVED])
    left_over = [
        record
        for record in ports.drafts.in_state([DraftState.CANCELLED])
        if record.updated_at > ports.clock() - CLOSED_LATELY and _something_stands(ports, record)
    ]
    # Who stands in no chart yet has no consents there that could run out.
    known = (record.client_id for record in (*in_work, *left_over) if not record.is_prospect)
    for client_id in dict.fromkeys(known):
        try:
            for draft_id in await apply_consent(ports, client_id):
                yield draft_id
        except TherapyFlowsError as error:
            log.warning("consent_watch_failed", client_id=client_id, code=error.code)


def _something_stands(ports: ConsentChangePorts, record: DraftRecord) -> bool:
    return next(made_for(ports.contents, ports.recordings, ports.decisions, record), None) is not None


def _cancel(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> bool:
    try:
        ports.drafts.move(record.id, expected=UNDECIDED, to=DraftState.CANCELLED, failure_code=reason)
    except Conflict:
        return False  # approved at this moment: posting checks the consent once more
    return True


async def clear(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> None:
    """Whatever was made for a cancelled draft goes; first what does not need the orchestrator."""
    tell_cancelled(ports.audit, record, reason, actor=ACTOR, flow_run_id=ports.flow_run_id)
    shred_draft(ports.eraser, ports.decisions, record, reason)
    if record.flow_run_id is not None:
        with suppress(NotFound):  # the orchestrator has forgotten the run; the row is what counts
            await ports.runs.cancel(record.flow_run_id)
