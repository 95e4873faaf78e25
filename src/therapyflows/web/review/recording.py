"""The recording, decrypted on the fly, with byte ranges (RFC 9110, section 14) so that the player can jump."""

import asyncio
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.governance.access.policy import Deed
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import Deps, Reviewer, ReviewingPerson, permitted_record

router = APIRouter()

_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
_PLAYABLE = re.compile(r"^(audio|video)/[a-z0-9.+-]{1,60}$")
AUDIT_EVERY = timedelta(minutes=5)
"""A player asks for many ranges; one entry per person, draft and this long is what was heard."""


class UnsatisfiableRange(Exception):
    """The range starts behind the end."""


@router.head("/drafts/{draft_id}/recording")
@router.get("/drafts/{draft_id}/recording")
async def recording(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    record = await permitted_record(deps, reviewer, "play", draft_id)
    if record.recording_id is None:
        raise NotFound("recording_deleted", "There is no recording for this draft, or it is no longer kept.")
    size, kind = await asyncio.to_thread(_facts, deps, record.recording_id)
    try:
        # Without a validator of ours an If-Range cannot match, so the range is to be ignored.
        asked = None if "if-range" in request.headers else request.headers.get("range")
        wanted = parse_range(asked, size)
    except UnsatisfiableRange:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    start, end = wanted or (0, size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start), "Content-Type": kind}
    if wanted is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if wanted is not None else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    await asyncio.to_thread(
        lambda: audit_once(
            request, deps, reviewer, record, "play", Action.RECORDING_PLAYED, recording_id=record.recording_id or ""
        )
    )
    return StreamingResponse(deps.recordings.read(record.recording_id, start, end), status, headers)


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """[start, end) of a single range; None when the whole is to be sent (no, several or malformed ranges)."""
    match = _RANGE.match(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(size - int(last), 0), size
        if int(last) == 0:
            raise UnsatisfiableRange
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise UnsatisfiableRange
    return start, end


def _facts(deps: ReviewDeps, recording_id: str) -> tuple[int, str]:
    kind = deps.recordings.content_type(recording_id)
    return deps.recordings.size(recording_id), kind if _PLAYABLE.match(kind) else "application/octet-stream"


_Looked = tuple[str, str, Action, frozenset[tuple[str, str]]]
"""Session, draft, what was done, and its details: another page, call or emergency access is another look."""


class Heard:
    """When each person last had this recording, or this page of this draft, written into the trail."""

    def __init__(self) -> None:
        self._last: dict[_Looked, datetime] = {}
        self._lock = threading.Lock()

    def once(self, looked: _Looked, now: datetime, write: Callable[[], None]) -> None:
        """Write, unless it was written lately.  What could not be written is written at the next look.

        Whoever looks in the same moment waits: nothing is shown before its entry stands.
        """
        with self._lock:
            self._last = {key: at for key, at in self._last.items() if now - at < AUDIT_EVERY}
            if looked not in self._last:
                write()
                self._last[looked] = now


def audit_once(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    record: DraftRecord,
    deed: Deed,
    action: Action,
    **details: str,
) -> None:
    """One entry per session, draft, details and :data:`AUDIT_EVERY` for what a page asks for in many pieces."""
    heard: Heard = request.app.state.heard
    emergency = reviewer.emergency_on(record, deed)
    told = details | ({"emergency": emergency.id} if emergency else {})
    looked = (reviewer.session.id, record.id, action, frozenset(told.items()))
    heard.once(looked, deps.clock(), lambda: desk.audit(deps, record, action, reviewer.acting_on(record), **told))
