"""What a row of the queue shows of a draft, counted from its content."""

from collections.abc import Callable

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.core.intake.draft import INTAKE_DRAFT, RiskLevel
from therapyflows.core.intake.review import open_points
from therapyflows.core.ports import Contents
from therapyflows.core.queue.model import Facts, made_of
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT
from therapyflows.core.session_note.off_record import RISK_HELD_BACK
from therapyflows.core.session_note.review import grade_counts, open_statements

URGENT = frozenset({"risk_disclosed", RISK_HELD_BACK})
"""Notices of a session note that a person must see first."""


def facts_of(record: DraftRecord, contents: Contents) -> Facts:
    """Count.  A draft without content, or of a workflow that is not known here, has nothing to show."""
    count = _COUNTED.get(record.workflow, _nothing)
    try:
        return count(record, contents)
    except NotFound:  # its retention period has ended
        return _nothing(record, contents)


def _note(record: DraftRecord, contents: Contents) -> Facts:
    draft = DRAFT.validate_json(_working(record, contents))
    codes = {notice.code for notice in draft.warnings} | _heard(record, contents)
    return Facts(record.id, made_of(record), bool(codes & URGENT), len(open_statements(draft)), grade_counts(draft))


def _heard(record: DraftRecord, contents: Contents) -> set[str]:
    if record.transcript_id is None:
        return set()
    try:
        transcript = TRANSCRIPT.validate_json(contents.get(record.transcript_id))
    except NotFound:
        return set()
    return {notice.code for notice in transcript.warnings}


def _intake(record: DraftRecord, contents: Contents) -> Facts:
    draft = INTAKE_DRAFT.validate_json(_working(record, contents))
    urgent = sum(flag.level is RiskLevel.URGENT for flag in draft.risks)
    points = len(open_points(draft))
    counts = {name: number for name, number in (("urgent", urgent), ("open", points)) if number}
    return Facts(record.id, made_of(record), urgent > 0, points, counts)


def _working(record: DraftRecord, contents: Contents) -> bytes:
    content_id = record.edited_content_id or record.draft_content_id
    if content_id is None:
        raise NotFound("draft_not_ready", "This draft is still being prepared.", draft=record.id)
    return contents.get(content_id)


def _nothing(record: DraftRecord, contents: Contents) -> Facts:
    return Facts(record.id, made_of(record), False, 0)


_COUNTED: dict[str, Callable[[DraftRecord, Contents], Facts]] = {"session-note": _note, "intake": _intake}
