"""What the chart knows does not get out, however it is written or said."""

import pytest

from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary


@pytest.mark.parametrize(
    ("said", "token"),
    [
        ("Marlowe", "[CLIENT]"),
        ("MARLOWE TESTPERSON", "[CLIENT]"),
        ("marlowe", "[CLIENT]"),
        ("Màrlowé", "[CLIENT]"),
        ("Marlow", "[CLIENT]"),
        ("M-A-R-L-O-W-E", "[CLIENT]"),
        ("m a r l o w e", "[CLIENT]"),
        ("Josefina Examplez", "[CLIENT_CONTACT_1]"),
        ("josefína", "[CLIENT_CONTACT_1]"),
        ("Bill", "[CLIENT_CONTACT_1]"),
        ("Quillfeather", "[CLINICIAN]"),
        ("617.555.0199", "[PHONE_1]"),
        ("+1 617 555 0199", "[PHONE_1]"),
        ("6175550199", "[PHONE_1]"),
        ("555-0199", "[PHONE_1]"),
        ("six one seven, five five five, oh one nine nine", "[PHONE_1]"),
        ("marlowe.t@EXAMPLE.org", "[EMAIL_1]"),
        ("marlowe dot t at example dot org", "[EMAIL_1]"),
        ("12 Harbor St", "[ADDRESS_1]"),
        ("twelve harbor street", "[ADDRESS_1]"),
        ("Harbor Street", "[ADDRESS_1]"),
        ("exampleville", "[LOCATION_1]"),
        ("02139", "[ZIP_021]"),
        ("oh two one three nine", "[ZIP_021]"),
        ("3/5/1988", "[DATE_1]"),
        ("1988-03-05", "[DATE_1]"),
        ("March 5th, 1988", "[DATE_1]"),
        ("the fifth of march nineteen eighty-eight", "[DATE_1]"),
        ("TN004512", "[RECORD_NUMBER_1]"),
        ("xqz-123-456-789", "[MEMBER_NUMBER_1]"),
        ("Blue Heron Bakery", "[EMPLOYER_1]"),
    ],
)
def test_a_known_identifier_becomes_its_token(boundary: PhiBoundary, said: str, token: str) -> None:
    text = f"well it is {said} as I told you"
    redaction = boundary.redact(text)
    assert redaction.text == f"well it is {token} as I told you"
    assert boundary.restore(redaction.text) == text


def test_a_possessive_keeps_its_ending(boundary: PhiBoundary) -> None:
    assert boundary.redact("It was Marlowe's idea.").text == "It was [CLIENT]'s idea."


def test_one_person_in_two_spellings_is_one_person(boundary: PhiBoundary) -> None:
    redaction = boundary.redact("Marlowe came. Then MARLOWE left, and William did not.")
    assert redaction.text == "[CLIENT] came. Then [CLIENT.2] left, and [CLIENT_CONTACT_1] did not."
    assert redaction.counts == {"CLIENT": 2, "CLIENT_CONTACT": 1}


def test_tokens_stay_the_same_from_call_to_call(boundary: PhiBoundary) -> None:
    boundary.redact("Josefina and William")
    assert boundary.redact("William").text == "[CLIENT_CONTACT_2]"


@pytest.mark.parametrize("text", ["I will call the bill collector", "a mark on the wall", "they went west in may"])
def test_ordinary_words_that_are_also_names_stay(text: str) -> None:
    names = ("Will", "Mark", "West", "May")
    chart = ChartIdentifiers(tuple(Identifier(IdentifierType.CLIENT, name, "client") for name in names))
    sentence = f"Yes, {text}."
    assert PhiBoundary(chart).redact(sentence).text == sentence


def test_an_ordinary_name_counts_in_text_without_capitals() -> None:
    chart = ChartIdentifiers((Identifier(IdentifierType.CLIENT, "Grace", "client"),))
    assert PhiBoundary(chart).redact("hello grace how are you").text == "hello [CLIENT] how are you"


def test_an_ordinary_word_stays_also_beside_a_name() -> None:
    names = ("Marlowe", "Will")
    chart = ChartIdentifiers(tuple(Identifier(IdentifierType.CLIENT, name, "client") for name in names))
    assert (
        PhiBoundary(chart).redact("Marlowe will call, Will will not").text == "[CLIENT] will call, [CLIENT.2] will not"
    )


def test_ordinary_speech_is_left_alone(boundary: PhiBoundary) -> None:
    text = (
        "I slept 6 hours on Tuesday, woke at 3 a.m., and scored 12 on the PHQ-9. We agreed on 20 minutes of walking, "
        "3 times a week, and I am 34 years old. About 50% of it was harder than I thought, maybe 10 or 15 percent."
    )
    assert boundary.redact(text).text == text


def test_our_own_instructions_are_searched_for_the_chart_only(boundary: PhiBoundary) -> None:
    text = "Version of March 3rd, 2026. Never write Marlowe."
    assert boundary.redact(text, ours=True).text == "Version of March 3rd, 2026. Never write [CLIENT]."


@pytest.mark.parametrize(
    "said", ["She started at quillmere in May.", "Quillmere Freight called.", "at quillmere freight"]
)
def test_an_institution_is_known_by_its_first_word_when_that_is_no_word(said: str) -> None:
    chart = ChartIdentifiers((Identifier(IdentifierType.EMPLOYER, "Quillmere Freight, LLC"),))
    redaction = PhiBoundary(chart).redact(said)
    assert "uillmere" not in redaction.text
    assert redaction.counts == {"EMPLOYER": 1}


def test_an_institution_is_not_known_by_a_first_word_that_is_one() -> None:
    chart = ChartIdentifiers((Identifier(IdentifierType.EMPLOYER, "Harbor Freight"),))
    assert PhiBoundary(chart).redact("We walked to the harbor.").text == "We walked to the harbor."


def test_a_spoken_number_ends_before_the_next_clause(boundary: PhiBoundary) -> None:
    said = "call six one seven five five five oh one nine nine, i live close by"
    assert boundary.redact(said).text == "call [PHONE_1], i live close by"
