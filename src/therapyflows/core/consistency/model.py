"""What the check looks at."""

from dataclasses import dataclass

from therapyflows.core.chart import Appointment, Assessment, TreatmentPlan
from therapyflows.governance.evidence.whole.model import Severity


@dataclass(frozen=True, slots=True)
class FiledLine:
    """One statement of the note."""

    id: str
    text: str
    administrative: bool = False
    """It speaks of the session itself: date, times, place."""
    reported: bool = False
    """It says what the client told, who may speak of other sessions."""

    @property
    def severity(self) -> Severity:
        """How grave a contradiction about the session's times is here."""
        return Severity.WARNING if self.reported else Severity.STOP


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
