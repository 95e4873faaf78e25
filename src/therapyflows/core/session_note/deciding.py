"""From a reviewer's verdict to a decided draft, safe against being killed between any two steps.

::

    approved content ─▶ decision row ─▶ audit entry ─▶ state of the draft ─▶ (wake.py) the run
                        the point of
                        no return

What a crash leaves behind the decision row is finished by :func:`settle_decided`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from therapyflows.core.errors import Conflict, Invalid
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts
from therapyflows.core.session_note.beside_the_chart import stops
from therapyflows.core.session_note.model import DRAFT, Decision, Draft, DraftRecord, DraftState, Verdict
from therapyflows.core.session_note.review import REJECTION_REASONS, open_statements
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.governance.retention.policy import Periods, retain_until

GRACE = timedelta(seconds=15)
"""How long a decision may stand unfinished before it counts as left behind by a crash."""

_STATE = {Verdict.APPROVE: DraftState.APPROVED, Verdict.REJECT: DraftState.REJECTED}
_ACTION = {Verdict.APPROVE: Action.DRAFT_APPROVED, Verdict.REJECT: Action.DRAFT_REJECTED}


def approve(
    record: DraftRecord,
    draft: Draft,
    *,
    by: Actor,
    attested: bool,
    now: datetime,
    contents: Contents,
    periods: Periods,
    against_the_chart: Sequence[NoteFinding] = (),
) -> Decision:
    """Store what is approved; the decision is then to be recorded.  Raises Invalid while something is still open.

    ``against_the_chart``: how the draft contradicts the chart as it is now.
    """
    if not attested:
        raise Invalid("attestation_missing", "Please confirm that you have read and corrected this note.")
    if open_statements(draft):
        raise Invalid(
            "statements_open",
            "Some statements are not supported by the session. Edit, remove or keep each of them first.",
            count=len(open_statements(draft)),
        )
    if stops(draft, against_the_chart):
        raise Invalid(
            "contradicts_chart",
            "The note contradicts the chart. Correct it, or say why it may stand.",
            count=len(stops(draft, against_the_chart)),
        )
    if not draft.statements:
        raise Invalid("note_empty", "A note without any statement cannot be approved.")
    content_id = derived_id("cnt", record.id, "approved", str(record.version))
    contents.put(
        record.client_id,
        "approved_draft",
        DRAFT.dump_json(draft),
        content_id=content_id,
        retain_until=retain_until("approved_draft", now, periods),
        draft_id=record.id,
    )
    return decision_on(record, Verdict.APPROVE, by, now, content_id=content_id)


def reject(
    record: DraftRecord,
    *,
    reason_code: str,
    words: str,
    by: Actor,
    now: datetime,
    contents: Contents,
    reasons: Collection[str] = REJECTION_REASONS,
) -> Decision:
    """Store the words of the rejection and return the decision to be recorded."""
    if reason_code not in reasons:
        raise Invalid("reason_missing", "Please choose why the draft is rejected.")
    said = words.strip()
    if reason_code == "other" and not said:
        raise Invalid("reason_words_missing", "Please say in a few words why the draft is rejected.")
    reason_id = None
    if said:
        reason_id = derived_id("cnt", record.id, "reason", by.id, said)
        contents.put(record.client_id, "reason", said[:4000].encode(), content_id=reason_id, draft_id=record.id)
    decision = decision_on(record, Verdict.REJECT, by, now, content_id=None)
    return replace(decision, reason_code=reason_code, reason_content_id=reason_id)


def record_decision(decision: Decision, *, drafts: Drafts, decisions: Decisions, audit: AuditTrail) -> Decision:
    """Record it; raises Conflict (``decided_already``) when another one stands.  The same verdict twice is fine."""
    try:
        stands = decisions.record(decision)
    except Conflict:
        found = decisions.for_draft(decision.draft_id)
        if found is None:
            raise
        stands = found
    if (stands.verdict, stands.decided_by) != (decision.verdict, decision.decided_by):
        raise Conflict("decided_already", "Somebody else has decided on this draft meanwhile.", draft=decision.draft_id)
    if stands.decided_at == decision.decided_at:
        _finish(stands, drafts.get(stands.draft_id), drafts, audit)
    return stands


def settle_decided(drafts: Drafts, decisions: Decisions, audit: AuditTrail, *, clock: Callable[[], datetime]) -> int:
    """Finish decisions that a crash left between their row and the state of the draft; returns how many."""
    settled = 0
    for record in drafts.in_state([DraftState.IN_REVIEW]):
        decision = decisions.for_draft(record.id)
        if decision is not None and decision.decided_at < clock() - GRACE:
            _finish(decision, record, drafts, audit)
            settled += 1
    return settled


def decision_on(record: DraftRecord, verdict: Verdict, by: Actor, now: datetime, *, content_id: str | None) -> Decision:
    return Decision(
        id=derived_id("dec", record.id, str(record.version)),
        draft_id=record.id,
        verdict=verdict,
        decided_by=by.id,
        role=by.role or "",
        decided_at=now,
        content_id=content_id,
    )


def _finish(decision: Decision, record: DraftRecord, drafts: Drafts, audit: AuditTrail) -> None:
    action = _ACTION[decision.verdict]
    if not _is_audited(decision, record, action, audit):
        audit.append(_entry(decision, record, action))
    try:
        drafts.move(record.id, expected=[DraftState.IN_REVIEW], to=_STATE[decision.verdict])
    except Conflict:
        state = drafts.get(record.id).state
        if state == DraftState.IN_REVIEW:
            raise
        if state in (DraftState.EXPIRED, DraftState.CANCELLED):
            message = f"This draft was {state.value} before the decision took effect; nothing will be filed."
            raise Conflict("draft_closed", message, draft=record.id) from None


def _is_audited(decision: Decision, record: DraftRecord, action: Action, audit: AuditTrail) -> bool:
    """Whether this decision is told; an earlier one, taken back meanwhile, has an entry of its own."""
    entries = (found.entry for found in audit.search(client_id=record.client_id, resource=f"draft/{record.id}"))
    return any(e.action == action and e.details.get("decision_id") == decision.id for e in entries)


def _entry(decision: Decision, record: DraftRecord, action: Action) -> AuditEntry:
    details: dict[str, str | int | float | bool] = {"decision_id": decision.id, "draft_version": record.version}
    if decision.content_id:
        details["content_id"] = decision.content_id
    if decision.reason_code:
        details["reason_code"] = decision.reason_code
    return AuditEntry(
        action=action,
        actor=Actor("person", decision.decided_by, decision.role or None),
        resource=f"draft/{record.id}",
        client_id=record.client_id,
        flow_run_id=record.flow_run_id,
        details=details,
    )
