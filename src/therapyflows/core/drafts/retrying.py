"""A person has a failed draft tried again: its row goes back to where it was, then its run is scheduled once more.

Killed between the two, or asked twice, it ends the same: the row is moved by compare-and-set, and a run that is at work
already is left alone.
"""

from asyncio import to_thread
from dataclasses import dataclass

from therapyflows.core.drafts.model import DraftRecord, DraftState, Verdict
from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.core.operations.failures import words_of
from therapyflows.core.ports import AuditTrail, Decisions, Drafts, Runs
from therapyflows.governance.audit.model import Action, Actor, AuditEntry


@dataclass(frozen=True, slots=True)
class RetryPorts:
    drafts: Drafts
    decisions: Decisions
    runs: Runs
    audit: AuditTrail


def may_be_retried(record: DraftRecord) -> bool:
    """Whether trying again may help."""
    if record.flow_run_id is None:
        return False
    return record.state is not DraftState.FAILED or words_of(record.failure_code).retry


async def retry(ports: RetryPorts, record: DraftRecord, *, by: Actor) -> bool:
    """Have it tried again; False when it is at work already.  Raises Invalid, Conflict, NotFound, Transient."""
    run_id = record.flow_run_id
    if run_id is None or not may_be_retried(record):
        raise Invalid("retry_helps_not", "Trying this again would end the same way.", draft=record.id)
    if record.state not in (DraftState.FAILED, DraftState.PREPARING, DraftState.APPROVED):
        raise Conflict("nothing_to_retry", "There is nothing to try again any more.", draft=record.id)
    try:
        await ports.runs.state_of(run_id)  # a draft is not opened again for a run that is gone
        if record.state is DraftState.FAILED:
            await to_thread(_reopen, ports, record)
        scheduled = await ports.runs.retry(run_id)
    except NotFound:
        message = "Prefect no longer knows this run, so it cannot be tried again."
        raise NotFound("run_unknown", message, draft=record.id) from None
    if scheduled:
        await to_thread(ports.audit.append, _entry(record, run_id, by))
    return scheduled


def _reopen(ports: RetryPorts, record: DraftRecord) -> None:
    """Where it failed: after an approval that stands, or on the way to its reviewer."""
    decision = ports.decisions.for_draft(record.id)
    approved = decision is not None and decision.verdict is Verdict.APPROVE
    to = DraftState.APPROVED if approved else DraftState.PREPARING
    try:
        ports.drafts.move(record.id, expected=[DraftState.FAILED], to=to, failure_code=None)
    except Conflict:
        if ports.drafts.get(record.id).state is not to:
            raise


def _entry(record: DraftRecord, run_id: str, by: Actor) -> AuditEntry:
    return AuditEntry(
        action=Action.RUN_RESTARTED,
        actor=by,
        resource=f"flow_runs/{run_id}",
        client_id=record.client_id,
        flow_run_id=run_id,
        details={"draft_id": record.id, "failure_code": record.failure_code or "run_failed"},
    )
