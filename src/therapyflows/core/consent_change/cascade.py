"""What goes with a draft whose consent is gone: everything that was made for it, but for what the law keeps.

Which kind goes and which stays is a row of ``governance/retention/content_kinds.yaml``; nothing is listed here, so that
a new kind of content cannot be forgotten.
"""

from collections.abc import Iterator

from therapyflows.core.drafts.model import DraftRecord, Verdict
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Recordings, StoredItem
from therapyflows.core.retention.erase import Eraser
from therapyflows.core.session_note import content_ids
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.kinds import rule_of


def shred_draft(eraser: Eraser, decisions: Decisions, record: DraftRecord, reason: str) -> list[str]:
    """Erase what was made for this draft, with proof; returns what was erased now, as the audit trail names it.

    Of an approved draft stays what belongs to the medical record.  Called again it finishes what was left.
    """
    decision = decisions.for_draft(record.id)
    approved = decision is not None and decision.verdict is Verdict.APPROVE
    return [
        item.resource
        for item in made_for(eraser.contents, eraser.recordings, decisions, record)
        if not rule_of(item.kind).is_kept_on_withdrawal(approved=approved)
        and eraser.erase(item.kind, item.id, client_id=record.client_id, reason=reason)
    ]


def shred_ownerless(eraser: Eraser, client_id: str, reason: str) -> list[str]:
    """Erase the client's content that no draft owns (stored by an older version) and that a withdrawal reaches."""
    return [
        item.resource
        for item in eraser.contents.of_client(client_id)
        if item.draft_id is None
        and item.kind in _NAMES_NO_DRAFT
        and not item.is_settled
        and eraser.erase(item.kind, item.id, client_id=client_id, reason=reason)
    ]


_NAMES_NO_DRAFT = frozenset({"prompt", "completion"})
"""Other kinds are found through the row of their draft or of its decision, whatever version stored them."""


def made_for(
    contents: Contents, recordings: Recordings, decisions: Decisions, record: DraftRecord
) -> Iterator[StoredItem]:
    """Contents and recording of this draft whose deletion is not settled yet, also those its row does not name."""
    decision = decisions.for_draft(record.id)
    named = {
        content_ids.transcript_id(record.id),
        content_ids.machine_draft_id(record.id),
        content_ids.evidence_id(record.id),
        record.transcript_id,
        record.draft_content_id,
        record.edited_content_id,
        *((decision.content_id, decision.reason_content_id) if decision else ()),
    }
    for item in recordings.of_client(record.client_id):
        if item.id in (content_ids.recording_id(record.id), record.recording_id) and not item.is_settled:
            yield item
    for item in contents.of_client(record.client_id):
        if (item.draft_id == record.id or item.id in named) and not item.is_settled:
            yield item


def tell_cancelled(
    audit: AuditTrail, record: DraftRecord, reason: str, *, actor: Actor, flow_run_id: str | None
) -> None:
    """One entry that the draft was cancelled, however often this is called."""
    resource = f"draft/{record.id}"
    told = audit.search(client_id=record.client_id, resource=resource)
    if any(found.entry.action == Action.DRAFT_CANCELLED for found in told):
        return
    audit.append(
        AuditEntry(Action.DRAFT_CANCELLED, actor, resource, record.client_id, flow_run_id, details={"reason": reason})
    )
