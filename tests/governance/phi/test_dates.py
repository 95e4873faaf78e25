"""Dates are read when they are certain, and only then."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.governance.phi.dates import read_date
from therapyflows.governance.phi.number_words import cardinal, ordinal, spoken_year

ANCHOR = date(2026, 1, 10)


@pytest.mark.parametrize(
    "written",
    ["1988-03-05", "1988/3/5", "19880305", "3/5/1988", "03-05-88", "3.5.1988", "March 5, 1988", "Mar. 5th 1988",
     "5 March 1988", "the fifth of march nineteen eighty-eight", "march the fifth eighty eight",
     "Saturday, March 5, 1988", "1988-03-05T10:00:00Z"],
)  # fmt: skip
def test_one_day_in_many_spellings(written: str) -> None:
    assert read_date(written) == date(1988, 3, 5)


@pytest.mark.parametrize(
    ("written", "day"),
    [("January 3", date(2026, 1, 3)), ("december twentieth", date(2025, 12, 20)), ("the 2nd of July", date(2026, 7, 2)),
     ("1/12/26", date(2026, 1, 12)), ("13/1/2026", date(2026, 1, 13)), ("January 13, 2005", date(2005, 1, 13)),
     ("april third ninety one", date(1991, 4, 3)), ("may twenty first two thousand five", date(2005, 5, 21)),
     ("may twenty one", date(2026, 5, 21))],
)  # fmt: skip
def test_what_is_left_out_is_taken_from_the_anchor(written: str, day: date) -> None:
    assert read_date(written, ANCHOR) == day


@pytest.mark.parametrize(
    "written",
    [
        "",
        "March",
        "March 2021",
        "2021",
        "31/31/2020",
        "February 30, 2020",
        "yesterday",
        "3/5",
        "May or June 3, 2020",
        "12",
    ],
)
def test_what_names_no_certain_day_is_not_guessed(written: str) -> None:
    assert read_date(written, ANCHOR) is None


def test_a_day_without_a_year_is_none_without_an_anchor() -> None:
    assert read_date("March 5") is None


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)))
def test_every_day_is_read_from_what_people_write_and_say(day: date) -> None:
    month = f"{day:%B}"
    for form in (
        f"{day:%Y-%m-%d}",
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day:%y}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{month} the {ordinal(day.day)} {spoken_year(day.year)}".lower(),
        f"the {ordinal(day.day)} of {month} {spoken_year(day.year)}".lower(),
        f"{month} {cardinal(day.day)} {spoken_year(day.year)}".lower(),
    ):
        assert read_date(form) == day, form


@given(st.dates(ANCHOR - timedelta(days=182), ANCHOR + timedelta(days=182)))
def test_a_day_without_a_year_is_the_nearest_one(day: date) -> None:
    assert read_date(f"{day:%B} {day.day}", ANCHOR) == day
