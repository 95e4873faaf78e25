"""A file that cannot be used is one error that says what to do; nothing else ever comes out."""

import io
import zlib
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake.model import FormSource
from therapyflows.integrations.documents.intake.reader import SCRIPT_INSIDE, read_intake
from therapyflows.integrations.documents.intake.worker import read_apart

TODAY = date(2026, 11, 20)
INTAKE = (
    "Intake Form",
    "First Name: Ada",
    "Last Name: Quill",
    "Date of Birth: 02/03/1990",
    "Phone: (217) 555-0143",
    "Emergency contact: Jon Quill",
    "Insurance company: Aetna",
    "Member ID: W00123",
)


def pdf(*lines: str, pages: int = 1, password: str | None = None, script: bool = False) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=password, invariant=True)
    for _ in range(pages):
        for at, line in enumerate(lines):
            canvas.drawString(50, 780 - 18 * at, line)
        canvas.showPage()
    if script:
        canvas._doc.Catalog.OpenAction = "<< /S /JavaScript /JS (app.alert(1)) >>"
    canvas.save()
    return buffer.getvalue()


def image(width: int, height: int, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), 255).save(buffer, kind)
    return buffer.getvalue()


def huge_page() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(14_000, 14_000))
    canvas.drawString(100, 100, "x")
    canvas.save()
    return buffer.getvalue()


LETTER = ("Dear Dr. Hale,", "thank you for your letter about the invoice of May.", "Yours, J. Stone")
BAD: dict[str, tuple[bytes, str]] = {
    "0 bytes": (b"", "form_empty"),
    "zeros": (b"\x00" * 4096, "form_empty"),
    "noise called PDF": (b"%PDF-1.7\n" + bytes(range(256)) * 50, "form_damaged"),
    "cut off": (pdf(*INTAKE)[:600], "form_damaged"),
    "locked": (pdf(*INTAKE, password="x"), "form_needs_password"),
    "500 pages": (pdf("page", pages=500), "form_too_many_pages"),
    "a letter": (pdf(*LETTER), "form_not_intake"),
    "word processor": (b"PK\x03\x04" + b"\x00\x01" * 500, "form_wrong_kind"),
    "plain text": (b"First name: Ada", "form_wrong_kind"),
    "image bomb": (image(30_000, 30_000), "form_image_too_large"),
    "tiny image": (image(8, 8), "form_nothing_readable"),
    "cut image": (image(600, 800, "JPEG")[:400], "form_damaged"),
    "page of 200 inches": (huge_page(), "form_image_too_large"),
    "broken JSON": (b'{"client": ', "form_damaged"),
    "other JSON": (b'{"orders": [{"id": 1}]}', "form_not_intake"),
    "deep JSON": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "form_damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_form_says_what_is_wrong_and_what_to_do(name: str) -> None:
    content, code = BAD[name]
    with pytest.raises(UnusableSource) as caught:
        read_intake([content], today=TODAY)
    assert caught.value.code == code
    assert caught.value.remedy


def test_a_script_in_a_pdf_is_noted_and_not_run() -> None:
    assert read_intake([pdf(*INTAKE, script=True)], today=TODAY).form.warnings == (SCRIPT_INSIDE,)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=30))
def test_a_damaged_pdf_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(pdf(*INTAKE))
    for place, value in changes:
        content[place % len(content)] = value
    with suppress(UnusableSource):
        read_intake([bytes(content)], today=TODAY)


def test_the_other_process_gives_the_same_form() -> None:
    content = pdf(*INTAKE)
    apart, here = read_apart([content], today=TODAY), read_intake([content], today=TODAY)
    assert apart == here
    assert apart.form.source is FormSource.TEXT_PDF
    assert " ".join(word.text for page in apart.pages for word in page.words) == " ".join(INTAKE)


def test_the_other_process_passes_on_what_is_wrong() -> None:
    with pytest.raises(UnusableSource) as caught:
        read_apart([pdf(*LETTER)], today=TODAY)
    assert caught.value.code == "form_not_intake"


def test_a_stream_that_unpacks_to_gigabytes_ends_the_other_process_alone() -> None:
    packed = zlib.compress(b"\x00" * 200_000_000, 9)
    bomb = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length "
        + str(len(packed)).encode()
        + b">>stream\n"
        + packed
        + b"\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )
    with pytest.raises(UnusableSource) as caught:
        read_apart([bomb], today=TODAY)
    assert caught.value.code in ("form_nothing_readable", "form_takes_too_much", "form_damaged", "form_not_intake")
