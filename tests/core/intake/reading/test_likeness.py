"""What a label is guessed to ask for that no rule knows, and what is never guessed."""

import pytest
from tests.core.intake.reading.test_layouts import blank, read, value

from therapyflows.core.intake.fields import field_at
from therapyflows.core.intake.reading.likeness import Likeness
from therapyflows.core.intake.reading.vocabulary import vocabulary
from therapyflows.core.intake.review import SURE

KNOWN = {"health insurance company": "payer", "reason for visit": "problem", "chronic illnesses": "medical"}


def test_the_nearest_meaning_is_taken() -> None:
    assert Likeness(KNOWN).meaning("Reason for the visit today:") == "problem"


@pytest.mark.parametrize("text", ["Favorite color", "", "???", "xyzzy"])
def test_nothing_near_is_no_meaning(text: str) -> None:
    assert Likeness(KNOWN).meaning(text) is None


def test_two_meanings_equally_near_are_none() -> None:
    twice = Likeness({"reason for visit": "problem", "reason for the visit": "goals"})
    assert twice.meaning("reason for my visit") is None


@pytest.mark.parametrize(
    ("text", "section", "path"),
    [
        ("Please indicate primary insurance:", "insurance_primary", "insurance.primary.payer"),
        ("Please indicate primary insurance:", "insurance_secondary", "insurance.secondary.payer"),
        ("Reason for your visit today:", None, "presenting.problem"),
        ("Childhood illnesses, surgeries, and chronic conditions:", "emergency", "history.medical"),
        ("Reason for your visit today:", "other", None),
        ("Date of last physical exam:", None, None),
        ("Name of spouse:", None, None),
    ],
)
def test_a_guess_keeps_to_its_section(text: str, section: str | None, path: str | None) -> None:
    assert vocabulary().resembling(text, section) == path


def test_no_answer_about_risk_no_name_and_no_day_is_ever_guessed() -> None:
    guessed = vocabulary()._guessed["paths"]
    kept = ("risk.", "consents.", "phq9", "gad7", "demographics.first", "demographics.last", "demographics.full")
    assert not [path for path in guessed if path.startswith(kept) or path.endswith(("birth_date", "phone", "_on"))]


def test_a_guessed_value_is_looked_at_first() -> None:
    form = read((100, "Reason for your visit today:"), (114, "I cannot sleep"), (140, "City: Springfield"))
    assert value(form, "presenting.problem") == "I cannot sleep"
    assert field_at(form, "presenting.problem").confidence < SURE <= field_at(form, "contact.city").confidence


def test_an_answer_that_resembles_a_label_is_no_label() -> None:
    form = read((100, "How did you hear about us?"), (114, "Insurance company directory"), (140, "City: Springfield"))
    assert value(form, "demographics.referred_by") == "Insurance company directory"
    assert value(form, "insurance.primary.payer") == "Aetna"


def test_a_word_before_a_blank_asks_without_a_colon_and_ends_the_answer_above() -> None:
    form = read(
        (100, "It started since high school"),
        (114, "By the end of therapy I hope to drive again"),
        rules=(blank(104, 500, 110), blank(232, 500, 124)),
    )
    assert value(form, "presenting.onset") == "since high school"
    assert value(form, "presenting.goals") == "drive again"
