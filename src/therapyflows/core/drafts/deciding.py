"""From a reviewer's verdict to a decided draft, safe against being killed between any two steps.

::

    approved content ─▶ decision row ─▶ audit entry ─▶ state of the draft ─▶ (wake.py) the run
                        what counts                                          the point of
                                     ◀── undo (undoing.py) ────────────────▶ no return

What a crash leaves behind the decision row is finished by :func:`settle_decided`.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.drafts.reasons import WORDS_NEEDED
from therapyflows.core.errors import Conflict, Invalid
from therapyflows.core.ids import derived_id
from therapyflows.core.operations.model import ReviewFigures
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

GRACE = timedelta(seconds=15)
"""How long a decision may stand unfinished before it counts as left behind by a crash."""

_STATE = {
    Verdict.APPROVE: DraftState.APPROVED,
    Verdict.REJECT: DraftState.REJECTED,
    Verdict.REDRAFT: DraftState.PREPARING,
}
_ACTION = {
    Verdict.APPROVE: Action.DRAFT_APPROVED,
    Verdict.REJECT: Action.DRAFT_REJECTED,
    Verdict.REDRAFT: Action.REDRAFT_ASKED,
}


def reject(
    record: DraftRecord,
    *,
    reason_code: str,
    words: str,
    by: Actor,
    now: datetime,
    contents: Contents,
    reasons: Collection[str],
) -> Decision:
    """Store the words of the rejection and return the decision to be recorded."""
    if reason_code not in reasons:
        raise Invalid("reason_missing", "Please choose why the draft is rejected.")
    said = words.strip()
    if reason_code == WORDS_NEEDED and not said:
        raise Invalid("reason_words_missing", "Please say in a few words why the draft is rejected.")
    reason_id = None
    if said:
        reason_id = derived_id("cnt", record.id, "reason", by.id, str(record.version), said)
        contents.put(record.client_id, "reason", said[:4000].encode(), content_id=reason_id, draft_id=record.id)
    decision = decision_on(record, Verdict.REJECT, by, now, content_id=None)
    return replace(decision, reason_code=reason_code, reason_content_id=reason_id)


def record_decision(
    decision: Decision,
    *,
    drafts: Drafts,
    decisions: Decisions,
    audit: AuditTrail,
    figures: ReviewFigures | None = None,
    version: int | None = None,
    cosignature: bool = False,
) -> Decision:
    """Record it, with what was counted of it, and whether it waits for a co-signature.  The same verdict twice is fine.

    Raises Conflict: ``decided_already`` when another one stands, ``draft_changed`` when the draft is no longer of the
    ``version`` that was decided on.
    """
    try:
        stands = decisions.record(decision, figures, version=version, cosignature=cosignature)
    except Conflict:
        found = decisions.for_draft(decision.draft_id)
        if found is None:
            raise
        stands = found
    if (stands.verdict, stands.decided_by) != (decision.verdict, decision.decided_by):
        raise Conflict("decided_already", "Somebody else has decided on this draft meanwhile.", draft=decision.draft_id)
    if stands.decided_at == decision.decided_at:
        _finish(stands, drafts.get(stands.draft_id), drafts, decisions, audit)
    return stands


def settle_decided(drafts: Drafts, decisions: Decisions, audit: AuditTrail, *, clock: Callable[[], datetime]) -> int:
    """Finish decisions that a crash left between their row and the state of the draft; returns how many."""
    left = decisions.unfinished(before=clock() - GRACE)
    for decision in left:
        _finish(decision, drafts.get(decision.draft_id), drafts, decisions, audit)
    return len(left)


def decision_on(
    record: DraftRecord, verdict: Verdict, by: Actor, now: datetime, *, content_id: str | None, edits: int | None = None
) -> Decision:
    return Decision(
        id=derived_id("dec", record.id, str(record.version)),
        draft_id=record.id,
        verdict=verdict,
        decided_by=by.id,
        role=by.role or "",
        decided_at=now,
        content_id=content_id,
        edits=edits,
    )


def _finish(decision: Decision, record: DraftRecord, drafts: Drafts, decisions: Decisions, audit: AuditTrail) -> None:
    tell_decided(decision, record, audit)
    try:
        decisions.carry_out(decision, to=_STATE[decision.verdict])
    except Conflict:  # somebody finished it before, or the person has undone it in this moment
        state = drafts.get(record.id).state
        if state in (DraftState.EXPIRED, DraftState.CANCELLED):
            message = f"This draft was {state.value} before the decision took effect; nothing will be filed."
            raise Conflict("draft_closed", message, draft=record.id) from None


def tell_decided(decision: Decision, record: DraftRecord, audit: AuditTrail) -> None:
    """The entry of the decision, once."""
    action = _ACTION[decision.verdict]
    if not is_told(decision, record, action, audit):
        audit.append(_entry(decision, record, action))


def is_told(decision: Decision, record: DraftRecord, action: Action, audit: AuditTrail) -> bool:
    """Whether this decision is told; an earlier one, taken back meanwhile, has an entry of its own."""
    entries = (found.entry for found in audit.search(client_id=record.client_id, resource=f"draft/{record.id}"))
    return any(e.action == action and e.details.get("decision_id") == decision.id for e in entries)


def _entry(decision: Decision, record: DraftRecord, action: Action) -> AuditEntry:
    details: dict[str, str | int | float | bool] = {"decision_id": decision.id, "draft_version": record.version}
    if decision.content_id:
        details["content_id"] = decision.content_id
    if decision.reason_code:
        details["reason_code"] = decision.reason_code
    if decision.edits is not None:
        details["edits"] = decision.edits
    return AuditEntry(
        action=action,
        actor=Actor("person", decision.decided_by, decision.role or None),
        resource=f"draft/{record.id}",
        client_id=record.client_id,
        flow_run_id=record.flow_run_id,
        details=details,
    )
