"""A turn of the transcript off the record, or back on it: the clinician's word counts over the rules'."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.consent_change.cascade import made_for
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ports import StoredItem
from therapyflows.core.retention.erase import Eraser
from therapyflows.core.session_note import off_record
from therapyflows.core.session_note.model import Transcript
from therapyflows.core.session_note.review import after_recheck
from therapyflows.governance.audit.model import Actor
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import conflict, version_of
from therapyflows.web.review.errors import wants_json
from therapyflows.web.review.people import Deps, ReviewingPerson, permitted_record
from therapyflows.web.review.security import PostedForm

router = APIRouter()

TurnDeed = Literal["off-record", "on-record"]
SegmentId = Annotated[str, Path(max_length=20)]
_COPIES = frozenset({"transcript", "draft", "edited_draft", "proposal"})
_SENT = frozenset({"prompt", "completion"})


@router.post("/drafts/{draft_id}/turns/{segment_id}/{deed}")
async def turn(
    request: Request,
    deps: Deps,
    reviewer: ReviewingPerson,
    draft_id: str,
    segment_id: SegmentId,
    deed: TurnDeed,
    form: PostedForm,
) -> Response:
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    version, by = version_of(form), reviewer.acting_on(record)
    try:
        await asyncio.to_thread(move_turn, deps, record, version, segment_id, deed, by=by)
    except Conflict as error:
        return await conflict(request, deps, reviewer, draft_id, error, "")
    if wants_json(request):
        return JSONResponse({"reload": True, "at": f"seg-{segment_id}"})
    return RedirectResponse(f"/drafts/{record.id}#seg-{segment_id}", 303)


def move_turn(
    deps: ReviewDeps, record: DraftRecord, version: int, segment_id: str, deed: TurnDeed, *, by: Actor
) -> None:
    """Mark or unmark the turn; sentences that rest on what is withheld go, also out of the machine's draft.

    The copies that still hold them are erased with proof, and so is what a model was sent and answered for this draft.
    """
    desk.editable(deps, record, version)
    opened = desk.open_draft(deps, record)
    if opened.transcript is None:
        raise NotFound("transcript_deleted", "The transcript is no longer kept.", draft=record.id)
    withhold = deed == "off-record"
    changed = (off_record.mark if withhold else off_record.unmark)(opened.transcript, segment_id)
    if changed == opened.transcript:
        return
    saved = _save(deps, record, version, opened, changed)
    _erase_older_copies(deps, record, saved, by, also=_SENT if withhold else frozenset())
    desk.audit_edit(deps, saved, by, f"turn_{deed.replace('-', '_')}", statement_id=segment_id)


def _save(
    deps: ReviewDeps, record: DraftRecord, version: int, opened: desk.OpenDraft, changed: Transcript
) -> DraftRecord:
    heard = changed.on_record
    machine = deps.recheck(off_record.without_withheld(opened.machine, changed), heard)
    working = off_record.without_withheld(opened.working, changed)
    return desk.save(
        deps,
        record,
        version,
        after_recheck(working, deps.recheck(working, heard)),
        transcript_id=desk.put_transcript(deps, record, changed),
        draft_content_id=desk.put_draft(deps, record, machine),
    )


def _erase_older_copies(
    deps: ReviewDeps, before: DraftRecord, saved: DraftRecord, by: Actor, *, also: frozenset[str]
) -> None:
    current = {saved.transcript_id, saved.draft_content_id, saved.edited_content_id}
    _erase(deps, before, by, lambda item: (item.kind in _COPIES and item.id not in current) or item.kind in also)


def erase_what_came_late(deps: ReviewDeps, record: DraftRecord, by: Actor) -> None:
    """What was asked of a model before a turn was taken off the record, and answered after."""
    _erase(deps, record, by, lambda item: item.kind in _SENT | {"proposal"})


def _erase(deps: ReviewDeps, record: DraftRecord, by: Actor, goes: Callable[[StoredItem], bool]) -> None:
    eraser = Eraser(deps.contents, deps.recordings, deps.audit, by, record.flow_run_id)
    for item in made_for(deps.contents, deps.recordings, deps.decisions, record):
        if goes(item):
            eraser.erase(item.kind, item.id, client_id=record.client_id, reason="off_record")
