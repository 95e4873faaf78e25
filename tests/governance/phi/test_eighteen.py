"""Each of the eighteen identifiers of Safe Harbor goes, typed and as a recognizer gives it, whoever it belongs to."""

from pathlib import Path

import pytest

from therapyflows.governance.phi import ChartIdentifiers, IdentifierType, PhiBoundary
from therapyflows.governance.phi.eighteen import SAFE_HARBOR

Kind = IdentifierType
TYPED = [
    ("A", "Her name is Wilhelmina Nosuchperson.", "Wilhelmina Nosuchperson", Kind.PERSON),
    ("A", "Dr. Okafor saw him.", "Dr. Okafor", Kind.PERSON),
    ("A", "The patient J.S. was seen.", "J.S", Kind.PERSON),
    ("A", "My brother Tevita drinks.", "Tevita", Kind.PERSON),
    ("B", "He lives at 44 North Elm Road, Apt 3B.", "44 North Elm Road, Apt 3B", Kind.ADDRESS),
    ("B", "We moved to Chattanooga, TN.", "Chattanooga, TN", Kind.LOCATION),
    ("B", "It is in Harris County now.", "Harris County", Kind.LOCATION),
    ("B", "My zip code is 37402.", "37402", Kind.ZIP),
    ("B", "Seen at St. Brendan's Hospital.", "St. Brendan's Hospital", Kind.FACILITY),
    ("B", "I work at Quillfeather Plumbing.", "Quillfeather Plumbing", Kind.EMPLOYER),
    ("B", "She goes to Roosevelt High School.", "Roosevelt High School", Kind.SCHOOL),
    ("C", "Admitted on 03/14/2023 again.", "03/14/2023", Kind.DATE),
    ("C", "On Aug 10, '23 she left.", "Aug 10, '23", Kind.DATE),
    ("C", "Noted on 17-Feb-2023 here.", "17-Feb-2023", Kind.DATE),
    ("C", "My aunt is 93 years old.", "93", Kind.AGE),
    ("D", "Call (212) 555-0100 x22.", "(212) 555-0100 x22", Kind.PHONE),
    ("E", "Fax: 212-555-0101 please.", "212-555-0101", Kind.FAX),
    ("F", "Mail someone@example.com.", "someone@example.com", Kind.EMAIL),
    ("G", "SSN 123-45-6789 on file.", "123-45-6789", Kind.SSN),
    ("H", "MRN: ST-998877 today.", "ST-998877", Kind.RECORD_NUMBER),
    ("I", "Member ID AB1234567 is active.", "AB1234567", Kind.MEMBER_NUMBER),
    ("J", "Account number 00123456 was closed.", "00123456", Kind.ACCOUNT_NUMBER),
    ("K", "Driver's license D1234567 expired.", "D1234567", Kind.LICENSE_NUMBER),
    ("L", "Plate 7ABC123 was towed.", "7ABC123", Kind.VEHICLE_ID),
    ("L", "VIN 1HGCM82633A004352 on the form.", "1HGCM82633A004352", Kind.VEHICLE_ID),
    ("M", "Pacemaker serial number PM-448812.", "PM-448812", Kind.DEVICE_ID),
    ("M", "From 00:1B:44:11:3A:B7 again.", "00:1B:44:11:3A:B7", Kind.DEVICE_ID),
    ("N", "See https://example.com/a?b=1.", "https://example.com/a?b=1", Kind.URL),
    ("O", "From 192.0.2.17 again.", "192.0.2.17", Kind.IP),
    ("P", "Voice print ID VP-33812 matched.", "VP-33812", Kind.BIOMETRIC_ID),
    ("Q", "data:image/png;base64,iVBORw0KGgo= is it.", "data:image/png;base64,iVBORw0KGgo=", Kind.PHOTO),
    ("R", "Case number 23-CV-10443 is open.", "23-CV-10443", Kind.OTHER_ID),
    ("R", "My username is quiet_heron42 there.", "quiet_heron42", Kind.OTHER_ID),
]
SPOKEN = [
    ("A", "so my boss xiomara keeps calling", "xiomara", Kind.PERSON),
    ("A", "then doctor okafor came in", "doctor okafor", Kind.PERSON),
    ("A", "i told sarah brown about it", "sarah brown", Kind.PERSON),
    ("A", "my name is grace by the way", "grace", Kind.PERSON),
    ("B", "i live on twelve forty old mill road you know", "twelve forty old mill road", Kind.ADDRESS),
    ("B", "we moved to chattanooga last year", "chattanooga", Kind.LOCATION),
    ("B", "the zip is three seven four oh two", "three seven four oh two", Kind.ZIP),
    ("B", "i work at silver fox bakery now", "silver fox bakery", Kind.EMPLOYER),
    ("C", "i was born april the third ninety one in the south", "april the third ninety one", Kind.DATE),
    ("C", "on the twenty second of june nineteen eighty", "the twenty second of june nineteen eighty", Kind.DATE),
    ("C", "she is ninety four years old", "ninety four", Kind.AGE),
    ("D", "call five five five oh one double nine", "five five five oh one double nine", Kind.PHONE),
    ("E", "fax it to two one two five five five oh one oh one", "two one two five five five oh one oh one", Kind.FAX),
    ("F", "write to jo dot doe at example dot org", "jo dot doe at example dot org", Kind.EMAIL),
    ("G", "my social ends in four four one two", "four four one two", Kind.SSN),
    ("H", "the medical record number is eight eight one two three", "eight eight one two three", Kind.RECORD_NUMBER),
    ("I", "my member id is x q one two three four", "x q one two three four", Kind.MEMBER_NUMBER),
    ("J", "account ending four four one two", "four four one two", Kind.ACCOUNT_NUMBER),
    ("K", "my license is d one two three four five", "d one two three four five", Kind.LICENSE_NUMBER),
    ("L", "the plate is seven a b c one two three", "seven a b c one two three", Kind.VEHICLE_ID),
    ("M", "the serial is four four eight eight one two", "four four eight eight one two", Kind.DEVICE_ID),
    ("N", "it was on w w w dot example dot com", "w w w dot example dot com", Kind.URL),
]  # fmt: skip


@pytest.mark.parametrize(("letter", "text", "value", "kind"), [*TYPED, *SPOKEN])
def test_nothing_of_it_is_left(letter: str, text: str, value: str, kind: IdentifierType) -> None:
    redaction = PhiBoundary(ChartIdentifiers()).redact(text)
    [span] = [span for span in redaction.spans if span.start < text.index(value) + len(value)]
    assert (text[span.start : span.end].rstrip("."), span.type) == (value, kind)


def test_every_line_of_the_rule_is_in_the_table_and_has_an_example() -> None:
    assert [line.letter for line in SAFE_HARBOR] == list("ABCDEFGHIJKLMNOPQR")
    for line in SAFE_HARBOR:
        examples = {kind for letter, _, _, kind in (*TYPED, *SPOKEN) if letter == line.letter}
        assert examples <= set(line.types)
        assert examples


def test_every_type_of_token_stands_for_something_in_the_rule() -> None:
    assert {kind for line in SAFE_HARBOR for kind in line.types} == set(IdentifierType) - {IdentifierType.LITERAL}


def test_the_table_for_auditors_is_this_one() -> None:
    page = (Path(__file__).parents[3] / "docs/compliance.md").read_text("utf-8")
    for line in SAFE_HARBOR:
        tokens = ", ".join(f"`{kind.value}`" for kind in line.types)
        assert f"| {line.letter} | {line.what} | {tokens} | {line.found_by} |" in page
