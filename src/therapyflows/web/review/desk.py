"""One draft on the reviewer's desk: load it, save the next working copy, note it in the audit trail.  Synchronous."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.model import (
    DRAFT,
    TRANSCRIPT,
    Decision,
    Draft,
    DraftRecord,
    DraftState,
    Transcript,
)
from therapyflows.core.session_note.review import after_recheck
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.policy import retain_until
from therapyflows.web.review.deps import ReviewDeps

Change = Callable[[Draft, Draft], Draft]
"""(working copy, machine's draft) -> next working copy."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    record: DraftRecord
    machine: Draft
    working: Draft
    transcript: Transcript | None
    """None when its retention period has ended."""


def open_draft(deps: ReviewDeps, record: DraftRecord) -> OpenDraft:
    """Everything the page shows.  Raises NotFound when the draft's content is gone."""
    if record.workflow != "session-note":
        raise NotFound("draft_unknown", "There is no such note.", draft=record.id)
    if record.draft_content_id is None:
        raise NotFound("draft_not_ready", "This draft is still being prepared.", draft=record.id)
    machine = DRAFT.validate_json(deps.contents.get(record.draft_content_id))
    working = DRAFT.validate_json(deps.contents.get(record.edited_content_id)) if record.edited_content_id else machine
    return OpenDraft(record, machine, working, _transcript(deps, record))


def editable(deps: ReviewDeps, record: DraftRecord, version: int | None) -> None:
    """Raises Conflict unless the draft is still under review and unchanged since the page of ``version`` was made."""
    if record.state != DraftState.IN_REVIEW or deps.decisions.for_draft(record.id) is not None:
        raise Conflict("decided_already", "This draft is no longer under review.", draft=record.id)
    if version is not None and version != record.version:
        raise Conflict(
            "draft_changed",
            "This draft was changed after you opened it, by somebody else or in another window.",
            draft=record.id,
        )


def change(
    deps: ReviewDeps, record: DraftRecord, version: int, deed: Change, *, by: Actor, what: str, **about: str
) -> OpenDraft:
    """Apply the deed to the working copy and save it.  Raises Conflict for a stale version.

    ``about``: what it was done to, for the audit trail: ``statement_id``, or ``finding`` (a code).
    """
    editable(deps, record, version)
    opened = open_draft(deps, record)
    working = deed(opened.working, opened.machine)
    if working == opened.working:
        return opened
    saved = save(deps, record, version, working)
    audit_edit(deps, saved, by, what, **about)
    return replace(opened, record=saved, working=working)


def swap_speakers(deps: ReviewDeps, record: DraftRecord, version: int, *, by: Actor) -> OpenDraft:
    """Exchange therapist and client in the whole transcript and grade every statement against it again."""
    editable(deps, record, version)
    opened = open_draft(deps, record)
    if opened.transcript is None:
        raise NotFound("transcript_deleted", "The transcript is no longer kept.", draft=record.id)
    swapped = deps.swap_speakers(opened.transcript)
    working = after_recheck(opened.working, deps.recheck(opened.working, swapped.on_record))
    transcript_id = put_transcript(deps, record, swapped)
    saved = save(deps, record, version, working, transcript_id=transcript_id)
    if record.transcript_id not in (None, transcript_id):
        deps.contents.delete(record.transcript_id or "")
    audit_edit(deps, saved, by, "speakers_swapped")
    return replace(opened, record=saved, working=working, transcript=swapped)


def decision_of(deps: ReviewDeps, record: DraftRecord) -> Decision | None:
    return deps.decisions.for_draft(record.id)


def audit(deps: ReviewDeps, record: DraftRecord, action: Action, by: Actor, **details: str | int | float) -> None:
    entry = AuditEntry(
        action=action,
        actor=by,
        resource=f"draft/{record.id}",
        client_id=record.client_id,
        flow_run_id=record.flow_run_id,
        details=details,
    )
    deps.audit.append(entry)


def _transcript(deps: ReviewDeps, record: DraftRecord) -> Transcript | None:
    if record.transcript_id is None:
        return None
    try:
        return TRANSCRIPT.validate_json(deps.contents.get(record.transcript_id))
    except NotFound:
        return None


def save(deps: ReviewDeps, record: DraftRecord, version: int, working: Draft, **columns: object) -> DraftRecord:
    """Save the next working copy of a note."""
    return save_copy(deps, record, version, DRAFT.dump_json(working), **columns)


def save_copy(deps: ReviewDeps, record: DraftRecord, version: int, raw: bytes, **columns: object) -> DraftRecord:
    """Write the copy under an id of its own, then point the row at it: a loser of a race overwrites nothing."""
    content_id = derived_id("cnt", record.id, "edited", str(version), hashlib.sha256(raw).hexdigest())
    keep_until = retain_until("edited_draft", record.created_at, deps.retention)
    deps.contents.put(
        record.client_id, "edited_draft", raw, content_id=content_id, retain_until=keep_until, draft_id=record.id
    )
    try:
        saved = deps.drafts.update(record.id, version=version, edited_content_id=content_id, **columns)
    except Conflict as error:
        if deps.drafts.get(record.id).edited_content_id != content_id:
            deps.contents.delete(content_id)
        raise Conflict(
            "draft_changed",
            "This draft was changed after you opened it, by somebody else or in another window.",
            draft=record.id,
        ) from error
    if record.edited_content_id not in (None, content_id):
        deps.contents.delete(record.edited_content_id or "")
    return saved


def put_transcript(deps: ReviewDeps, record: DraftRecord, transcript: Transcript) -> str:
    raw = TRANSCRIPT.dump_json(transcript)
    content_id = derived_id("cnt", record.id, "transcript", hashlib.sha256(raw).hexdigest())
    keep_until = retain_until("transcript", record.created_at, deps.retention)
    return deps.contents.put(
        record.client_id, "transcript", raw, content_id=content_id, retain_until=keep_until, draft_id=record.id
    )


def put_draft(deps: ReviewDeps, record: DraftRecord, machine: Draft) -> str:
    """Another version of the machine's draft, under an id of its own."""
    raw = DRAFT.dump_json(machine)
    content_id = derived_id("cnt", record.id, "draft", hashlib.sha256(raw).hexdigest())
    keep_until = retain_until("draft", record.created_at, deps.retention)
    return deps.contents.put(
        record.client_id, "draft", raw, content_id=content_id, retain_until=keep_until, draft_id=record.id
    )


def audit_edit(deps: ReviewDeps, record: DraftRecord, by: Actor, what: str, **about: str) -> None:
    told = {name: value for name, value in about.items() if value}
    audit(deps, record, Action.DRAFT_EDITED, by, change=what, version=record.version, **told)
