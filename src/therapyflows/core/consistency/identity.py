"""Is it the note of this session?"""

import re
from collections.abc import Iterator
from datetime import date

from therapyflows.core.consistency.model import Artifacts
from therapyflows.core.consistency.words import pattern
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity

SAME_SESSION = "chart_other_session"
"""The one contradiction that no reason excuses."""


def same_session(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """Client, clinician and appointment of the note are the appointment's."""
    note, appointment = artifacts.note, artifacts.appointment
    for what, ours, theirs in (
        ("client", note.client_id, appointment.client_id),
        ("clinician", note.clinician_id, appointment.clinician_id),
        ("appointment", note.appointment_id, appointment.id),
    ):
        if ours != theirs:
            yield NoteFinding(SAME_SESSION, f"The note's {what} is not the appointment's {what}.", Severity.STOP)


def same_date(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """A date of service in the text is the appointment's."""
    day = artifacts.appointment.start.date()
    for line in artifacts.note.lines:
        for match in pattern("date").finditer(line.text):
            if not is_day(match[1], day):
                message = f"The note says the session was on {match[1]}; the appointment was on {day.isoformat()}."
                yield NoteFinding("chart_date", message, line.severity, (line.id,))


def is_day(text: str, day: date) -> bool:
    """Whether ``2026-03-02``, ``3/2/2026`` or ``3/2/26`` is this day."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if "-" in text:
        return numbers == [day.year, day.month, day.day]
    return numbers[:2] == [day.month, day.day] and numbers[2] % 100 == day.year % 100
