"""What a person is typing and has not yet put into the note: kept a second after the last key, found again next time.

These words are no part of the note until the person saves them, so that nobody approves half a sentence.  While the
server cannot be reached they wait in the browser, encrypted with a key that only this person gets, only while the draft
is theirs to edit (decision 0017).
"""

import asyncio
import base64
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import JSONResponse, Response

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import ContentKind
from therapyflows.governance.audit.model import Action
from therapyflows.governance.retention.policy import retain_until
from therapyflows.web.review import desk
from therapyflows.web.review.company import company_of
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import Deps, ReviewingPerson, permitted_record
from therapyflows.web.review.recording import audit_once
from therapyflows.web.review.security import PostedForm, field

router = APIRouter()

MAX_CHARS = 8000
MAX_PLACE = 120
_making_key = threading.Lock()


@dataclass(frozen=True, slots=True)
class Words:
    """What one person has typed into one box."""

    place: str
    """The box: ``statement:<id>``, ``add:<section>``, ``finding:<key>``."""
    text: str
    by: str
    at: datetime


_WORDS = TypeAdapter(Words)


@router.get("/drafts/{draft_id}/words")
async def kept(deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    """This person's words, and the key for those that have to wait in the browser."""
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    desk.editable(deps, record, None)
    slot, key, found = await asyncio.to_thread(_open, deps, record, reviewer.user.id)
    words = [{"place": w.place, "text": w.text, "at": w.at.isoformat()} for w in found]
    return JSONResponse({"slot": slot, "key": base64.b64encode(key).decode(), "words": words})


@router.post("/drafts/{draft_id}/words")
async def keep(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, form: PostedForm) -> Response:
    """Keep the words of one box; none: forget what was kept."""
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    place, text = field(form, "place"), field(form, "text")
    if not place or len(place) > MAX_PLACE or len(text) > MAX_CHARS:
        raise Invalid("words_unusable", "These words cannot be kept.")
    now = deps.clock()
    words = Words(place, text, reviewer.user.id, now)
    await asyncio.to_thread(_keep, deps, record, words)
    await asyncio.to_thread(
        lambda: audit_once(request, deps, reviewer, record, "edit", Action.DRAFT_EDITED, change="words_typed")
    )
    company_of(request).seen(record.id, reviewer.user.id, reviewer.user.name, now, typing=bool(text))
    return JSONResponse({"at": now.isoformat()})


def forget(deps: ReviewDeps, record: DraftRecord, user_id: str, place: str) -> None:
    """They stand in the note now, or are not wanted any more."""
    deps.contents.delete(_content_id(record, user_id, place))


def words_on(deps: ReviewDeps, record: DraftRecord) -> list[Words]:
    """Everybody's unfinished words on this draft, oldest first."""
    found = (
        _read(deps, item.id)
        for item in deps.contents.of_client(record.client_id)
        if item.kind == "unfinished_words" and item.draft_id == record.id and item.deleted_at is None
    )
    return [words for words in found if words is not None]


def _open(deps: ReviewDeps, record: DraftRecord, user_id: str) -> tuple[str, bytes, list[Words]]:
    slot, key = _key(deps, record, user_id)
    return slot, key, [words for words in words_on(deps, record) if words.by == user_id]


def _keep(deps: ReviewDeps, record: DraftRecord, words: Words) -> None:
    desk.editable(deps, record, None)
    if not words.text.strip():
        forget(deps, record, words.by, words.place)
        return
    _put(deps, record, "unfinished_words", _content_id(record, words.by, words.place), _WORDS.dump_json(words))


def _key(deps: ReviewDeps, record: DraftRecord, user_id: str) -> tuple[str, bytes]:
    """Random, and under the client's data key: when that is shredded, so is what waits in any browser."""
    slot = derived_id("cnt", record.id, "words_key", user_id)
    with _making_key:
        try:
            return slot, deps.contents.get(slot)
        except NotFound:
            _put(deps, record, "words_key", slot, secrets.token_bytes(32))
    return slot, deps.contents.get(slot)


def _read(deps: ReviewDeps, content_id: str) -> Words | None:
    try:
        return _WORDS.validate_json(deps.contents.get(content_id))
    except NotFound:
        return None  # put into the note this moment


def _put(deps: ReviewDeps, record: DraftRecord, kind: ContentKind, content_id: str, raw: bytes) -> None:
    keep_until = retain_until(kind, record.created_at, deps.retention)
    deps.contents.put(record.client_id, kind, raw, content_id=content_id, retain_until=keep_until, draft_id=record.id)


def _content_id(record: DraftRecord, user_id: str, place: str) -> str:
    return derived_id("cnt", record.id, "unfinished_words", user_id, place)
