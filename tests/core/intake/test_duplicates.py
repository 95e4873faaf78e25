"""Is this person a client already?"""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.intake.duplicates import Identity, compare, find_duplicates

ANNA = Identity(
    client_id="cli_1",
    first_name="Margaret",
    last_name="Delacroix",
    birth_date=date(1984, 3, 9),
    phone="(617) 555-0142",
    email="margaret.d@example.com",
    address_line="18 Alder Street",
    postal_code="02139",
    member_id="XQP-2210934",
)


def again(**changes: object) -> Identity:
    return replace(ANNA, client_id="new", **changes)


@pytest.mark.parametrize(
    ("arrival", "why"),
    [
        (again(), "the same values"),
        (again(first_name="Peggy"), "a nickname"),
        (again(last_name="Delacorix", phone=""), "two letters swapped"),
        (again(birth_date=date(1984, 9, 3), email=""), "day and month swapped"),
        (again(birth_date=date(1984, 3, 8), address_line="4 Other Road"), "one digit of the birth date misread"),
        (again(last_name="Delacroix-Hall", phone="", email=""), "a second surname"),
        (again(last_name="Hall", address_line="", postal_code=""), "another surname, the same phone and e-mail"),
        (again(phone="617.555.0142", member_id="xqp2210934"), "written in another way"),
        (again(first_name="Rowan"), "another first name, everything else the same"),
    ],
)
def test_the_same_person_is_asked_about(arrival: Identity, why: str) -> None:
    assert [candidate.client_id for candidate in find_duplicates(arrival, [ANNA])] == ["cli_1"], why


@pytest.mark.parametrize(
    ("arrival", "who"),
    [
        (Identity("new", "Margaret", "Delacroix", birth_date=date(1951, 11, 2), phone="2065550199"), "a namesake"),
        (again(first_name="Thomas", birth_date=date(1981, 7, 22), email=""), "the spouse"),
        (again(birth_date=date(2012, 6, 1), email=""), "a daughter with the mother's name"),
        (again(first_name="Louise", email=""), "a twin at the same address"),
        (Identity("new"), "nobody yet: an empty form"),
    ],
)
def test_somebody_else_is_not_asked_about(arrival: Identity, who: str) -> None:
    assert find_duplicates(arrival, [ANNA]) == [], who


def test_the_answer_names_fields_and_never_values() -> None:
    (candidate,) = find_duplicates(again(first_name="Peggy", email="other@example.com"), [ANNA])
    assert "birth_date" in candidate.agrees
    assert candidate.differs == ("email",)
    assert "Delacroix" not in repr(candidate)
    assert "Delacroix" not in repr(ANNA)


def test_the_likeliest_comes_first_and_a_record_is_not_its_own_duplicate() -> None:
    other = replace(ANNA, client_id="cli_2", email="", phone="")
    found = find_duplicates(again(), [other, ANNA])
    assert [candidate.client_id for candidate in found] == ["cli_1", "cli_2"]
    assert find_duplicates(ANNA, [ANNA]) == []


texts = st.text(max_size=30)
identities = st.builds(
    Identity,
    client_id=st.just("cli_x"),
    first_name=texts,
    last_name=texts,
    preferred_name=texts,
    birth_date=st.none() | st.dates(),
    phone=texts,
    email=texts,
    address_line=texts,
    postal_code=texts,
    member_id=texts,
)


@given(identities, identities)
def test_it_does_not_matter_which_record_is_the_new_one(one: Identity, other: Identity) -> None:
    assert compare(one, other).bits == compare(other, one).bits
