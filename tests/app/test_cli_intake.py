import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

FORM = """\
{"client": {"firstName": "Ada", "lastName": "Quill", "dateOfBirth": "02/03/1990", "phone": "217-555-0143"},
 "emergencyContact": {"name": "Jon Quill", "relationship": "Brother"},
 "insurance": {"primary": {"company": "Aetna", "memberId": "W0012"}},
 "phq9": [0, 1, 2, 3, 0, 0, 1, null, null], "medications": [{"name": "Sertraline", "dose": "50 mg"}]}
"""


def pdf(*lines: str, pages: int = 1, password: str | None = None, script: bool = False) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=password)
    for _ in range(pages):
        for at, line in enumerate(lines):
            canvas.drawString(50, 780 - 18 * at, line)
        canvas.showPage()
    if script:
        canvas._doc.Catalog.OpenAction = "<< /S /JavaScript /JS (app.alert(1)) >>"
    canvas.save()
    return buffer.getvalue()


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


def test_a_web_form_as_json(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(FORM)
    answer = therapyflows("intake", "form.json", "--json")
    assert answer.status == 0
    form = json.loads(answer.out)["form"]
    assert form["demographics"]["birth_date"]["value"] == "1990-02-03"
    assert form["emergency_contact"]["name"]["value"] == "Jon Quill"
    assert form["insurance"]["primary"]["member_id"]["value"] == "W0012"
    assert [item["value"] for item in form["phq9"]["items"]] == [0, 1, 2, 3, 0, 0, 1, None, None]
    assert form["phq9"]["items"][8]["state"] == "absent"
    assert form["medications"][0]["dose"]["value"] == "50 mg"


def test_a_form_for_people(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "form.pdf").write_bytes(pdf(*INTAKE))
    answer = therapyflows("intake", "form.pdf")
    assert answer.status == 0
    assert "demographics.last_name" in answer.out
    assert "Quill" in answer.out


def test_a_script_in_a_pdf_is_noted_and_not_run(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "form.pdf").write_bytes(pdf(*INTAKE, script=True))
    answer = therapyflows("intake", "form.pdf", "--json")
    assert [warning["code"] for warning in json.loads(answer.out)["warnings"]] == ["form_has_script"]


def image(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size, 255).save(buffer, "PNG")
    return buffer.getvalue()


BAD: dict[str, tuple[bytes, str]] = {
    "empty.pdf": (b"", "empty"),
    "noise.pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 50, "damaged"),
    "cut.pdf": (pdf(*INTAKE)[:600], "damaged"),
    "locked.pdf": (pdf(*INTAKE, password="x"), "password"),
    "book.pdf": (pdf("page", pages=500), "500 pages"),
    "letter.pdf": (
        pdf("Dear Dr. Hale,", "thank you for your letter about the invoice of May.", "Yours, J. Stone"),
        "not an intake",
    ),
    "form.docx": (b"PK\x03\x04" + b"\x00\x01" * 500, "not a PDF"),
    "bomb.png": (image((30_000, 30_000)), "more than a page"),
    "broken.json": (b'{"client": ', "JSON"),
    "other.json": (b'{"orders": [{"id": 1}]}', "not an intake"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_form_is_one_line_and_status_2(
    therapyflows: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    content, wrong = BAD[name]
    (tmp_path / name).write_bytes(content)
    answer = therapyflows("intake", name, "--json")
    assert (answer.status, answer.out) == (2, "")
    assert wrong in answer.complaint
