"""Make the page of what was read.  Pure; whatever could not be read is said and not guessed."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from therapyflows.core.chart import Appointment, Client, ConsentKind, Note, Task, TreatmentPlan
from therapyflows.core.consents import consent_records
from therapyflows.core.session_prep.model import ConsentNow, Happened, Prep
from therapyflows.core.session_prep.reading import ChartParts, Part
from therapyflows.core.session_prep.trends import taken_at, trends_of
from therapyflows.governance.consent.states import ConsentRecord, Status, Word, standing
from therapyflows.governance.consent.walls import is_walled_off

T = TypeVar("T")
R = TypeVar("R")

ENDS_SOON = timedelta(days=30)
NEEDED = (ConsentKind.RECORDING, ConsentKind.AI_PROCESSING)
"""Without these nothing is drafted; others are looked at when they are on file."""
_SHOWN_NOTES = ("progress_note", "intake_note", "progress_summary", "risk_assessment", "contact_note")
_PRIORITY = {"urgent": 0, "high": 1, "normal": 2}
_FIRST = datetime.min.replace(tzinfo=UTC)


def prepare(client: Part[Client], chart: ChartParts, now: datetime) -> Prep:
    """Everything that the page shows."""
    last = last_session(chart.appointments.value or (), now)
    happened, not_compared = _since(last, client, chart, now)
    return Prep(
        next_session=next_session(chart.appointments.value or (), now),
        last_session=last,
        sessions=chart.appointments,
        note=_of(chart.notes, last_note),
        plan=_of(chart.plans, active_plan),
        trends=_of(chart.assessments, trends_of),
        tasks=_of(chart.tasks, open_tasks),
        happened=happened,
        not_compared=not_compared,
        consents=_of(client, lambda known: consents_to_look_at(known, now)),
    )


def _of(read: Part[T], make: Callable[[T], R]) -> Part[R]:
    return Part(None, read.trouble) if read.value is None else Part(make(read.value))


def next_session(appointments: tuple[Appointment, ...], now: datetime) -> Appointment | None:
    """The one that runs now, or the first to come."""
    ahead = [a for a in appointments if a.status == "scheduled" and a.end > now]
    return min(ahead, key=lambda a: a.start, default=None)


def last_session(appointments: tuple[Appointment, ...], now: datetime) -> Appointment | None:
    """The last that took place."""
    held = [a for a in appointments if a.status == "completed" and a.start <= now]
    return max(held, key=lambda a: a.start, default=None)


def last_note(notes: tuple[Note, ...]) -> Note | None:
    """The newest progress note, else the newest of another kind that may be shown."""
    shown = [note for note in notes if note.type in _SHOWN_NOTES and not is_walled_off(note.type)]
    progress = [note for note in shown if note.type == "progress_note"]
    return max(progress or shown, key=_written_at, default=None)


def active_plan(plans: tuple[TreatmentPlan, ...]) -> TreatmentPlan | None:
    """The newest plan in force."""
    active = [plan for plan in plans if plan.status == "Active"]
    return max(active, key=lambda plan: (plan.start or date.min, plan.id), default=None)


def open_tasks(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """The most urgent first, then the oldest."""
    still = (task for task in tasks if task.status == "open")
    return tuple(sorted(still, key=lambda task: (_PRIORITY[task.priority], _aware(task.created_at), task.id)))


def consents_to_look_at(client: Client, now: datetime) -> tuple[ConsentNow, ...]:
    """What ends within :data:`ENDS_SOON`, was taken back or ended, and what is needed and not there."""
    by_kind = _by_kind(client)
    needed = [kind.value for kind in NEEDED] + ([ConsentKind.PART2_TPO.value] if client.part2_program else [])
    found = []
    for kind in dict.fromkeys([*needed, *by_kind]):
        now_is = standing(by_kind.get(kind, ()), now)
        ends_at = now_is.record.expires_at if now_is.record is not None else None
        soon = ends_at is not None and ends_at - now <= ENDS_SOON
        if now_is.status is not Status.GRANTED or soon:
            found.append(ConsentNow(kind, now_is.status, ends_at))
    return tuple(found)


def _since(
    last: Appointment | None, client: Part[Client], chart: ChartParts, now: datetime
) -> tuple[tuple[Happened, ...], tuple[str, ...]]:
    """What is new since the last session, newest first, and what could not be looked at."""
    read = {
        "appointments": chart.appointments.value, "notes": chart.notes.value, "measures": chart.assessments.value,
        "documents": chart.documents.value, "treatment plan": chart.plans.value, "consents": client.value,
    }  # fmt: skip
    missing = tuple(name for name, value in read.items() if value is None)
    if last is None:
        return (), missing
    found = [one for one in _all(client, chart) if last.end < one.at <= now]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)), missing


def _all(client: Part[Client], chart: ChartParts) -> Iterator[Happened]:
    for appointment in chart.appointments.value or ():
        if appointment.status == "cancelled":
            yield Happened(appointment.start, "cancelled")
        elif appointment.status == "no_show":
            yield Happened(appointment.start, "no_show")
    for note in chart.notes.value or ():
        if not is_walled_off(note.type):
            yield Happened(_written_at(note), "note", note.type)
    for document in chart.documents.value or ():
        if not is_walled_off(document.kind.value):
            yield Happened(_aware(document.created_at), "document", document.kind.value)
    for plan in chart.plans.value or ():
        yield Happened(_aware(plan.updated_at), "plan", plan.status)
    for assessment in chart.assessments.value or ():
        yield Happened(taken_at(assessment), "measure", assessment.measure)
    for kind, said in (_by_kind(client.value) if client.value is not None else {}).items():
        yield from (_consent(kind, record) for record in said if record.word is not Word.OFFER)


def _consent(kind: str, record: ConsentRecord) -> Happened:
    words = {Word.GRANT: "consent_given", Word.DECLINE: "consent_refused"}
    return Happened(record.said_at, words.get(record.word, "consent_withdrawn"), kind)  # type: ignore[arg-type]  # of What


def _by_kind(client: Client) -> dict[str, list[ConsentRecord]]:
    found: dict[str, list[ConsentRecord]] = defaultdict(list)
    for record in consent_records(client):
        found[record.kind].append(record)
    return found


def _written_at(note: Note) -> datetime:
    return _aware(note.created_at)


def _aware(at: datetime | None) -> datetime:
    if at is None:
        return _FIRST
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
