"""How and where the session took place: the text and the place of service against the appointment."""

from collections.abc import Iterator

from therapyflows.core.consistency.model import Artifacts
from therapyflows.core.consistency.words import pattern, table
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity

_WORDS = {"in_person": "in person", "video": "by video", "audio": "by telephone", "telehealth": "by telehealth"}
_SAME = {"video": {"video", "telehealth"}, "audio": {"audio", "telehealth"}, "in_person": {"in_person"}}


def same_modality(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """What the note says of the session's modality is the appointment's."""
    modality = artifacts.appointment.modality
    for line in artifacts.note.lines:
        if not line.administrative and not pattern("about_session").search(line.text):
            continue
        said = [kind for kind in table()["modality"] if pattern(kind, "modality").search(line.text)]
        if said and not set(said) & _SAME[modality]:
            message = f"The note says {_WORDS[said[0]]}; the appointment was {_WORDS[modality]}."
            severity = Severity.STOP if line.administrative else Severity.WARNING
            yield NoteFinding("chart_modality", message, severity, (line.id,))


def place_of_service_fits(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """Place of service 02 and 10 are telehealth; every other is in person (CMS place-of-service codes)."""
    appointment = artifacts.appointment
    place = appointment.place_of_service
    if place is None or not place.isdigit():
        return
    remote = place.zfill(2) in table()["remote_places"]
    if remote == (appointment.modality == "in_person"):
        message = f"The appointment was {_WORDS[appointment.modality]}, but its place of service is {place}."
        yield NoteFinding("chart_place_of_service", message, Severity.WARNING)
