"""The waveform of a recording: computed once, off the request, kept encrypted for as long as the recording."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import structlog
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound, Transient
from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.waveform import WAVEFORM, Waveform
from therapyflows.governance.audit.model import Action
from therapyflows.governance.retention.policy import retain_until
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import Deps, ReviewingPerson, permitted_record
from therapyflows.web.review.recording import audit_once

router = APIRouter()
log = structlog.get_logger()


class Waveforms:
    """One recording at a time is decoded beside the requests."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="waveform")
        self._begun: set[str] = set()

    def begin(self, deps: ReviewDeps, record: DraftRecord) -> None:
        """Unless it is on its way already."""
        recording_id = record.recording_id or ""
        if recording_id not in self._begun:
            self._begun.add(recording_id)
            self._worker.submit(self._make, deps, record, recording_id)

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _make(self, deps: ReviewDeps, record: DraftRecord, recording_id: str) -> None:
        try:
            with deps.recordings.open(recording_id) as source:
                found = _decoded(deps, record, source)
            _keep(deps, record, recording_id, found)
        except NotFound:
            log.info("waveform_not_needed", draft_id=record.id)
        except Exception as error:  # the page is whole without it; what failed is named, its text may hold content
            log.error("waveform_failed", draft_id=record.id, error_type=type(error).__name__)
        finally:
            self._begun.discard(recording_id)


@router.get("/drafts/{draft_id}/waveform")
async def waveform(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    """The peaks, or 202 while they are made."""
    record = await permitted_record(deps, reviewer, "play", draft_id)
    if record.recording_id is None or not await asyncio.to_thread(_has_recording, deps, record.recording_id):
        raise NotFound("recording_deleted", "There is no recording for this draft, or it is no longer kept.")
    if reviewer.emergency_on(record, "play"):  # for others it is part of the page of the draft, which told
        await asyncio.to_thread(
            lambda: audit_once(request, deps, reviewer, record, "play", Action.DRAFT_VIEWED, what="waveform")
        )
    try:
        raw = await asyncio.to_thread(deps.contents.get, _content_id(record.recording_id))
    except NotFound:
        waveforms: Waveforms = request.app.state.waveforms
        waveforms.begin(deps, record)
        return JSONResponse({"ready": False}, 202)
    found = WAVEFORM.validate_json(raw)
    return JSONResponse({"ready": True, "duration": found.duration_s, "peaks": found.peaks})


def _decoded(deps: ReviewDeps, record: DraftRecord, source: BinaryIO) -> Waveform:
    """Empty for what the decoder fails on in any way: it would fail on it again at every look at the page."""
    try:
        return deps.waveform(source)
    except (NotFound, Transient):
        raise
    except Exception as error:  # what failed is named, its text may hold content
        log.error("waveform_undecodable", draft_id=record.id, error_type=type(error).__name__)
        return Waveform(0.0, ())


def _has_recording(deps: ReviewDeps, recording_id: str) -> bool:
    try:
        return deps.recordings.size(recording_id) > 0
    except NotFound:
        return False


def _keep(deps: ReviewDeps, record: DraftRecord, recording_id: str, found: Waveform) -> None:
    deps.contents.put(
        record.client_id,
        "waveform",
        WAVEFORM.dump_json(found),
        content_id=_content_id(recording_id),
        retain_until=retain_until("waveform", record.created_at, deps.retention),
        draft_id=record.id,
    )
    if not _has_recording(deps, recording_id):  # erased while it was decoded: its picture goes too
        deps.contents.delete(_content_id(recording_id))


def _content_id(recording_id: str) -> str:
    return derived_id("cnt", "waveform", recording_id)
