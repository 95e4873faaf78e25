"""Templates and the few filters they need.  Everything is escaped; templates hold no logic worth testing."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from starlette.requests import Request
from starlette.responses import HTMLResponse

from therapyflows.governance.evidence.model import Span
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.menu import menu_of
from therapyflows.web.review.people import Reviewer


class _WithoutIndentation(Extension):
    """The indentation of the templates is for their authors: in a page of 500 turns it is a quarter of the bytes."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)


class Pages:
    """Renders a template into a response."""

    def __init__(self, deps: ReviewDeps) -> None:
        self._clock = deps.clock
        self._env = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_WithoutIndentation],
        )
        self._env.filters.update(
            clock_time=clock_time, clock=clock, day=day, moment=moment, ago=self._ago, until=self._until
        )
        self._env.filters.update(hour=hour, excerpt=excerpt)

    def render(self, request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(self.text(request, template, **values), status_code=status)

    def text(self, request: Request, template: str, **values: object) -> str:
        reviewer = values.get("reviewer")
        shared = {
            "session": request.state.session,
            "reviewer": None,
            "title": "Review",
            "problem": None,
            "emergency": None,
            "tour": None,
            "path": request.url.path,
            "menu": menu_of(reviewer.person) if isinstance(reviewer, Reviewer) else (),
        }
        return self._env.get_template(template).render(**(shared | values))

    def _ago(self, at: datetime) -> str:
        return f"{_span(self._clock() - at)} ago"

    def _until(self, at: datetime) -> str:
        left = at - self._clock()
        return f"in {_span(left)}" if left > timedelta() else f"{_span(-left)} overdue"


def clock_time(seconds: float) -> str:
    """``75.2`` as ``1:15``, from an hour on ``1:02:03``."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def evidence_json(spans: Sequence[Span]) -> str:
    """The spans as the page's script reads them from a data attribute."""
    return json.dumps(
        [{"segment": s.segment_id, "start": s.start_s, "end": s.end_s, "quote": s.quote} for s in spans],
        separators=(",", ":"),
    )


def hour(at: datetime) -> str:
    """``14:05``, in the practice's time zone."""
    return at.astimezone().strftime("%H:%M")


def excerpt(text: str, most: int) -> str:
    """The beginning, up to a word's end, when there is more."""
    if len(text) <= most:
        return text
    whole_words = text[:most].rpartition(" ")[0]
    return f"{whole_words or text[:most]} …"


def day(at: datetime) -> str:
    """``Mon 23 Nov 2026``."""
    return at.astimezone().strftime("%a %-d %b %Y")


def moment(at: datetime) -> str:
    """``Mon 23 Nov 2026, 14:05``, in the practice's time zone (the server's)."""
    return at.astimezone().strftime("%a %-d %b %Y, %H:%M")


def clock(at: datetime) -> str:
    """``14:05:09``, in the practice's time zone."""
    return at.astimezone().strftime("%H:%M:%S")


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    for size, word in ((60 * 24, "day"), (60, "hour")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {word}" + ("s" if count > 1 else "")
    return f"{max(minutes, 1)} min"
