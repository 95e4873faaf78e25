"""What stands on the page before a session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from therapyflows.core.chart import Appointment, Note, Task, TreatmentPlan
from therapyflows.core.session_prep.reading import Part
from therapyflows.core.session_prep.trends import Trend
from therapyflows.governance.consent.states import Status

What = Literal[
    "note", "measure", "document", "plan", "cancelled", "no_show",
    "consent_given", "consent_refused", "consent_withdrawn",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that is new since the last session."""

    at: datetime
    what: What
    name: str = ""
    """Of the measure, the kind of document, note or consent."""


@dataclass(frozen=True, slots=True)
class ConsentNow:
    """A consent that the person should look at: it ends soon, or it is not there."""

    kind: str
    status: Status
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prep:
    """The page.  A part that could not be read says so instead of its value."""

    next_session: Appointment | None
    last_session: Appointment | None
    sessions: Part[tuple[Appointment, ...]]
    note: Part[Note | None]
    """The last one that may be shown; psychotherapy notes never are."""
    plan: Part[TreatmentPlan | None]
    trends: Part[tuple[Trend, ...]]
    tasks: Part[tuple[Task, ...]]
    happened: tuple[Happened, ...]
    """Newest first; only what is new since ``last_session``."""
    not_compared: tuple[str, ...]
    """Parts of the chart that ``happened`` could not look at."""
    consents: Part[tuple[ConsentNow, ...]]

    @property
    def critical(self) -> tuple[tuple[str, str], ...]:
        """Measure and answer, of the latest administrations, that must be seen at once."""
        return tuple((t.title, said) for t in self.trends.value or () for said in t.latest.critical)
