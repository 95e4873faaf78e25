"""Who said it: swap therapist and client in the whole transcript, or correct a turn, a stretch, or a whole label."""

import asyncio
from typing import Literal, get_args

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.errors import Conflict, Invalid
from therapyflows.core.session_note.model import Transcript
from therapyflows.core.session_note.speakers import correct_speaker, turns_between, turns_of
from therapyflows.governance.evidence.model import Speaker
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import conflict, version_of
from therapyflows.web.review.errors import wants_json
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, permitted_record
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import names_of_turns

router = APIRouter()

Which = Literal["these", "all"]


@router.post("/drafts/{draft_id}/speakers")
async def swap(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    """Therapist and client exchanged; every statement is checked again."""
    return await _correct(request, deps, reviewer, draft_id, form, deps.swap_speakers, "speakers_swapped")


@router.post("/drafts/{draft_id}/speakers/correction")
async def correct(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    """Some turns are somebody else's than the transcript says; every statement is checked again."""
    speaker = _speaker(field(form, "speaker"))

    def deed(transcript: Transcript) -> Transcript:
        return correct_speaker(transcript, _turns(transcript, form), speaker)

    return await _correct(request, deps, reviewer, draft_id, form, deed, "speakers_corrected")


async def _correct(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    draft_id: str,
    form: FormData,
    deed: desk.TranscriptDeed,
    what: str,
) -> Response:
    record = await permitted_record(deps, reviewer, "swap_speakers", draft_id)
    version, by = version_of(form), reviewer.acting_on(record)
    try:
        await asyncio.to_thread(lambda: desk.change_transcript(deps, record, version, deed, by=by, what=what))
    except Conflict as error:
        return await conflict(request, deps, reviewer, draft_id, error, "")
    if wants_json(request):
        return JSONResponse({"reload": True})
    return RedirectResponse(f"/drafts/{record.id}", 303)


def _turns(transcript: Transcript, form: FormData) -> frozenset[str]:
    """Raises Invalid for a turn that is not called so, NotFound for one that is gone."""
    which = field(form, "which")
    if which == "all":
        return turns_of(transcript, _speaker(field(form, "label")))
    if which not in get_args(Which):
        raise Invalid("turns_unclear", "Say which turns.")
    ids = {name: segment_id for segment_id, name in reversed(names_of_turns(transcript).items())}
    first = field(form, "from").strip()
    last = field(form, "through").strip() or first
    if first not in ids or last not in ids:
        raise Invalid("turns_unclear", "Name the turns as the transcript does, like “1:54”.")
    return turns_between(transcript, ids[first], ids[last])


def _speaker(text: str) -> Speaker:
    if text not in {speaker.value for speaker in Speaker}:
        raise Invalid("speaker_unclear", "Say who spoke.")
    return Speaker(text)
