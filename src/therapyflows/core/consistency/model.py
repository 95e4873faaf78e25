"""What the check looks at."""

from dataclasses import dataclass

from therapyflows.core.chart import Appointment, Assessment, TreatmentPlan


@dataclass(frozen=True, slots=True)
class FiledLine:
    """One statement of the note.  ``administrative`` lines speak of the session itself: date, times, place."""

    id: str
    text: str
    administrative: bool = False


@dataclass(frozen=True, slots=True)
class FiledNote:
    """The note as it is to be filed."""

    client_id: str
    clinician_id: str
    appointment_id: str
    lines: tuple[FiledLine, ...]
    cpt: tuple[str, ...] = ()
    """Chosen codes in order; the first is the service."""
    icd10: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The note and what the chart holds beside it."""

    note: FiledNote
    appointment: Appointment
    plan: TreatmentPlan | None = None
    """The active plan."""
    assessments: tuple[Assessment, ...] = ()
