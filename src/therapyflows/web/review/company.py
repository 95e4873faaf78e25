"""Who else has this draft open, and whether it has changed meanwhile: asked by the page every few seconds.

In the memory of this process: with several processes somebody may go unnoticed, which costs a hint and no words.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from therapyflows.core.drafts.model import DraftState
from therapyflows.web.review.people import Deps, ReviewingPerson, permitted_record

router = APIRouter()
GONE_AFTER = timedelta(seconds=45)
TYPING_FOR = timedelta(seconds=60)


@dataclass(slots=True)
class _Present:
    name: str
    seen: datetime
    typed: datetime | None = None


class Company:
    """Who looked at which draft within the last minute."""

    def __init__(self) -> None:
        self._present: dict[tuple[str, str], _Present] = {}
        self._lock = threading.Lock()

    def seen(self, draft_id: str, user_id: str, name: str, now: datetime, *, typing: bool = False) -> None:
        with self._lock:
            self._present = {key: one for key, one in self._present.items() if now - one.seen < GONE_AFTER}
            here = self._present.setdefault((draft_id, user_id), _Present(name, now))
            here.seen = now
            here.typed = now if typing else here.typed

    def of(self, draft_id: str, user_id: str, now: datetime) -> list[dict[str, str | bool]]:
        """The others on this draft: their names, and whether they are typing."""
        with self._lock:
            return [
                {"name": one.name, "typing": one.typed is not None and now - one.typed < TYPING_FOR}
                for (draft, user), one in self._present.items()
                if draft == draft_id and user != user_id and now - one.seen < GONE_AFTER
            ]


def company_of(request: Request) -> Company:
    company: Company = request.app.state.company
    return company


@router.get("/drafts/{draft_id}/company")
async def company(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str) -> Response:
    record = await permitted_record(deps, reviewer, "view", draft_id)
    here, now = company_of(request), deps.clock()
    here.seen(record.id, reviewer.user.id, reviewer.user.name, now)
    decided = record.state != DraftState.IN_REVIEW
    return JSONResponse(
        {"version": record.version, "decided": decided, "others": here.of(record.id, reviewer.user.id, now)}
    )
