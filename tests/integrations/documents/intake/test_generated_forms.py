"""Forms of the benchmark's generator, read from end to end; a small set, the figures come from the benchmark."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import FormSource, IntakeForm, Method
from therapyflows.integrations.documents.intake.reader import read_intake

LAYOUTS = (
    "dev_lines",
    "boxed_cells",
    "key_value_table",
    "two_columns",
    "typed_export",
    "modern_boxes",
    "practice_lines",
    "practice_cells",
    "practice_questions",
)


def today() -> Any:
    from intake_forms.people import TODAY

    return TODAY


def values(form: IntakeForm) -> dict[str, Any]:
    return {path: found.value for path, found in walk(form)}


def folded(value: Any) -> Any:
    """Letters in cells of their own are capitals."""
    return value.casefold() if isinstance(value, str) else value


@pytest.mark.parametrize("fillable", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_form_holds_what_the_person_wrote_and_nothing_else(
    drawn: Callable[..., Any], layout: str, fillable: bool
) -> None:
    sheet, person, pdf = drawn(layout, 61, fillable=fillable)
    read = read_intake([pdf], today=today())
    found = values(read.form)
    assert read.form.source is (FormSource.FILLABLE_PDF if fillable else FormSource.TEXT_PDF)
    assert {p: folded(found.get(p)) for p in sheet.asked} == {p: folded(person.get(p)) for p in sheet.asked}
    assert [image.number for image in read.images] == list(range(1, read.form.page_count + 1))


def test_every_value_lies_inside_its_page(drawn: Callable[..., Any]) -> None:
    form = read_intake([drawn("boxed_cells", 62, fillable=False)[2]], today=today()).form
    for _, found in walk(form):
        if found.box is not None:
            assert 0 <= found.box.left <= found.box.right <= 1
            assert 0 <= found.box.top <= found.box.bottom <= 1


def photographed(pdf: bytes) -> bytes:
    """The first page as a photo: lying on its side, a shadow over it, JPEG."""
    from intake_forms.rendering import rasterized

    page = rasterized(pdf)[0].astype(np.float32)
    shadow = np.linspace(1.0, 0.6, page.shape[0], dtype=np.float32)[:, None]
    buffer = io.BytesIO()
    Image.fromarray(np.rot90(page * shadow).astype(np.uint8)).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def test_a_photo_in_shadow_on_its_side_is_read(drawn: Callable[..., Any]) -> None:
    sheet, person, pdf = drawn("dev_lines", 63, fillable=False)
    form = read_intake([photographed(pdf)], today=today()).form
    found = values(form)
    asked = {path for path in sheet.asked if not path.startswith(("phq9", "gad7", "medications", "consents"))}
    right = [path for path in asked if found[path] == person.get(path)]
    invented = [path for path in asked if person.get(path) is None and found[path] is not None]
    assert (len(right) >= 0.9 * len(asked), invented) == (True, [])
    assert form.demographics.last_name.method is Method.OCR
