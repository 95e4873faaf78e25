"""An intake form that holds together; tests take away or spoil one thing."""

from datetime import date

import pytest

from therapyflows.core.intake.model import (
    ConsentTopic,
    ContactDetails,
    Demographics,
    Extracted,
    FormSource,
    Insurance,
    IntakeForm,
    MeasureAnswers,
    Policy,
    Presenting,
    RelatedPerson,
    SignedConsent,
)

TODAY = date(2026, 11, 25)


@pytest.fixture
def form() -> IntakeForm:
    return IntakeForm(
        source=FormSource.WEB_FORM,
        demographics=Demographics(
            first_name=Extracted("Imogen"), last_name=Extracted("Vasquez-Hale"), birth_date=Extracted(date(1991, 4, 3))
        ),
        contact=ContactDetails(
            address_line=Extracted("18 Alder Street"),
            city=Extracted("Cambridge"),
            state=Extracted("MA"),
            postal_code=Extracted("02139"),
            phone=Extracted("(617) 555-0142"),
            email=Extracted("imogen@example.com"),
        ),
        emergency_contact=RelatedPerson(name=Extracted("Tomas Hale"), phone=Extracted("(617) 555-0177")),
        insurance=Insurance(primary=Policy(payer=Extracted("Medicare"), member_id=Extracted("1EG4-TE5-MK73"))),
        presenting=Presenting(problem=Extracted("Trouble sleeping since spring")),
        consents=(
            SignedConsent(
                (ConsentTopic.TREATMENT,),
                signature=Extracted("Imogen V. Hale"),
                signed_on=Extracted(date(2026, 11, 20)),
            ),
        ),
        phq9=MeasureAnswers("phq9", tuple(Extracted(value) for value in (1, 1, 2, 1, 0, 1, 1, 0, 0)), Extracted(7)),
        gad7=MeasureAnswers("gad7", tuple(Extracted(1) for _ in range(7)), Extracted(7)),
        completed_on=Extracted(date(2026, 11, 20)),
    )
