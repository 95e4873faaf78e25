"""A chart file is read whatever its keys look like, as long as they name what they hold."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.chart import Client, Contact, InsurancePolicy
from therapyflows.core.errors import Invalid
from therapyflows.core.identifiers import chart_identifiers
from therapyflows.integrations.documents.chart_file import read_chart, read_chart_file


def known(chart: Any) -> set[tuple[str, str]]:
    """Token of the type, or relationship, and value."""
    return {(i.relationship or i.type.value, i.value) for i in read_chart(chart).identifiers.identifiers}


CLIENT = Client(
    id="cl-1",
    first_name="Marlowe",
    last_name="Testperson",
    birth_date=date(1988, 3, 5),
    mrn="TN-004512",
    email="m@example.org",
    phone="617-555-0199",
    address_line="12 Harbor Street",
    city="Exampleville",
    state="MA",
    postal_code="02139",
    employer="Blue Heron Bakery",
    contacts=(Contact(name="Josefina Examplez", relationship="mother", phone="617-555-0142"),),
    insurance=(InsurancePolicy(payer="Example Health", member_id="XQZ123456789"),),
)


@pytest.mark.parametrize("by_alias", [True, False])
def test_a_client_of_the_contract_gives_what_the_product_itself_takes_from_it(by_alias: bool) -> None:
    document = json.loads(CLIENT.model_dump_json(by_alias=by_alias))
    own = {(i.relationship or i.type.value, i.value) for i in chart_identifiers(CLIENT).identifiers}
    assert known(document) == own
    assert known({"client": document}) == own


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        ({"name": "Marlowe Testperson"}, {("CLIENT", "Marlowe Testperson")}),
        ({"Patient Name": "Marlowe", "DOB": "3/5/1988"}, {("CLIENT", "Marlowe"), ("DATE", "1988-03-05")}),
        ({"mrn": 4512345, "zip": "02139"}, {("RECORD_NUMBER", "4512345"), ("ZIP", "02139")}),
        ({"mother": "Anna", "spouseName": "Bo"}, {("mother", "Anna"), ("spouse", "Bo")}),
        ({"mother": {"name": "Anna", "phone": "617-555-0142"}}, {("mother", "Anna"), ("PHONE", "617-555-0142")}),
        ({"children": ["Tim", "Una"]}, {("child", "Tim"), ("child", "Una")}),
        ({"relatives": {"mother": "Anna", "sister": {"firstName": "Bea"}}}, {("mother", "Anna"), ("sister", "Bea")}),
        ({"contacts": [{"name": "Anna", "relation": "Mom"}]}, {("Mom", "Anna")}),
        ({"contacts": ["Anna (mother)"]}, {("mother", "Anna")}),
        ({"people": [{"name": "Ada", "role": "therapist"}]}, {("CLINICIAN", "Ada")}),
        ({"clinician": {"name": "Ada", "npi": "1234567890"}}, {("CLINICIAN", "Ada"), ("ACCOUNT_NUMBER", "1234567890")}),
        ({"emergencyContactName": "Bo", "emergency_contact_phone": "617-555-0142",
          "emergencyContactRelationship": "brother"},
         {("brother", "Bo"), ("PHONE", "617-555-0142")}),
        ({"employer": {"name": "Blue Heron"}, "schoolName": "Elm High"},
         {("EMPLOYER", "Blue Heron"), ("SCHOOL", "Elm High")}),
        ({"identifiers": [{"type": "name", "value": "Marlowe"}, {"type": "phone", "value": "617-555-0199"},
                          {"type": "mother", "value": "Anna"}, {"type": "locker", "value": "A-1234"}]},
         {("CLIENT", "Marlowe"), ("PHONE", "617-555-0199"), ("mother", "Anna"), ("OTHER_ID", "A-1234")}),
        ({"identifiers": [{"type": "CLIENT", "value": "Marlowe"}, {"type": "RECORD_NUMBER", "value": "TN-1234"}]},
         {("CLIENT", "Marlowe"), ("RECORD_NUMBER", "TN-1234")}),
        ({"resourceType": "Patient", "name": [{"use": "official", "family": "Testperson", "given": ["Marlowe"]}],
          "birthDate": "1988-03-05", "telecom": [{"system": "email", "value": "m@example.org"}],
          "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "TN-1234"}],
          "address": [{"line": ["12 Harbor Street"], "city": "Exampleville", "state": "MA", "postalCode": "02139"}]},
         {("CLIENT", "Testperson"), ("CLIENT", "Marlowe"), ("DATE", "1988-03-05"), ("EMAIL", "m@example.org"),
          ("RECORD_NUMBER", "TN-1234"), ("ADDRESS", "12 Harbor Street"), ("LOCATION", "Exampleville"),
          ("ZIP", "02139")}),
        ({"address": "12 Harbor Street, Exampleville, MA 02139"},
         {("ADDRESS", "12 Harbor Street, Exampleville, MA 02139"), ("ADDRESS", "12 Harbor Street"),
          ("LOCATION", "Exampleville"), ("ZIP", "02139")}),
        ({"insurance": [{"name": "Example Health", "memberId": "XQZ1234"}]}, {("MEMBER_NUMBER", "XQZ1234")}),
        ({"name": "Marlowe", "petName": "Rex", "planName": "Gold", "note": "likes Anna"},
         {("CLIENT", "Marlowe"), ("CLIENT_CONTACT", "Rex")}),
    ],
)  # fmt: skip
def test_keys_name_what_they_hold(chart: Any, expected: set[tuple[str, str]]) -> None:
    assert known(chart) == expected


def test_first_and_last_name_of_a_relative_are_one_person_and_two_relatives_are_two() -> None:
    chart = read_chart({"motherFirstName": "Anna", "motherLastName": "Lopez", "sisters": ["Bea", "Cara"]})
    entities = {i.value: i.key for i in chart.identifiers.identifiers}
    assert entities["Anna"] == entities["Lopez"]
    assert len(set(entities.values())) == 3


def test_the_date_of_the_session_is_told_apart() -> None:
    chart = read_chart({"name": "Marlowe", "sessionDate": "2026-01-10"})
    assert chart.session_date == date(2026, 1, 10)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"{", "chart_unreadable"), (b"\xff\xfe{", "chart_unreadable"), (b"7", "chart_unreadable"),
     (b'"Marlowe"', "chart_unreadable"), (b"[" * 100_000, "chart_unreadable"), (b"{}", "chart_empty"),
     (b'{"note": "Marlowe"}', "chart_empty"), (b'{"name": "  "}', "chart_empty")],
)  # fmt: skip
def test_a_chart_that_holds_nothing_is_an_error_without_its_text(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_chart_file(content)
    assert caught.value.code == code
    assert "Marlowe" not in str(caught.value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "mother",
                    "contacts",
                    "family",
                    "type",
                    "value",
                    "relationship",
                    "role",
                    "address",
                    "dob",
                    "employer",
                ]
            )
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_any_json_is_read_or_refused(chart: object) -> None:
    try:
        identifiers = read_chart(chart).identifiers.of()
    except Invalid:
        return
    assert identifiers
