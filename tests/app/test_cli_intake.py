import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FORM = """\
{"client": {"firstName": "Ada", "lastName": "Quill", "dateOfBirth": "02/03/1990", "phone": "217-555-0143"},
 "emergencyContact": {"name": "Jon Quill", "relationship": "Brother"},
 "insurance": {"primary": {"company": "Aetna", "memberId": "W0012"}},
 "phq9": [0, 1, 2, 3, 0, 0, 1, null, null], "medications": [{"name": "Sertraline", "dose": "50 mg"}]}
"""


def test_a_form_as_json(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(FORM)
    answer = therapyflows("intake", "form.json", "--json")
    assert answer.status == 0
    form = json.loads(answer.out)["form"]
    assert form["demographics"]["birth_date"]["value"] == "1990-02-03"
    assert form["insurance"]["primary"]["member_id"]["value"] == "W0012"
    assert [item["value"] for item in form["phq9"]["items"]] == [0, 1, 2, 3, 0, 0, 1, None, None]
    assert form["phq9"]["items"][8]["state"] == "absent"
    assert form["medications"][0]["dose"]["value"] == "50 mg"


def test_a_form_for_people(therapyflows: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(FORM)
    answer = therapyflows("intake", "form.json")
    assert answer.status == 0
    assert "emergency_contact.name" in answer.out
    assert "Jon Quill" in answer.out


@pytest.mark.parametrize("arguments", [("--register",), ("--register", "--clinician", "u-1", "second.json")])
def test_who_takes_the_person_on_is_named_and_one_file_is_one_person(
    therapyflows: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "form.json").write_text(FORM)
    answer = therapyflows("intake", "form.json", *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert "--clinician" in answer.complaint


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [("empty.pdf", b"", "empty"), ("form.docx", b"PK\x03\x04" + b"\x00\x01" * 500, "not a PDF")],
)
def test_a_file_that_is_no_form_is_one_line_and_status_2(
    therapyflows: Callable[..., Any], tmp_path: Path, name: str, content: bytes, wrong: str
) -> None:
    (tmp_path / name).write_bytes(content)
    answer = therapyflows("intake", name, "--json")
    assert (answer.status, answer.out) == (2, "")
    assert wrong in answer.complaint
