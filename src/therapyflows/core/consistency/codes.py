"""Codes against the recorded minutes and against what the note says in words."""

from collections.abc import Iterator

from therapyflows.core.consistency.model import Artifacts
from therapyflows.core.consistency.words import pattern
from therapyflows.core.session_note.codes.cpt import bands_of, codes_for
from therapyflows.core.session_note.codes.icd10_table import label_of
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity


def cpt_fits_the_minutes(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """A timed code that is chosen takes the recorded minutes of this kind of session."""
    appointment = artifacts.appointment
    for code in dict.fromkeys(artifacts.note.cpt):
        bands = bands_of(code)
        if not bands:
            continue
        if appointment.actual_minutes is None:
            message = f"{code} goes by minutes, and the appointment records none."
            yield NoteFinding("chart_cpt_without_minutes", message, Severity.WARNING)
        elif code not in codes_for(appointment.session_type, appointment.actual_minutes):
            message = (
                f"{code} takes {' or '.join(bands)} minutes; the appointment records {appointment.actual_minutes} "
                f"({appointment.session_type})."
            )
            yield NoteFinding("chart_cpt", message, Severity.STOP)


def codes_in_the_text_are_the_notes(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """A diagnosis code that the text names is among the codes that are filed with it."""
    chosen = set(artifacts.note.icd10)
    if not chosen:
        return
    for line in artifacts.note.lines:
        for match in pattern("icd10").finditer(line.text):
            code = match[1].upper()
            if label_of(code) is not None and code not in chosen:
                message = f"The note names {code}; the codes filed with it are {', '.join(sorted(chosen))}."
                yield NoteFinding("chart_code_in_text", message, Severity.STOP, (line.id,))
