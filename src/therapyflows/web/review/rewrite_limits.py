"""How often a person may ask for other words.  Each time costs a call of a language model and keeps a proposal.

Counted by the audit trail, so that every process counts the same and a restart forgets nothing; that one person asks
once at a time is known to one process alone.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from fastapi import HTTPException

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.governance.audit.model import Action
from therapyflows.web.review.deps import ReviewDeps

OF_A_LINE = 8
"""Proposals for one line, or for one section as a whole."""
OF_A_DRAFT = 60
CALLS = 60
"""Of one person, within :data:`WITHIN`; a proposal takes one, or two when the answer had to be repaired."""
WITHIN = timedelta(hours=1)
PURPOSE = "rewrite_lines"


def require_room(deps: ReviewDeps, record: DraftRecord, what: str, user_id: str) -> None:
    """Raises HTTPException 429, with words for the person, when they asked often enough."""
    found = deps.audit.search(resource=f"draft/{record.id}", action=Action.REWRITE_PROPOSED, limit=OF_A_DRAFT)
    if Counter(told.entry.details.get("what") for told in found)[what] >= OF_A_LINE:
        raise _enough(f"There were {OF_A_LINE} proposals for this already. Use one of them, or write it yourself.")
    if len(found) >= OF_A_DRAFT:
        raise _enough(f"There were {OF_A_DRAFT} proposals for this draft already. Please edit it yourself.")
    since = deps.clock() - WITHIN
    calls = deps.audit.search(actor_id=user_id, action=Action.MODEL_CALLED, since=since)
    asked = [told.at for told in calls if told.entry.details.get("purpose") == PURPOSE]
    if len(asked) >= CALLS:
        words = f"You asked the language model {CALLS} times within an hour. Please try again later."
        raise _enough(words, wait_s=math.ceil((asked[-CALLS] - since).total_seconds()))


class Asking:
    """Who waits for a language model now."""

    def __init__(self) -> None:
        self._people: set[str] = set()
        self._guard = threading.Lock()

    @contextmanager
    def one_at_a_time(self, user_id: str) -> Iterator[None]:
        """Raises HTTPException 429 for somebody whose last request is not answered yet."""
        with self._guard:
            if user_id in self._people:
                raise _enough("Your last request for other words is not answered yet. Please wait for it.", wait_s=5)
            self._people.add(user_id)
        try:
            yield
        finally:
            with self._guard:
                self._people.discard(user_id)


def _enough(words: str, *, wait_s: int | None = None) -> HTTPException:
    return HTTPException(429, words, {"Retry-After": str(max(wait_s, 1))} if wait_s is not None else None)
