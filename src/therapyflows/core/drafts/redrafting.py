"""A reviewer sends a draft back, to be made anew with guidance.  At most so often: then somebody writes it by hand."""

from dataclasses import replace
from datetime import datetime

from therapyflows.core.drafts.deciding import decision_on
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.errors import Invalid
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents, Decisions
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.retention.policy import Periods, retain_until

AT_MOST = 3
"""Times that one draft is made anew."""
LONGEST = 500
"""Characters of guidance."""


def send_back(
    record: DraftRecord,
    *,
    guidance: str,
    by: Actor,
    now: datetime,
    contents: Contents,
    decisions: Decisions,
    periods: Periods,
) -> Decision:
    """Store the guidance and return the decision to be recorded.  Raises Invalid."""
    said = " ".join(guidance.split())
    if not said:
        raise Invalid("guidance_missing", "Please say what the next draft should do differently.")
    if len(said) > LONGEST:
        raise Invalid("guidance_too_long", "Guidance may have 500 characters at most.")
    if decisions.redrafts(record.id) >= AT_MOST:
        raise Invalid("redrafts_used_up", "This note was drafted anew three times. Please edit it, or reject it.")
    if record.transcript_id is None:
        raise Invalid("transcript_deleted", "The transcript is no longer kept, so it cannot be drafted anew.")
    content_id = derived_id("cnt", record.id, "guidance", by.id, str(record.version), said)
    until = retain_until("guidance", now, periods)
    contents.put(
        record.client_id, "guidance", said.encode(), content_id=content_id, retain_until=until, draft_id=record.id
    )
    return replace(decision_on(record, Verdict.REDRAFT, by, now, content_id=None), reason_content_id=content_id)
