"""The second look finds what the detectors missed, in every form, and nothing in ordinary speech."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary
from therapyflows.governance.phi.survivors import survivors

KIND = IdentifierType


@pytest.mark.parametrize(
    ("leak", "type_"),
    [
        ("so marlowe left", "CLIENT"),
        ("M-A-R-L-O-W-E", "CLIENT"),
        ("m a r l o w e", "CLIENT"),
        ("as M.T. says", "CLIENT"),
        ("as M. T. says", "CLIENT"),
        ("with Willie", "CLIENT_CONTACT"),
        ("with William", "CLIENT_CONTACT"),
        ("to Quillfeather", "CLINICIAN"),
        ("call 617 555 0199", "PHONE"),
        ("call 617.555.0199", "PHONE"),
        ("call six one seven five five five oh one nine nine", "PHONE"),
        ("call six one seven, five five five, 0 1 9 9", "PHONE"),
        ("born 03/05/1988", "DATE"),
        ("born 3-5-88", "DATE"),
        ("born March 5th, 1988", "DATE"),
        ("on 5 March", "DATE"),
        ("born the fifth of march nineteen eighty-eight", "DATE"),
        ("march fifth eighty eight it was", "DATE"),
        ("in Exampleville", "LOCATION"),
        ("12 harbor street", "ADDRESS"),
        ("twelve harbor street", "ADDRESS"),
        ("number tn004512", "RECORD_NUMBER"),
        ("to marlowe.t@example.org", "EMAIL"),
        ("to marlowe dot t at example dot org", "EMAIL"),
        ("at the Blue Heron Bakery, Inc", "EMPLOYER"),
    ],
)
def test_the_second_look_finds_what_was_missed(boundary: PhiBoundary, leak: str, type_: str) -> None:
    assert type_ in boundary.survivors(f"[CLIENT] said {leak}")


def test_nothing_is_read_across_a_token(boundary: PhiBoundary) -> None:
    assert boundary.survivors("617 [PERSON_1] 555 0199, March [DATE_1] 5, m a r [PHONE_1] l o w e") == frozenset()


def test_only_a_token_is_passed_over(boundary: PhiBoundary) -> None:
    assert boundary.survivors("[marlowe] {MARLOWE} [MARLOWE TESTPERSON]") == {"CLIENT", "CLIENT_CONTACT"}


@pytest.mark.parametrize(
    "text",
    [
        "I may call my bill collector in March, or march on. It may be five or six, seven at most.",
        "One of two things: three days, four weeks, fifty-five percent, six one way and seven the other.",
        "We may meet on the 5th. A, B and C are fine. Dr. P. said U.S. rules.",
        "I slept 6 hours, scored 12 on the PHQ-9, and walked 12 blocks to the harbor, then a street.",
    ],
)
def test_ordinary_speech_survives_the_second_look(boundary: PhiBoundary, text: str) -> None:
    assert boundary.survivors(text) == frozenset()


CHART = ChartIdentifiers(
    (
        Identifier(KIND.CLIENT, "Marlowe", "client"),
        Identifier(KIND.CLIENT, "Testperson", "client"),
        Identifier(KIND.CLIENT_CONTACT, "Josefina Examplez", "c-1", "mother"),
        Identifier(KIND.PHONE, "(617) 555-0199"),
        Identifier(KIND.DATE, "1988-03-05"),
        Identifier(KIND.EMAIL, "marlowe.t@example.org"),
    )
)
BOUNDARY = PhiBoundary(CHART)
WORDS = (
    *("Marlowe", "marlowe testperson", "M A R L O W E", "Josefina", "josefina examplez", "617-555-0199"),
    *(
        "oh one nine nine",
        "six one seven",
        "five five five",
        "March",
        "the fifth of",
        "nineteen eighty eight",
        "3/5/1988",
    ),
    *("1988", "5th", "may", "marlowe dot t at example dot org", "well", "I said,", "and", "(so)", "\n"),
)
SAID = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(SAID)
def test_what_the_boundary_redacts_passes_the_second_look(text: str) -> None:
    left = BOUNDARY.another().redact(text).text
    assert survivors(left, CHART) == set(), left
