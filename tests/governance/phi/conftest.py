"""One synthetic chart."""

import pytest

from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary


@pytest.fixture
def chart() -> ChartIdentifiers:
    kind = IdentifierType
    return ChartIdentifiers(
        (
            Identifier(kind.CLIENT, "Marlowe", "client"),
            Identifier(kind.CLIENT, "Testperson", "client"),
            Identifier(kind.CLIENT_CONTACT, "Josefina Examplez", "contact-1"),
            Identifier(kind.CLIENT_CONTACT, "William Testperson", "contact-2"),
            Identifier(kind.CLINICIAN, "Dr. Ada Quillfeather, LCSW", "clinician"),
            Identifier(kind.PHONE, "(617) 555-0199"),
            Identifier(kind.EMAIL, "marlowe.t@example.org"),
            Identifier(kind.ADDRESS, "12 Harbor Street"),
            Identifier(kind.LOCATION, "Exampleville"),
            Identifier(kind.ZIP, "02139"),
            Identifier(kind.DATE, "1988-03-05"),
            Identifier(kind.RECORD_NUMBER, "TN-004512"),
            Identifier(kind.MEMBER_NUMBER, "XQZ 123456789"),
            Identifier(kind.EMPLOYER, "Blue Heron Bakery, Inc."),
        )
    )


@pytest.fixture
def boundary(chart: ChartIdentifiers) -> PhiBoundary:
    return PhiBoundary(chart)
