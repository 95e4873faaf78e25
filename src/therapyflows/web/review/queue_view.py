"""What the queue page shows, as values: tabs with counts, rows in words, and a mark that tells whether it changed."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from therapyflows.core.drafts.approving_many import may_be_among_many
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.queue.model import PAGE_ROWS, Asked, Facts, Look, Place, Row, Urgency, made_of, queues_of
from therapyflows.core.queue.snoozing import WORDS, choices
from therapyflows.governance.access.policy import Deed, decide
from therapyflows.web.review.intake_view import NEW_CLIENT
from therapyflows.web.review.view import BADGES, badge_words, page_of

TITLES = {
    "session-note": "Session notes",
    "intake": "Intake forms",
    "message-triage": "Messages",
    "treatment-plan": "Treatment plans",
    "treatment-plan-review": "Plan reviews",
    "risk-watch": "Risk alerts",
    "assessments": "Assessments",
    "check-ins": "Check-ins",
    "coding-claims": "Codes and claims",
    "superbill": "Superbills",
    "prior-authorization": "Prior authorizations",
    "reminders": "Reminders",
}
AT_HAND = ("session-note", "intake")
"""Workflows whose tab is there also when nothing waits in it: flows make drafts for them."""
PLACES = {
    Place.WAITING: "To decide",
    Place.COSIGN: "To co-sign",
    Place.SNOOZED: "Snoozed",
    Place.HANDED_OVER: "With a colleague",
    Place.UNSIGNED: "Waits for a co-signature",
}
IN_REVIEW = (Place.WAITING, Place.SNOOZED, Place.HANDED_OVER)
REFRESH_AGES = 900
"""Seconds after which ages and deadlines are written anew though nothing else changed."""

_URGENCY = {
    Urgency.RISK: "Speaks of a risk",
    Urgency.OVERDUE: "Overdue",
    Urgency.DUE_SOON: "Due soon",
    Urgency.SENT_BACK: "Needs a new decision",
}
_INTAKE_BADGES = {"urgent": ("contradicted", "urgent risk"), "open": ("unsupported", "open")}


@dataclass(frozen=True, slots=True)
class Known:
    """What the EHR has said so far."""

    clients: Mapping[str, str | None]
    """Display names; None: no such client; missing: not known yet."""
    sessions: Mapping[str, datetime | None]
    people: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Tab:
    title: str
    path: str
    number: int
    urgent: int
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row in words."""

    record: DraftRecord
    mark: str
    """Changes when the row has to be drawn again."""
    name: str
    name_is_known: bool
    session_at: datetime | None
    what: str
    page: str | None
    """None: this workflow has no page of its own."""
    urgency: str
    """Key for the style: ``risk``, ``overdue``, ``due_soon``, ``sent_back``, ``ordinary``."""
    urgency_words: str | None
    badges: tuple[tuple[str, str, int], ...]
    open_points: int | None
    holder: str | None
    """Who has it, when that is not the person who looks."""
    overdue: bool
    snoozed_until: datetime | None
    is_snoozed: bool
    later: tuple[tuple[str, str], ...]
    """Until when this person may put it aside: key and words."""
    may_hand_over: bool
    may_be_chosen: bool
    """Together with others of its kind, to be approved at once."""
    may_take_back: bool
    """A colleague has it, and this person may decide."""


@dataclass(frozen=True, slots=True)
class QueueView:
    total: int
    """All that this person has to decide, in the queue asked for."""
    urgent: int
    workflows: tuple[Tab, ...]
    places: tuple[Tab, ...]
    holders: tuple[Tab, ...]
    lines: tuple[Line, ...]
    page: int
    pages: int
    earlier: str | None
    later: str | None
    place: str
    here: str
    """The address of this page."""
    poll: str
    mark: str


