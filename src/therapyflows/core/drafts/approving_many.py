"""Several drafts are approved at once, where the policy allows it for their workflow: reminders, never notes."""

import hashlib
from datetime import datetime

from therapyflows.core.drafts.deciding import decision_on
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.errors import NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents
from therapyflows.governance.access.policy import AccessDecision, Deed, Person, decide
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.retention.policy import Periods, retain_until

AT_MOST = 50
"""Drafts that are approved at once: what fits a page."""

_NEEDED: tuple[Deed, ...] = ("approve_batch", "approve")


def may_be_among_many(person: Person, record: DraftRecord) -> AccessDecision:
    """Both rights, by the workflow of the draft itself, wherever the request says that it lies."""
    answers = [
        decide(person, deed, workflow=record.workflow, client_id=record.client_id, clinician_id=record.clinician_id)
        for deed in _NEEDED
    ]
    return next((answer for answer in answers if not answer.allowed), answers[-1])


def approve_as_it_stands(
    record: DraftRecord, *, by: Actor, now: datetime, contents: Contents, periods: Periods
) -> Decision:
    """Store what is approved, byte for byte; the decision is then to be recorded.  Raises NotFound without content."""
    stands = record.edited_content_id or record.draft_content_id
    if stands is None:
        raise NotFound("draft_not_ready", "This draft is still being prepared.", draft=record.id)
    raw = contents.get(stands)
    content_id = derived_id("cnt", record.id, "approved", str(record.version), hashlib.sha256(raw).hexdigest())
    kept = retain_until("approved_draft", now, periods)
    contents.put(record.client_id, "approved_draft", raw, content_id=content_id, retain_until=kept, draft_id=record.id)
    return decision_on(record, Verdict.APPROVE, by, now, content_id=content_id)
