"""Whatever the text, detectors end quickly and name places inside it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType
from therapyflows.governance.phi.detectors import known_detectors, pattern_detectors
from therapyflows.governance.phi.overlap import resolve

kind = IdentifierType
CHART = ChartIdentifiers(
    (
        Identifier(kind.CLIENT, "Marlowe Testperson", "client"),
        Identifier(kind.CLIENT_CONTACT, "Al Aaaa", "contact-1"),
        Identifier(kind.PHONE, "111-111-1111"),
        Identifier(kind.EMAIL, "a.a@a.org"),
        Identifier(kind.ADDRESS, "1111 A Street"),
        Identifier(kind.DATE, "1988-03-05"),
        Identifier(kind.RECORD_NUMBER, "1111111"),
        Identifier(kind.EMPLOYER, "A A A"),
    )
)
DETECTORS = (*known_detectors(CHART), *pattern_detectors())
PIECES = st.sampled_from(
    [
        "Marlowe", "Dr.", "my boss", "I'm", "lives at", "12", "Elm", "Street", "Apt", "in", "Boston", ", MA", "02110",
        "MRN", "one", "two", "oh", "april", "the", "third", "at", "dot", "com", "@", "O'", "’s", "-", "\n", "|",
        "\u0301", "é", "👋", "\x00", "\u202e", "ß", "İ", "St.", "Clinic", "J.", "#", "(", "https://",
        "data:image/png;base64,", "fax", "x" * 40,
    ]
)  # fmt: skip
HOSTILE = [
    "1 ", "1", "a.", "A ", "A. ", "Abcde ", "one ", "12 Abc ", "1-", "a@a.", "a", "A", "mrn ", "call me at ", "'", "\n",
    "Apt 5 ", "may 1 ", "GB12", "12 st ", "dot at ", "http://", "ab:", "lives at ", "a b c d ", "address of x ", "St. ",
    "Smith and ", "De la ", "Dr. ", " ", "é", "\u0301", "👋", "my name is ", "John ", "In Boston, ", "work at ", "# ",
    "account number ", "01/02/", "O'", "A-", "a.com ", "fax 1 ", "+1", "(1", "marlowe ", "1111 a ", "m t ",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=25), st.sampled_from([" ", "", "\n"]))
def test_detections_lie_in_the_text_and_do_not_overlap_once_resolved(pieces: list[str], gap: str) -> None:
    text = gap.join(pieces)
    found = [detection for detector in DETECTORS for detection in detector.detect(text)]
    assert all(0 <= d.start <= d.end <= len(text) for d in found)
    resolved = resolve(found)
    assert all(before.end <= after.start for before, after in pairwise(resolved))
    assert {i for d in found for i in range(d.start, d.end)} == {i for d in resolved for i in range(d.start, d.end)}


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_a_hostile_text_comes_to_an_end(piece: str) -> None:
    """A pattern that backtracks without bound would meet the time-out of the suite instead."""
    text = (piece * 8_000)[:8_000]
    found = [detection for detector in DETECTORS for detection in detector.detect(text)]
    assert all(0 <= d.start <= d.end <= len(text) for d in found)