def queue_view(look: Look, asked: Asked, known: Known) -> QueueView:
    numbers = _Numbers(look, asked)
    total = numbers.of(place=asked.place)
    pages = max(1, -(-total // PAGE_ROWS))
    lines = tuple(_line(row, asked, known) for row in look.rows)
    return QueueView(
        total=numbers.of(place=Place.WAITING),
        urgent=numbers.of(place=Place.WAITING, urgent=True),
        workflows=_workflow_tabs(asked, numbers),
        places=_place_tabs(asked, numbers),
        holders=_holder_tabs(look, asked, numbers, known),
        lines=lines,
        page=asked.page,
        pages=pages,
        earlier=path_of(asked, page=asked.page - 1) if asked.page > 1 else None,
        later=path_of(asked, page=asked.page + 1) if asked.page < pages else None,
        place=asked.place.value,
        here=path_of(asked, page=asked.page),
        poll=path_of(asked, page=asked.page, state=True),
        mark=_mark_of(look, lines, asked),
    )


def pages_of(look: Look, asked: Asked) -> int:
    return max(1, -(-_Numbers(look, asked).of(place=asked.place) // PAGE_ROWS))


def path_of(
    asked: Asked,
    *,
    workflow: str | None = "",
    place: Place | None = None,
    holder: str | None = "",
    page: int = 1,
    state: bool = False,
) -> str:
    """The address of this queue with some of it changed; ids only."""
    queue = asked.workflow if workflow == "" else workflow
    at, whose = place or asked.place, asked.holder if holder == "" else holder
    more = {
        "place": at.value if at is not Place.WAITING else "",
        "holder": whose or "",
        "page": page if page > 1 else "",
    }
    query = urlencode({name: value for name, value in more.items() if value})
    where = f"/queues/{queue or 'all'}/state" if state else f"/queues/{queue}" if queue else "/"
    return f"{where}?{query}" if query else where


class _Numbers:
    """Counts over all that the person sees."""

    def __init__(self, look: Look, asked: Asked) -> None:
        self._groups, self._asked = look.groups, asked

    def of(self, *, place: Place, workflow: str | None = "", holder: str | None = "", urgent: bool = False) -> int:
        """``""``: as asked for; None: any."""
        queue = self._asked.workflow if workflow == "" else workflow
        whose = self._asked.holder if holder == "" else holder
        return sum(
            group.number
            for group in self._groups
            if group.place is place
            and queue in (None, group.workflow)
            and whose in (None, group.holder)
            and (not urgent or group.urgency is Urgency.RISK)
        )


def _workflow_tabs(asked: Asked, numbers: _Numbers) -> tuple[Tab, ...]:
    """All, then each queue that has something in this place, is at hand, or is open."""
    tabs = [_tab("All", asked, numbers, workflow=None)]
    for workflow in queues_of(asked.person):
        tab = _tab(TITLES.get(workflow, workflow), asked, numbers, workflow=workflow)
        if tab.number or tab.current or workflow in AT_HAND:
            tabs.append(tab)
    return tuple(tabs)


def _tab(title: str, asked: Asked, numbers: _Numbers, *, workflow: str | None) -> Tab:
    number = numbers.of(place=asked.place, workflow=workflow)
    urgent = numbers.of(place=asked.place, workflow=workflow, urgent=True)
    return Tab(title, path_of(asked, workflow=workflow), number, urgent, workflow == asked.workflow)


def _place_tabs(asked: Asked, numbers: _Numbers) -> tuple[Tab, ...]:
    tabs = [
        Tab(title, path_of(asked, place=place), numbers.of(place=place), 0, place is asked.place)
        for place, title in PLACES.items()
    ]
    return tuple(tab for tab in tabs if tab.number or tab.current or tab.title == PLACES[Place.WAITING])


def _holder_tabs(look: Look, asked: Asked, numbers: _Numbers, known: Known) -> tuple[Tab, ...]:
    """Everybody and then each person who has something; nothing to choose when that is one person."""
    me = asked.person.user_id
    having: Counter[str] = Counter()
    for group in look.groups:
        if group.place is asked.place and asked.workflow in (None, group.workflow):
            having[group.holder] += group.number
    if len(having) < 2 and asked.holder is None:
        return ()
    people = [None, *([me] if me in having or asked.holder == me else [])]
    others = sorted(set(having) | ({asked.holder} if asked.holder else set()), key=lambda who: (-having[who], who))
    titles = {None: "Everybody’s", me: "Mine"} | {who: known.people.get(who) or who for who in others if who != me}
    return tuple(
        Tab(titles[who], path_of(asked, holder=who), numbers.of(place=asked.place, holder=who), 0, who == asked.holder)
        for who in [*people, *(who for who in others if who != me)]
    )


def _line(row: Row, asked: Asked, known: Known) -> Line:
    record, facts = row.record, row.facts if row.facts and row.facts.made_of == made_of(row.record) else None
    name = NEW_CLIENT if record.is_prospect else known.clients.get(record.client_id)
    looked_up = record.client_id in known.clients
    session_at = record.session_at or known.sessions.get(record.appointment_id)
    mine = record.holder == asked.person.user_id
    return Line(
        record=record,
        mark=_digest(
            record.version, row.urgency, row.snoozed_until, facts, name, looked_up, session_at, _quarter(asked)
        ),
        name=name or ("Name not available" if looked_up else "Name is being looked up"),
        name_is_known=name is not None,
        session_at=session_at,
        what="Intake form" if record.workflow == "intake" else record.format.upper(),
        page=_page(row),
        urgency=row.urgency.name.lower(),
        urgency_words=_URGENCY.get(row.urgency),
        badges=_badges(record, facts),
        open_points=facts.open_points if facts else None,
        holder=None if mine else known.people.get(record.holder),
        overdue=record.deadline is not None and record.deadline < asked.at,
        snoozed_until=row.snoozed_until,
        is_snoozed=row.place is Place.SNOOZED,
        later=_later(row, asked),
        may_hand_over=row.place in IN_REVIEW and _may(asked, "hand_over", record),
        may_be_chosen=row.place is Place.WAITING and may_be_among_many(asked.person, record).allowed,
        may_take_back=row.place is Place.HANDED_OVER and _may(asked, "approve", record),
    )


def _page(row: Row) -> str | None:
    if row.place is Place.COSIGN:
        return f"/drafts/{row.record.id}/cosign"
    return page_of(row.record) if row.record.workflow in AT_HAND else None


def _later(row: Row, asked: Asked) -> tuple[tuple[str, str], ...]:
    if row.urgency is Urgency.RISK or row.place is not Place.WAITING or not _may(asked, "snooze", row.record):
        return ()
    return tuple((key, WORDS[key]) for key in choices(row.record.deadline, asked.at))


def _may(asked: Asked, deed: Deed, record: DraftRecord) -> bool:
    about = {"workflow": record.workflow, "client_id": record.client_id, "clinician_id": record.clinician_id}
    return decide(asked.person, deed, **about).allowed


def _badges(record: DraftRecord, facts: Facts | None) -> tuple[tuple[str, str, int], ...]:
    if facts is None:
        return ()
    if record.workflow == "intake":
        named = [(*_INTAKE_BADGES[key], facts.counts.get(key, 0)) for key in _INTAKE_BADGES]
        return tuple(badge for badge in named if badge[2])
    return badge_words(facts.counts) if set(facts.counts) <= set(BADGES) else ()


def _mark_of(look: Look, lines: tuple[Line, ...], asked: Asked) -> str:
    return _digest(look.groups, tuple((line.record.id, line.mark) for line in lines), _quarter(asked))


def _quarter(asked: Asked) -> int:
    return int(asked.at.timestamp()) // REFRESH_AGES


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
