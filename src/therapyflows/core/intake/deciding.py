"""A reviewer's approval of an intake: what is approved is stored first, the decision is then recorded."""

from datetime import datetime

from therapyflows.core.drafts.deciding import decision_on
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.errors import Invalid
from therapyflows.core.ids import derived_id
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft
from therapyflows.core.intake.review import count_edits, open_points
from therapyflows.core.ports import Contents
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.retention.policy import Periods, retain_until


def approve(
    record: DraftRecord,
    draft: IntakeDraft,
    *,
    by: Actor,
    attested: bool,
    now: datetime,
    contents: Contents,
    periods: Periods,
    machine: IntakeDraft | None = None,
) -> Decision:
    """Store what is approved.  Raises Invalid while something is still open.

    ``machine``: the form as it was read, to count the edits.
    """
    if not attested:
        raise Invalid("attestation_missing", "Please confirm that you have compared the values with the form.")
    still_open = open_points(draft)
    if still_open:
        raise Invalid(
            "intake_open", "Some points are still open; each is listed above the form.", count=len(still_open)
        )
    content_id = derived_id("cnt", record.id, "approved", str(record.version))
    contents.put(
        record.client_id,
        "approved_draft",
        INTAKE_DRAFT.dump_json(draft),
        content_id=content_id,
        retain_until=retain_until("approved_draft", now, periods),
        draft_id=record.id,
    )
    edits = count_edits(draft, machine) if machine is not None else None
    return decision_on(record, Verdict.APPROVE, by, now, content_id=content_id, edits=edits)
