"""What of a client's record is given out: the evidence of approved notes, the consents, and what the AI did.

Never: recordings, transcripts, drafts that nobody approved, words about rejections, prompts and answers of models,
psychotherapy notes (which are never stored here) and what was said off the record (which reaches no evidence).
"""

import json
from datetime import datetime
from typing import Any

from therapyflows.core.chart import Client
from therapyflows.core.disclosure.accounting import entries_of
from therapyflows.core.drafts.model import DraftRecord, Verdict
from therapyflows.core.errors import NotFound
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts

DISCLOSED = ("Evidence of approved notes", "Consents", "Actions of the AI on the client's record")
"""The parts, in the words of the accounting."""

AI_ACTIONS = (
    *("model.", "draft.", "note.", "recording.", "transcript.", "consent.", "content."),
    *("form.", "risk.", "client.updated", "assessment.", "message.", "record."),
)
"""Actions, or how they begin."""


def client_record(
    client: Client, drafts: Drafts, decisions: Decisions, contents: Contents, audit: AuditTrail
) -> dict[str, Any]:
    """As plain JSON values."""
    evidence = {item.draft_id: item.id for item in contents.of_client(client.id) if item.kind == "evidence"}
    return {
        "client": {
            "id": client.id,
            "first_name": client.first_name,
            "last_name": client.last_name,
            "birth_date": client.birth_date.isoformat() if client.birth_date else None,
        },
        "consents": [consent.model_dump(mode="json") for consent in client.consents],
        "approved_notes": [
            _note(record, decisions, contents, evidence)
            for record in drafts.for_client(client.id)
            if _is_approved(record, decisions)
        ],
        "ai_actions": [
            {
                "seq": found.seq,
                "at": _written(found.at),
                "action": found.entry.action.value,
                "actor": found.entry.actor.id,
                "role": found.entry.actor.role,
                "resource": found.entry.resource,
                "outcome": found.entry.outcome,
                "details": dict(found.entry.details),
            }
            for found in entries_of(audit, client.id, None, None)
            if found.entry.action.value.startswith(AI_ACTIONS)
        ],
    }


def _is_approved(record: DraftRecord, decisions: Decisions) -> bool:
    decision = decisions.for_draft(record.id)
    return record.ehr_note_id is not None and decision is not None and decision.verdict == Verdict.APPROVE


def _note(
    record: DraftRecord, decisions: Decisions, contents: Contents, evidence: dict[str | None, str]
) -> dict[str, Any]:
    decision = decisions.for_draft(record.id)
    assert decision is not None
    return {
        "draft": record.id,
        "appointment": record.appointment_id,
        "workflow": record.workflow,
        "format": record.format,
        "note_in_the_chart": record.ehr_note_id,
        "approved_digest": record.approved_digest,
        "approved_by": decision.decided_by,
        "approved_in_role": decision.role,
        "approved_at": _written(decision.decided_at),
        "evidence": _evidence(contents, evidence.get(record.id)),
    }


def _evidence(contents: Contents, content_id: str | None) -> Any:
    if content_id is None:
        return None
    try:
        return json.loads(contents.get(content_id))
    except NotFound:
        return None


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
