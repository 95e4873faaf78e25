from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.intake.reading import values

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    ["3/14/1985", "03/14/1985", "03-14-1985", "3.14.1985", "03 / 14 / 1985", "March 14, 1985", "Mar. 14th 1985",
     "14 March 1985", "1985-03-14", "03141985", "3/14/85", "O3/l4/1985", "03|14|1985"],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    assert values.day(text, century_before=TODAY) == date(1985, 3, 14)


@pytest.mark.parametrize("text", ["", "unknown", "13/45/1985", "2/30/2001", "March", "85", "not sure, maybe 1985"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert values.day(text, century_before=TODAY) is None


def test_a_birth_year_of_two_digits_lies_in_the_past() -> None:
    assert values.day("1/2/30", century_before=TODAY) == date(1930, 1, 2)
    assert values.day("1/2/19", century_before=TODAY) == date(2019, 1, 2)


@given(
    st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%m-%d-%Y"])
)
def test_every_date_survives_being_written(day: date, style: str) -> None:
    assert values.day(day.strftime(style), century_before=TODAY + timedelta(days=1)) == day


@pytest.mark.parametrize(
    "text", ["(217) 555-0143", "217-555-0143", "217.555.0143", "2175550143", "+1 217 555 0143", "1-217-555-0143",
             "2l7 555 O143"]
)  # fmt: skip
def test_a_phone_number_is_read_however_it_is_written(text: str) -> None:
    assert values.phone(text) == "(217) 555-0143"


def test_an_extension_stays() -> None:
    assert values.phone("217-555-0143 ext. 12") == "(217) 555-0143 x12"


@pytest.mark.parametrize("text", ["555-0143", "call my mother", "", "21755501431"])
def test_what_is_no_phone_number_is_none(text: str) -> None:
    assert values.phone(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maria Lopez", ("Maria", "", "Lopez")),
        ("Lopez, Maria", ("Maria", "", "Lopez")),
        ("Lopez, Maria J.", ("Maria", "J.", "Lopez")),
        ("Maria Elena Lopez", ("Maria", "Elena", "Lopez")),
        ("Juan de la Cruz", ("Juan", "", "de la Cruz")),
        ("James Stone Jr.", ("James", "", "Stone Jr")),
        ("Madonna", ("Madonna", "", "")),
    ],
)
def test_a_name_falls_into_its_parts(text: str, expected: tuple[str, str, str]) -> None:
    assert values.full_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Springfield, IL 62704", ("Springfield", "IL", "62704")),
        ("New York NY 10001-1234", ("New York", "NY", "10001-1234")),
        ("Portland, Oregon", ("Portland", "OR", None)),
        ("Springfield", ("Springfield", None, None)),
        ("NJ 92543", (None, "NJ", "92543")),
    ],
)
def test_city_state_and_zip_fall_apart(text: str, expected: tuple[str | None, ...]) -> None:
    assert values.city_state_zip(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("il", "IL"), ("Illinois", "IL"), ("N.Y.", "NY"), ("ZZ", None), ("", None)]
)
def test_a_state_has_two_letters(text: str, expected: str | None) -> None:
    assert values.state(text) == expected


@pytest.mark.parametrize("text", ["", "N/A", "n/a", "--", "____", "  ", "-", "not applicable"])
def test_an_answer_that_says_there_is_none_is_absent(text: str) -> None:
    assert values.is_absent(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("7", 7), ("= 12", 12), ("7/27", 7), ("27", 27), ("28", None), ("Not Several", None)]
)
def test_a_total_is_a_number_of_the_scale(text: str, expected: int | None) -> None:
    assert values.whole_number(text, 27) == expected


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    values.day(text)
    values.phone(text)
    values.email(text)
    values.state(text)
    values.postal_code(text)
    values.city_state_zip(text)
    values.full_name(text)


def test_a_number_is_no_name_and_a_word_is_no_members_number() -> None:
    assert (values.name("Ada Quill"), values.name("at(617) 555-0142")) == ("Ada Quill", None)
    assert (values.member_id("XEA 123 456"), values.member_id("belongs to Ada Quill")) == ("XEA 123 456", None)


def test_a_label_that_was_read_into_an_address_makes_it_unreadable() -> None:
    assert values.email("ada.quill@example.com") == "ada.quill@example.com"
    assert values.email("electr\u00f3nicoada.quill@example.com") is None
