"""An approval that waits for a co-signature when the consent is taken back: the wait is over, nothing is filed.

A signed approval needs nothing of this: its run is awake and asks for the consent itself before it files.
"""

from contextlib import suppress
from typing import Protocol

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, ConsentMissing, NotFound
from therapyflows.core.ports import AuditTrail, Decisions, Drafts, Ehr, Runs
from therapyflows.core.session_note.alerts import posting_refused
from therapyflows.governance.audit.model import Action, Actor, AuditEntry


class Ports(Protocol):
    @property
    def ehr(self) -> Ehr: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def audit(self) -> AuditTrail: ...
    @property
    def flow_run_id(self) -> str | None: ...


async def end_wait(ports: Ports, record: DraftRecord, reason: str, by: Actor) -> None:
    """As when an approved note is refused at filing: a task for the clinician, a failed draft, the approved text kept.

    Harmless for a draft that does not wait for a co-signature.  Called again it finishes what was left.
    """
    ours = record.state is DraftState.APPROVED or (record.state, record.failure_code) == (DraftState.FAILED, reason)
    decision = ports.decisions.for_draft(record.id)
    if not ours or decision is None or not ports.decisions.cosignatures.is_missing(decision.id):
        return
    error = ConsentMissing(reason, "The client's consent ended before the note was filed.", draft=record.id)
    await ports.ehr.create_task(
        posting_refused(await ports.ehr.get_appointment(record.appointment_id), record.id, error)
    )
    for action in (Action.ACCESS_DENIED, Action.TASK_CREATED):
        _tell_once(ports, record, action, reason, by)
    with suppress(Conflict):  # signed at this moment: its run finds the consent gone
        ports.drafts.move(record.id, expected=[DraftState.APPROVED], to=DraftState.FAILED, failure_code=reason)
    if record.flow_run_id is not None:
        with suppress(NotFound):  # it wakes to find the draft closed; asleep it could not be tried again
            await ports.runs.resume(record.flow_run_id, decision.id)


def _tell_once(ports: Ports, record: DraftRecord, action: Action, outcome: str, by: Actor) -> None:
    resource = f"draft/{record.id}"
    told = (found.entry for found in ports.audit.search(client_id=record.client_id, resource=resource))
    if not any((entry.action, entry.outcome) == (action, outcome) for entry in told):
        ports.audit.append(AuditEntry(action, by, resource, record.client_id, ports.flow_run_id, outcome=outcome))
