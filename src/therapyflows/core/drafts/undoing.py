"""The person who decided undoes it, until the run is let go.

One row decides between the two: ``Decisions.undo`` and ``Decisions.release_due`` both clear what holds the decision,
and whichever comes second finds it cleared.  What a crash leaves behind the voided row is finished by
:func:`settle_undone`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from therapyflows.core.drafts.deciding import GRACE, is_told, tell_decided
from therapyflows.core.drafts.model import Decision, Verdict
from therapyflows.core.errors import Conflict
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts, Recordings
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

UNDONE = "undone_by_decider"

_TOO_LATE = {
    Verdict.APPROVE: "Too late to undo: what you approved is on its way or stands in the chart, unlocked. Correct it "
    "there.",
    Verdict.REDRAFT: "Another draft is being made already; your own words are carried over to it.",
    Verdict.REJECT: "Too late to undo: the rejection has been carried out. Nothing was written to the chart.",
}


@dataclass(frozen=True, slots=True)
class UndoPorts:
    decisions: Decisions
    drafts: Drafts
    contents: Contents
    recordings: Recordings
    audit: AuditTrail


def undo(ports: UndoPorts, decision: Decision) -> None:
    """Void the decision: the draft is under review again, with every correction that was made to it.

    Raises Conflict (``too_late``, ``draft_closed``).
    """
    try:
        ports.decisions.undo(decision, code=UNDONE)
    except Conflict as error:
        raise _said(error, decision) from None
    _settle(ports, decision)


def settle_undone(ports: UndoPorts, clock: Callable[[], datetime]) -> int:
    """Finish what a crash left between a voided decision and its traces; returns how many."""
    left = ports.decisions.undone(before=clock() - GRACE, code=UNDONE)
    for decision in left:
        _settle(ports, decision)
    return len(left)


def _settle(ports: UndoPorts, decision: Decision) -> None:
    record = ports.drafts.get(decision.draft_id)
    actor = Actor("person", decision.decided_by, decision.role or None)
    tell_decided(decision, record, ports.audit)
    if not is_told(decision, record, Action.DECISION_UNDONE, ports.audit):
        details = {"decision_id": decision.id, "verdict": decision.verdict.value}
        entry = AuditEntry(Action.DECISION_UNDONE, actor, f"draft/{record.id}", record.client_id, details=details)
        ports.audit.append(replace(entry, flow_run_id=record.flow_run_id))
    eraser = Eraser(ports.contents, ports.recordings, ports.audit, actor, record.flow_run_id)
    for kind, content_id in (("approved_draft", decision.content_id), ("reason", decision.reason_content_id)):
        if content_id is not None:
            eraser.erase(kind, content_id, client_id=record.client_id, reason=UNDONE)
    ports.decisions.undone_settled(decision.id)


def _said(error: Conflict, decision: Decision) -> Conflict:
    if error.code == "too_late":
        return Conflict("too_late", _TOO_LATE[decision.verdict], draft=decision.draft_id)
    return Conflict(error.code, "This draft was closed meanwhile; there is nothing to undo.", draft=decision.draft_id)
