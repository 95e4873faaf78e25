"""What is counted of a decision when it is made."""

from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.drafts.waiting import waiting_since
from therapyflows.core.errors import NotFound
from therapyflows.core.operations.model import ReviewFigures
from therapyflows.core.session_note.model import DRAFT, Draft
from therapyflows.web.review.deps import ReviewDeps


def figures_of(deps: ReviewDeps, record: DraftRecord, decision: Decision) -> ReviewFigures:
    """Counts and times alone."""
    waited = decision.decided_at - waiting_since(record, deps.review_within)
    draft = _note(deps, record)
    measured = deps.attention.get(record.id, decision.decided_by) if draft else None
    return ReviewFigures(
        workflow=record.workflow,
        clinician_id=record.clinician_id,
        waited_s=max(int(waited.total_seconds()), 0),
        statements=len(draft.statements) if draft else 0,
        words=sum(len(s.text.split()) for s in draft.statements) if draft else 0,
        active_s=measured.active_s if measured else None,
        unseen=sum(s.id not in measured.seen for s in draft.statements) if measured and draft else None,
    )


def _note(deps: ReviewDeps, record: DraftRecord) -> Draft | None:
    content_id = record.edited_content_id or record.draft_content_id
    if record.workflow != "session-note" or content_id is None:
        return None
    try:
        return DRAFT.validate_json(deps.contents.get(content_id))
    except NotFound:
        return None
