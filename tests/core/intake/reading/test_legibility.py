from typing import Any

from therapyflows.core.intake.fields import field_at, with_field
from therapyflows.core.intake.model import Extracted, FormSource, IntakeForm, Method
from therapyflows.core.intake.reading.legibility import with_doubts

PATHS = (
    "demographics.first_name",
    "demographics.last_name",
    "contact.city",
    "contact.phone",
    "contact.email",
    "allergies",
)


def scanned(*confidences: float, method: Method = Method.OCR) -> IntakeForm:
    form = IntakeForm(FormSource.SCAN)
    for path, confidence in zip(PATHS, confidences, strict=True):
        form = with_field(form, path, Extracted("Ada", False, confidence, method, "Ada", 1, None))
    return form


def readable(form: IntakeForm) -> list[Any]:
    return [field_at(form, path).value for path in PATHS]


def test_a_line_that_was_hardly_read_is_not_readable_and_keeps_its_words() -> None:
    found = field_at(with_doubts(scanned(0.98, 0.99, 0.98, 0.97, 0.99, 0.7)), "allergies")
    assert (found.value, found.unreadable, found.raw) == (None, True, "Ada")


def test_a_slightly_doubtful_line_of_a_clear_form_is_taken() -> None:
    assert readable(with_doubts(scanned(0.98, 0.99, 0.98, 0.97, 0.99, 0.88))) == ["Ada"] * 6


def test_where_a_hand_is_read_badly_only_the_sure_lines_are_taken() -> None:
    assert readable(with_doubts(scanned(0.95, 0.88, 0.9, 0.89, 0.86, 0.93))) == ["Ada", None, None, None, None, "Ada"]


def test_what_was_typed_is_never_doubted() -> None:
    typed = scanned(*[0.5] * 6, method=Method.FORM_FIELD)
    assert with_doubts(typed) == typed
