from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.errors import NotFound
from therapyflows.core.intake.fields import field_at, walk, with_field
from therapyflows.core.intake.model import (
    INTAKE_FORM,
    Box,
    ConsentTopic,
    Extracted,
    FormSource,
    IntakeForm,
    Medication,
    Method,
    SignedConsent,
)

FORM = IntakeForm(
    FormSource.SCAN,
    page_count=2,
    medications=(Medication(name=Extracted("Sertraline", confidence=0.9)), Medication()),
    consents=(SignedConsent((ConsentTopic.TREATMENT, ConsentTopic.PRIVACY_PRACTICES)),),
)
PATHS = [path for path, _ in walk(FORM)]


def test_every_field_of_an_empty_form_is_absent() -> None:
    assert all(found.absent for _, found in walk(IntakeForm(FormSource.SCAN)))


def test_a_value_that_cannot_be_read_is_not_absent() -> None:
    assert not Extracted[str](unreadable=True).absent


def test_a_field_of_a_list_is_found_by_its_number() -> None:
    assert field_at(FORM, "medications.0.name").value == "Sertraline"


@pytest.mark.parametrize(
    "path", ["", "medications", "medications.2.name", "medications.-1.name", "phq9.measure", "source", "demographics.x"]
)
def test_what_is_no_field_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        with_field(FORM, path, Extracted("x"))


@given(path=st.sampled_from(PATHS))
def test_replacing_a_field_changes_that_field_alone(path: str) -> None:
    put = Extracted[object](unreadable=True, page=2)
    before, after = dict(walk(FORM)), dict(walk(with_field(FORM, path, put)))
    assert after == before | {path: put}


def test_a_form_survives_the_store() -> None:
    form = with_field(
        FORM,
        "demographics.birth_date",
        Extracted(date(1990, 2, 3), False, 0.97, Method.OCR, "02/03/1990", 1, Box(0.1, 0.2, 0.3, 0.25)),
    )
    assert INTAKE_FORM.validate_json(INTAKE_FORM.dump_json(form)) == form
