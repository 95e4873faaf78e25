import pytest

from therapyflows.core.intake.reading.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("label", "section", "path"),
    [
        ("Your home address", None, "contact.address_line"),
        ("(home telephone)", None, "contact.home_phone"),
        ("Patient Name (Last)", None, "demographics.last_name"),
        ("Name of person insured", None, "insurance.primary.subscriber_name"),
        ("Number on your insurance card", None, "insurance.primary.member_id"),
        ("Best number to reach you", None, "contact.phone"),
        ("Client is the subscriber's", None, "insurance.primary.subscriber_relationship"),
        ("Their telephone number", "emergency", "emergency_contact.phone"),
        ("Their date of birth", "insurance_secondary", "insurance.secondary.subscriber_birth_date"),
        ("Emergancy contact telephone", None, "emergency_contact.phone"),
    ],
)
def test_a_label_is_put_together_from_whom_and_what(label: str, section: str | None, path: str) -> None:
    meaning = vocabulary().meaning(label, section)
    assert meaning is not None
    assert meaning.path == path


@pytest.mark.parametrize("label", ["Physician phone", "Mother's name", "Employer phone"])
def test_what_is_asked_about_somebody_else_is_not_taken(label: str) -> None:
    meaning = vocabulary().meaning(label, "client")
    assert meaning is not None
    assert meaning.path is None


@pytest.mark.parametrize(
    "answer", ["Mother", "Insurance directory", "ID", "CO", "A friend", "School counselor", "Do you have insurance?"]
)
def test_an_answer_is_no_label(answer: str) -> None:
    meaning = vocabulary().meaning(answer, None)
    assert meaning is None or meaning.path is None
