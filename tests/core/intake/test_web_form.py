from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake.fields import field_at, walk
from therapyflows.core.intake.model import IntakeForm, Method
from therapyflows.core.intake.web_form import read_web_form

TODAY = date(2026, 11, 20)
FLAT = {
    "first_name": "Ada",
    "last_name": "Quill",
    "dob": "1990-02-03",
    "emergency_contact_name": "Jon Quill",
    "insurance_primary_member_id": "W1",
    "current_medications": "Sertraline 50 mg daily; Buspirone 10 mg twice a day",
    "phq9_9": "2",
    "has_suicidal_thoughts": "yes",
}
ASKED = {
    "answers": [
        {"question": "First Name", "answer": "Ada"},
        {"question": "Last Name", "answer": "Quill"},
        {"question": "Date of Birth", "answer": "02/03/1990"},
        {"question": "What brings you to therapy?", "answer": "I cannot sleep"},
        {"question": "Emergency contact phone", "answer": "2175550188"},
        {"question": "Have you ever attempted suicide?", "answer": "No"},
        {"question": "Member ID", "answer": ""},
    ]
}


def value(form: IntakeForm, path: str) -> Any:
    return field_at(form, path).value


def test_flat_names_are_understood() -> None:
    form = read_web_form(FLAT, today=TODAY)
    assert value(form, "demographics.birth_date") == date(1990, 2, 3)
    assert value(form, "insurance.primary.member_id") == "W1"
    assert value(form, "risk.suicidal_thoughts") is True
    assert [item.value for item in form.phq9.items] == [None] * 8 + [2]
    assert [m.name.value for m in form.medications] == ["Sertraline", "Buspirone"]
    assert {found.method for _, found in walk(form) if not found.absent} == {Method.WEB_FORM}


def test_questions_with_answers_are_understood() -> None:
    form = read_web_form(ASKED, today=TODAY)
    assert value(form, "presenting.problem") == "I cannot sleep"
    assert value(form, "emergency_contact.phone") == "(217) 555-0188"
    assert value(form, "risk.suicide_attempt") is False
    assert field_at(form, "insurance.primary.member_id").absent


@pytest.mark.parametrize("answer", ["7", -1, 2.5, "often", True])
def test_an_answer_off_the_scale_is_not_readable(answer: object) -> None:
    form = read_web_form(FLAT | {"phq9_9": answer}, today=TODAY)
    assert form.phq9.items[8].value is None


NAMES = ["name", "phq9", "items", "medications", "value", "consents", "date", "x"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_any_json_is_read_or_refused(content: object) -> None:
    try:
        read_web_form(content, today=TODAY)
    except UnusableSource as error:
        refused = error.code
    else:
        refused = "form_not_intake"
    assert refused == "form_not_intake"


@given(json_values)
def test_strange_answers_beside_good_ones_do_no_harm(content: object) -> None:
    assert value(read_web_form(FLAT | {"extra": content}, today=TODAY), "demographics.last_name") == "Quill"
