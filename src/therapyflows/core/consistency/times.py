"""Minutes and times in the text against the appointment's."""

import re
from collections.abc import Iterator
from datetime import datetime

from therapyflows.core.chart import Appointment
from therapyflows.core.consistency.model import Artifacts
from therapyflows.core.consistency.words import pattern, table
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity


def same_minutes(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """The minutes that the note states are the recorded ones."""
    recorded = artifacts.appointment.actual_minutes
    for line in artifacts.note.lines:
        for match in pattern("minutes").finditer(line.text):
            stated = int(next(group for group in match.groups() if group))
            if recorded is None:
                message = f"The note says {stated} minutes; the appointment records none."
                yield NoteFinding("chart_minutes_unrecorded", message, Severity.WARNING, (line.id,))
            elif stated != recorded:
                message = f"The note says {stated} minutes; the appointment records {recorded}."
                yield NoteFinding("chart_minutes", message, line.severity, (line.id,))


def same_times(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """Scheduled times are the appointment's; start and stop lie near them."""
    appointment = artifacts.appointment
    for line in artifacts.note.lines:
        if not pattern("about_times").search(line.text):
            continue
        for match in pattern("times").finditer(line.text):
            stated = (_minute(match[1], match[2] or match[4]), _minute(match[3], match[4]))
            allowed = 0 if "scheduled" in line.text[: match.start()].lower() else int(table()["tolerance_minutes"])
            if None in stated or _near(stated, appointment, allowed):
                continue
            hours = f"{appointment.start:%H:%M}-{appointment.end:%H:%M}"
            message = f"The note says {match[0].strip()}; the appointment was {hours}."
            yield NoteFinding("chart_times", message, line.severity, (line.id,))


def _near(stated: tuple[int | None, int | None], appointment: Appointment, allowed: int) -> bool:
    planned = (_of_day(appointment.start), _of_day(appointment.end))
    return all(s is not None and abs(s - p) <= allowed for s, p in zip(stated, planned, strict=True))


def _of_day(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _minute(text: str, half: str | None) -> int | None:
    """Minute of the day; None for what is no time of day."""
    hours, minutes = (int(part) for part in text.split(":"))
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if re.match("p", half, re.IGNORECASE) else 0)
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None
