"""What a recognizer read of handwriting: a value that may well be another is "not readable".

A recognizer's confidence in a line is about 0.99 for print, also on bad scans; of a hand that it reads badly it falls
to 0.9 and lower, and then half of the words are wrong.  One doubtful line is given up below ``DOUBTFUL``; where most
lines of a form are doubtful, everything below ``DOUBTFUL_HAND``.
"""

from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

from therapyflows.core.intake.fields import walk, with_field
from therapyflows.core.intake.model import Extracted, IntakeForm, Method

DOUBTFUL = 0.84
DOUBTFUL_HAND = 0.905
HAND = 0.925
"""Median confidence of a form's answers from which its hand is one that is read well."""
FEWEST = 5
"""Answers that tell how a hand is read."""


def with_doubts(form: IntakeForm) -> IntakeForm:
    """The form with written answers that were hardly read as unreadable: their words stay beside the field."""
    written = [(path, found) for path, found in walk(form) if _is_writing(path, found)]
    usual = median(found.confidence for _, found in written) if len(written) >= FEWEST else 1.0
    floor = DOUBTFUL_HAND if usual < HAND else DOUBTFUL
    for path, found in written:
        if found.confidence < floor:
            form = with_field(form, path, unreadable(found))
    return form


def unreadable(found: Extracted[Any]) -> Extracted[Any]:
    return replace(found, value=None, unreadable=True, confidence=round(found.confidence * 0.5, 3))


def _is_writing(path: str, found: Extracted[Any]) -> bool:
    written = isinstance(found.value, str | date) and found.method is Method.OCR and bool(found.raw)
    return written and not path.startswith("consents.")
