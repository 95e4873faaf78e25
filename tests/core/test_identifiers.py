"""Everything in the chart that names or locates somebody reaches the PHI boundary."""

from datetime import date

from therapyflows.core.chart import Client, Contact, InsurancePolicy, Role, User
from therapyflows.core.identifiers import chart_identifiers
from therapyflows.governance.phi import PhiBoundary

CLIENT = Client(
    id="c1",
    first_name="Marlowe",
    last_name="Testperson",
    preferred_name="Lowey",
    birth_date=date(1988, 3, 5),
    mrn="TN-004512",
    email="marlowe.t@example.org",
    phone="617-555-0199",
    address_line="12 Harbor Street",
    city="Exampleville",
    state="MA",
    postal_code="02139",
    employer="Blue Heron Bakery",
    contacts=(Contact(name="Josefina Examplez", relationship="sister", phone="617-555-0142"),),
    insurance=(InsurancePolicy(payer="Example Health", member_id="XQZ123456789", group_number="GRP-77120"),),
)
CLINICIAN = User(
    id="u1", name="Ada Quillfeather", email="ada@practice.example", npi="1234567893", roles=(Role.CLINICIAN,)
)


def test_every_value_of_the_chart_becomes_a_token() -> None:
    values = (
        "Marlowe", "Testperson", "Lowey", "1988-03-05", "TN-004512", "marlowe.t@example.org", "617-555-0199",
        "12 Harbor Street", "Exampleville", "02139", "Blue Heron Bakery", "Josefina Examplez", "617-555-0142",
        "XQZ123456789", "GRP-77120", "Ada Quillfeather", "ada@practice.example", "1234567893",
    )  # fmt: skip
    redaction = PhiBoundary(chart_identifiers(CLIENT, CLINICIAN)).redact("\n".join(values), ours=True)
    lines = redaction.text.splitlines()
    assert [line for line in lines if not (line.startswith("[") and line.endswith("]"))] == []
    assert lines[0] == "[CLIENT]"
    assert lines[2] == "[CLIENT.3]"


def test_what_is_empty_in_the_chart_finds_nothing() -> None:
    bare = Client(id="c2", first_name="Marlowe", last_name="Testperson")
    assert {i.value for i in chart_identifiers(bare).identifiers} == {"Marlowe", "Testperson"}
