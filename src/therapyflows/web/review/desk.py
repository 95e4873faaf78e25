"""One draft on the reviewer's desk: load it, save the next working copy, note it in the audit trail.  Synchronous."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import DraftChange
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT, Draft, Transcript
from therapyflows.core.session_note.review import after_recheck
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.policy import retain_until
from therapyflows.web.review.deps import ReviewDeps

UNDO_STEPS = 50
"""Older copies than these many changes ago are deleted."""

Change = Callable[[Draft, Draft], Draft]
"""(working copy, machine's draft) -> next working copy."""


TranscriptDeed = Callable[[Transcript], Transcript]


@dataclass(frozen=True, slots=True)
class OpenDraft:
    record: DraftRecord
    machine: Draft
    working: Draft
    transcript: Transcript | None
    """None when its retention period has ended."""
    undoable: DraftChange | None = None
    redoable: DraftChange | None = None


def open_draft(deps: ReviewDeps, record: DraftRecord) -> OpenDraft:
    """Everything the page shows.  Raises NotFound when the draft's content is gone."""
    if record.workflow != "session-note":
        raise NotFound("draft_unknown", "There is no such note.", draft=record.id)
    if record.draft_content_id is None:
        raise NotFound("draft_not_ready", "This draft is still being prepared.", draft=record.id)
    machine = DRAFT.validate_json(deps.contents.get(record.draft_content_id))
    working = DRAFT.validate_json(deps.contents.get(record.edited_content_id)) if record.edited_content_id else machine
    return OpenDraft(record, machine, working, _transcript(deps, record), *_steps(deps, record))


def editable(deps: ReviewDeps, record: DraftRecord, version: int | None) -> None:
    """Raises Conflict unless the draft is still under review and unchanged since the page of ``version`` was made."""
    if record.state != DraftState.IN_REVIEW or deps.decisions.for_draft(record.id) is not None:
        raise Conflict("decided_already", "This draft is no longer under review.", draft=record.id)
    if version is not None and version != record.version:
        raise stale(record)


def stale(record: DraftRecord) -> Conflict:
    return Conflict(
        "draft_changed",
        "This draft was changed after you opened it, by somebody else or in another window.",
        draft=record.id,
    )


def change(
    deps: ReviewDeps,
    record: DraftRecord,
    version: int,
    deed: Change,
    *,
    by: Actor,
    what: str,
    fits: Callable[[Draft], bool] = lambda _: False,
    **about: str,
) -> OpenDraft:
    """Apply the deed to the working copy and save it.  Raises Conflict for a stale version.

    ``fits``: whether the deed still means the same on a working copy that somebody changed meanwhile; then it is
    applied to that.  ``about``: what it was done to, for the audit trail: ``statement_id``, or ``finding`` (a code).
    """
    editable(deps, record, None)
    opened = open_draft(deps, record)
    if record.version != version and not fits(opened.working):
        editable(deps, record, version)
    working = deed(opened.working, opened.machine)
    if working == opened.working:
        return opened
    saved = _save_step(deps, record, working, by=by, what=what)
    audit_edit(deps, saved, by, what, **about)
    return _moved(deps, opened, saved, working)


def change_transcript(
    deps: ReviewDeps,
    record: DraftRecord,
    version: int,
    deed: TranscriptDeed,
    *,
    by: Actor,
    what: str,
    **about: str,
) -> OpenDraft:
    """Correct who spoke, and grade every statement against the corrected transcript again."""
    editable(deps, record, version)
    opened = open_draft(deps, record)
    if opened.transcript is None:
        raise NotFound("transcript_deleted", "The transcript is no longer kept.", draft=record.id)
    corrected = deed(opened.transcript)
    if corrected == opened.transcript:
        return opened
    working = after_recheck(opened.working, deps.recheck(opened.working, corrected.on_record))
    transcript_id = put_transcript(deps, record, corrected)
    saved = _save_step(deps, record, working, by=by, what=what, transcript_id=transcript_id)
    audit_edit(deps, saved, by, what, **about)
    return replace(_moved(deps, opened, saved, working), transcript=corrected)


def undo(deps: ReviewDeps, record: DraftRecord, version: int, *, by: Actor) -> OpenDraft:
    """Back to the copy before the last change, which has to be this person's own.  Raises Conflict."""
    editable(deps, record, version)
    step, _ = _steps(deps, record)
    _require_own(step, by, "nothing_to_undo", "There is nothing to undo.")
    assert step is not None
    return _step_to(deps, record, step.before_id, step.before_transcript_id, by, "undone", step)


def redo(deps: ReviewDeps, record: DraftRecord, version: int, *, by: Actor) -> OpenDraft:
    """The change that was undone last, again.  Raises Conflict."""
    editable(deps, record, version)
    _, step = _steps(deps, record)
    _require_own(step, by, "nothing_to_redo", "There is nothing to redo.")
    assert step is not None
    return _step_to(deps, record, step.after_id, step.after_transcript_id, by, "redone", step)


def _require_own(step: DraftChange | None, by: Actor, code: str, message: str) -> None:
    if step is None:
        raise Conflict(code, message)
    if step.changed_by != by.id:
        raise Conflict("not_your_change", "The last change is somebody else’s; change it by hand if it is wrong.")


def _step_to(
    deps: ReviewDeps,
    record: DraftRecord,
    content_id: str,
    transcript_id: str | None,
    by: Actor,
    what: str,
    step: DraftChange,
) -> OpenDraft:
    columns: dict[str, object] = {"transcript_id": transcript_id} if transcript_id else {}
    edited = None if content_id == record.draft_content_id else content_id
    try:
        saved = deps.drafts.update(record.id, version=record.version, edited_content_id=edited, **columns)
    except Conflict as error:
        raise stale(record) from error
    audit_edit(deps, saved, by, what, step=step.change)
    return open_draft(deps, saved)


def _steps(deps: ReviewDeps, record: DraftRecord) -> tuple[DraftChange | None, DraftChange | None]:
    """What can be undone and what redone: the steps to and from the present copy, while the other copy is there."""
    now = record.edited_content_id or record.draft_content_id or ""
    back, on = deps.history.leading_to(record.id, now), deps.history.leading_from(record.id, now)
    return (
        back if back and _is_there(deps, back.before_id, back.before_transcript_id) else None,
        on if on and _is_there(deps, on.after_id, on.after_transcript_id) else None,
    )


def _is_there(deps: ReviewDeps, *content_ids: str | None) -> bool:
    try:
        for content_id in content_ids:
            if content_id is not None:
                deps.contents.get(content_id)
    except NotFound:
        return False
    return True


def _moved(deps: ReviewDeps, opened: OpenDraft, saved: DraftRecord, working: Draft) -> OpenDraft:
    back, on = _steps(deps, saved)
    return replace(opened, record=saved, working=working, undoable=back, redoable=on)


def _save_step(
    deps: ReviewDeps, record: DraftRecord, working: Draft, *, by: Actor, what: str, transcript_id: str | None = None
) -> DraftRecord:
    """Save the next working copy so that it can be undone: the one before stays, among the last so many."""
    raw = DRAFT.dump_json(working)
    content_id = copy_id(record, record.version, raw)
    moved = transcript_id is not None
    step = DraftChange(
        record.id,
        record.edited_content_id or record.draft_content_id or "",
        content_id,
        record.transcript_id if moved else None,
        transcript_id,
        what,
        by.id,
    )
    number = deps.history.add(step)
    try:
        columns: dict[str, Any] = {"transcript_id": transcript_id} if moved else {}
        saved = save_copy(deps, record, record.version, raw, keep_previous=True, **columns)
    except Conflict:
        deps.history.withdraw(number)
        raise
    present = {saved.edited_content_id, saved.draft_content_id, saved.transcript_id}
    for old in deps.history.forget_before(record.id, UNDO_STEPS) - present:
        deps.contents.delete(old)
    return saved


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


def save(deps: ReviewDeps, record: DraftRecord, version: int, working: Draft, **columns: Any) -> DraftRecord:
    """Save the next working copy of a note."""
    return save_copy(deps, record, version, DRAFT.dump_json(working), **columns)


def copy_id(record: DraftRecord, version: int, raw: bytes) -> str:
    return derived_id("cnt", record.id, "edited", str(version), hashlib.sha256(raw).hexdigest())


def save_copy(
    deps: ReviewDeps, record: DraftRecord, version: int, raw: bytes, *, keep_previous: bool = False, **columns: object
) -> DraftRecord:
    """Write the copy under an id of its own, then point the row at it: a loser of a race overwrites nothing."""
    content_id = copy_id(record, version, raw)
    keep_until = retain_until("edited_draft", record.created_at, deps.retention)
    deps.contents.put(
        record.client_id, "edited_draft", raw, content_id=content_id, retain_until=keep_until, draft_id=record.id
    )
    try:
        saved = deps.drafts.update(record.id, version=version, edited_content_id=content_id, **columns)
    except Conflict as error:
        if deps.drafts.get(record.id).edited_content_id != content_id:
            deps.contents.delete(content_id)
        raise stale(record) from error
    if not keep_previous and record.edited_content_id not in (None, content_id):
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
