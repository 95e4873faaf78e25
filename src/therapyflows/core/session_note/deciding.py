"""A reviewer's approval of a note: what is approved is stored first, the decision is then recorded."""

from collections.abc import Sequence
from datetime import datetime

from therapyflows.core.drafts.deciding import decision_on
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.errors import Invalid
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents
from therapyflows.core.session_note.beside_the_chart import stops
from therapyflows.core.session_note.model import DRAFT, Draft
from therapyflows.core.session_note.review import count_edits, open_statements
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.governance.retention.policy import Periods, retain_until


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
    machine: Draft | None = None,
) -> Decision:
    """Store what is approved; the decision is then to be recorded.  Raises Invalid while something is still open.

    ``against_the_chart``: how the draft contradicts the chart as it is now.  ``machine``: what it was made from, to
    count the edits.
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
    edits = count_edits(draft, machine) if machine is not None else None
    return decision_on(record, Verdict.APPROVE, by, now, content_id=content_id, edits=edits)
