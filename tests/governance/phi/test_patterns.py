"""What looks like an identifier goes, whoever it belongs to."""

import pytest

from therapyflows.governance.phi import ChartIdentifiers, PhiBoundary


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("mail someone@example.com today", "mail [EMAIL_1] today"),
        ("see https://example.com/a?b=1.", "see [URL_1]."),
        ("from 192.0.2.17 again", "from [IP_1] again"),
        ("it is 123-45-6789", "it is [SSN_1]"),
        ("my social is 123456789", "my social is [SSN_1]"),
        ("call (212) 555-0100 x 22", "call [PHONE_1]"),
        ("call five five five oh one two three", "call [PHONE_1]"),
        ("MRN: 88123-A", "MRN: [RECORD_NUMBER_1]"),
        ("member id is AB1234567", "member id is [MEMBER_NUMBER_1]"),
        ("at 44 North Elm Road, apt 3b", "at [ADDRESS_1]"),
        ("Boston, MA 02110", "[LOCATION_1] [ZIP_021]"),
        ("on 2024-02-03", "on [DATE_1]"),
        ("on 2/3/24", "on [DATE_1]"),
        ("on February 3rd", "on [DATE_1]"),
        ("on the third of june", "on [DATE_1]"),
        ("in June 2021", "in [DATE_1]"),
        ("she is 93 years old", "she is [AGE_OVER_89] years old"),
        ("he is ninety-one years old", "he is [AGE_OVER_89] years old"),
        ("seen at St. Example Regional Hospital then", "seen at [FACILITY_1] then"),
        ("at the hospital and in church", "at the hospital and in church"),
        ("card 4111 1111 1111 1111", "card [ACCOUNT_NUMBER_1]"),
    ],
)
def test_a_pattern_becomes_a_token(text: str, redacted: str) -> None:
    assert PhiBoundary(ChartIdentifiers()).redact(text).text == redacted
