"""Tokens go out and come back; nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.governance.phi import (
    ChartIdentifiers,
    Identifier,
    IdentifierType,
    PhiBoundary,
    UnknownToken,
    restore,
)

NAMES = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12)
VALUES = st.one_of(
    NAMES,
    st.text(max_size=15),
    st.from_regex(r"[0-9]{3,12}", fullmatch=True),
    st.from_regex(r"[a-z]{1,6}\.[a-z]{1,6}@[a-z]{2,8}\.org", fullmatch=True),
    st.dates().map(str),
    st.sampled_from(["Will", "O'Example", "García-Examplez", "van der Test", "Straße 5", "12 Harbor Street", "A"]),
)
IDENTIFIERS = st.lists(
    st.builds(Identifier, st.sampled_from(sorted(set(IdentifierType) - {IdentifierType.LITERAL})), VALUES), max_size=6
)
SCRAPS = st.sampled_from(
    ["[CLIENT]", "[PERSON_1]", "[", "]", "CLIENT_CONTACT_2", "PHONE_", "_1", "[A B]", "[CLIENT.2]"]
)


@st.composite
def charts_and_texts(draw: st.DrawFn) -> tuple[ChartIdentifiers, str]:
    """A text made of the chart's values in other cases, of scraps of tokens, and of anything."""
    identifiers = draw(IDENTIFIERS)
    values = [i.value for i in identifiers] or [""]
    written = st.sampled_from(values).flatmap(lambda v: st.sampled_from([v, v.upper(), v.lower(), v.title(), f"{v}'s"]))
    pieces = draw(st.lists(st.one_of(written, SCRAPS, st.text(max_size=8)), max_size=12))
    return ChartIdentifiers(tuple(identifiers)), draw(st.sampled_from([" ", ", ", "\n", ""])).join(pieces)


@settings(max_examples=200, deadline=None)
@given(charts_and_texts())
def test_what_was_redacted_is_restored_exactly(case: tuple[ChartIdentifiers, str]) -> None:
    chart, text = case
    boundary = PhiBoundary(chart)
    redaction = boundary.redact(text)
    assert restore(redaction.text, redaction.token_map) == text


def test_an_identifier_that_hangs_on_another_one_goes_too(boundary: PhiBoundary) -> None:
    text = "call 617-555-0199Marlowe or 617-555-0199CLIENT_CONTACT_1"
    redaction = boundary.redact(text)
    assert redaction.text == "call [PHONE_1][CLIENT] or [PHONE_1][LITERAL_1]"
    assert boundary.restore(redaction.text) == text


@st.composite
def charts_and_sentences(draw: st.DrawFn) -> tuple[ChartIdentifiers, str]:
    """A text in which the chart's values stand among ordinary words."""
    identifiers = draw(IDENTIFIERS)
    values = [i.value for i in identifiers] or [""]
    written = st.sampled_from(values).flatmap(lambda v: st.sampled_from([v, v.upper(), v.lower(), v.title(), f"{v}'s"]))
    words = st.sampled_from(
        ["well", "I", "said", "my friend", "left,", "then", "(no)", "we", "7", "talked.", "Yes;", "so?"]
    )
    return ChartIdentifiers(tuple(identifiers)), draw(st.sampled_from([" ", ""])).join(
        draw(st.lists(st.one_of(written, words), max_size=15))
    )


def test_an_age_that_the_rule_lets_stand_is_no_survivor() -> None:
    chart = ChartIdentifiers((Identifier(IdentifierType.AGE, "45"), Identifier(IdentifierType.AGE, "102")))
    assert PhiBoundary(chart).survivors("45 years old") == frozenset()
    assert PhiBoundary(chart).survivors("102 years old") == {"AGE"}


@settings(max_examples=200, deadline=None)
@given(charts_and_sentences())
def test_no_known_identifier_survives(case: tuple[ChartIdentifiers, str]) -> None:
    chart, text = case
    boundary = PhiBoundary(chart)
    left = boundary.redact(text).text
    assert boundary.survivors(left) == frozenset(), (text, left, [i.value for i in chart.identifiers])


@pytest.mark.parametrize("planted", ["[CLIENT]", "[client]", "[Client Contact 1]", "CLIENT_CONTACT_1", "[NOT_A_TYPE]"])
def test_a_token_planted_in_the_source_names_nobody(boundary: PhiBoundary, planted: str) -> None:
    text = f"Marlowe said {planted} did it"
    redaction = boundary.redact(text)
    assert redaction.text == "[CLIENT] said [LITERAL_1] did it"
    assert boundary.restore("[LITERAL_1]") == planted


@pytest.mark.parametrize(
    "answer", ["[CLIENT_CONTACT_9]", "[CLIENT 1]", "[PERSON]", "PERSON_3", "[CLIENT.7]", "[PATIENT_NAME]"]
)
def test_a_token_that_was_never_given_out_is_an_error(boundary: PhiBoundary, answer: str) -> None:
    boundary.redact("Marlowe and Josefina")
    with pytest.raises(UnknownToken) as caught:
        boundary.restore(f"It was {answer} again")
    assert "PERSON" not in str(caught.value)


def test_identifiers_are_not_shown_in_a_repr(chart: ChartIdentifiers, boundary: PhiBoundary) -> None:
    assert "Marlowe" not in repr(chart)
    assert "Marlowe" not in repr(boundary.redact("Marlowe"))
