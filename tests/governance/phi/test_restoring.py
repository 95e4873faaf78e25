"""A model may bend a token as models do; what cannot be attributed is an error."""

import re
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType, PhiBoundary, UnknownToken, restore

TOKENS = {
    "[CLIENT]": "Marlowe",
    "[CLIENT.2]": "Lowe",
    "[CLIENT_MOTHER]": "Josefina",
    "[CLIENT_SISTER_1]": "Bea",
    "[CLIENT_SISTER_2]": "Cara",
    "[CLINICIAN]": "Dr. Quillfeather",
    "[PERSON_1]": "Barnaby",
    "[PERSON_1.2]": "Mr. Nosuchname",
    "[PERSON_12]": "Una",
    "[DATE+3d]": "January 13",
    "[DATE-13407d]": "3/5/1988",
    "[DATE_1]": "June 2021",
    "[AGE_OVER_89]": "93",
    "[ZIP_021]": "02139",
    "[EMAIL_1]": "m@example.org",
    "[ADDRESS_1]": "12 Harbor Street",
    "[RECORD_NUMBER_1]": "TN-004512",
}


def broken_line(token: str, at: int) -> str:
    """The token with a line break somewhere inside, but not inside a number."""
    places = [i for i in range(2, len(token) - 1) if not (token[i - 1].isdigit() and token[i].isdigit())]
    cut = places[at % len(places)]
    return f"{token[:cut]}\n{token[cut:]}"


BENDS = {
    "as it is": lambda t, n: t,
    "lower case": lambda t, n: t.lower(),
    "title case": lambda t, n: t.title(),
    "spaces inside": lambda t, n: f"[ {t[1:-1]} ]",
    "spaces for underscores": lambda t, n: t.replace("_", " "),
    "hyphens for underscores": lambda t, n: t if "DATE" in t else t.replace("_", "-"),
    "escaped underscores": lambda t, n: t.replace("_", r"\_"),
    "escaped brackets": lambda t, n: rf"\{t[:-1]}\]",
    "full-width brackets": lambda t, n: f"［{t[1:-1]}］",
    "corner brackets": lambda t, n: f"【{t[1:-1]}】",
    "braces": lambda t, n: f"{{{t[1:-1]}}}",
    "doubled braces": lambda t, n: f"{{{{{t[1:-1]}}}}}",
    "angles": lambda t, n: f"<{t[1:-1]}>",
    "bold inside": lambda t, n: f"[**{t[1:-1]}**]",
    "code inside": lambda t, n: f"[`{t[1:-1]}`]",
    "a line break": broken_line,
    "a zero-width space": lambda t, n: f"{t[:3]}\u200b{t[3:]}",
    "another minus": lambda t, n: t.replace("-", "−"),
    "a string joined of two": lambda t, n: f'{t[:3]}" + "{t[3:]}',
    "full-width letters": lambda t, n: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
}


@pytest.mark.parametrize("bend", BENDS)
@pytest.mark.parametrize("token", TOKENS)
def test_a_bent_token_is_restored(token: str, bend: str) -> None:
    for at in range(4):
        assert restore(f"So {BENDS[bend](token, at)} it was", TOKENS) == f"So {TOKENS[token]} it was"


@pytest.mark.parametrize(
    ("answer", "restored"),
    [
        ("[CLIENT]'s", "Marlowe's"),
        ("[CLIENT]s", "Marlowes"),
        ("[CLIENT's] mother", "Marlowe's mother"),
        ("[CLIENT’s] mother", "Marlowe’s mother"),
        ("the [CLIENTS]", "the Marlowes"),
        ("[client_mother's]", "Josefina's"),
        ("**[CLIENT]**", "**Marlowe**"),
        ("_[CLIENT]_", "_Marlowe_"),
        ("([CLIENT])", "(Marlowe)"),
        ("CLIENT_MOTHER said", "Josefina said"),
        (r"CLIENT\_MOTHER said", "Josefina said"),
        ("CLIENT_MOTHER's", "Josefina's"),
        ("[CLIENT_MOTHER said", "Josefina said"),
        ("CLIENT_MOTHER] said", "Josefina said"),
        ("[CLIENT said", "Marlowe said"),
        ("CLIENT] said", "Marlowe said"),
        ("person_1 and PERSON_12", "Barnaby and Una"),
        ("[PERSON_1.2] or PERSON_1.2", "Mr. Nosuchname or Mr. Nosuchname"),
        ("DATE+3d and DATE-13407d", "January 13 and 3/5/1988"),
        ("[DATE+3 days] and [DATE +3]", "January 13 and January 13"),
        ("[CLIENT][CLIENT_MOTHER]", "MarloweJosefina"),
        ("[[CLIENT]]", "[Marlowe]"),
        ("[CLI-\nENT]", "Marlowe"),
    ],
)
def test_an_inflected_or_broken_token_is_restored(answer: str, restored: str) -> None:
    assert restore(answer, TOKENS) == restored


@pytest.mark.parametrize(
    "answer",
    ["[CLIENT_BROTHER]", "CLIENT_BROTHER", "[CLIENT_SISTER]", "[CLIENT_SISTER_3]", "[PERSON]", "[PERSON_2]", "PERSON_2",
     "[PERSON_ONE]", "[PERSON_1\n2]", "[CLIENT.7]", "[CLIENT 1]", "[DATE+4d]", "[DATE]", "[DATE-3d]", "[DATE-1]",
     "[ZIP_022]", "[AGE]", "[CLIENT_NAME]", "[CLIENT NAME]", "[client's name]", "[PATIENT]", "[NAME]", "CLIENT_NAME",
     "[CLIENT_MUTHER]", "{CLIENT_FATHER}", "<PHONE_1>"],
)  # fmt: skip
def test_an_altered_token_is_an_error_without_text(answer: str) -> None:
    with pytest.raises(UnknownToken) as caught:
        restore(f"so {answer} said", TOKENS)
    assert str(caught.value) == str(UnknownToken())


@pytest.mark.parametrize(
    "text",
    ["Client said so. CLIENT: yes. The client's mother (client) left.", "[laughter] and [inaudible]",
     "a[0] = {b} <p> f(x)", "[1] [2, 3]", "client-centered, person-first, date-night",
     "[the door closes and someone leaves]", "{'a': 1}", "[ ] [x]"],
)  # fmt: skip
def test_what_is_no_token_stays(text: str) -> None:
    assert restore(text, TOKENS) == text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(TOKENS)), st.sampled_from(sorted(BENDS)), st.integers(0, 9)), max_size=8),
    st.sampled_from([" ", ", ", "\n", " and ", ". Then "]),
)
def test_tokens_in_any_order_and_any_bend_are_restored(said: list[tuple[str, str, int]], between: str) -> None:
    answer = between.join(BENDS[bend](token, at) for token, bend, at in said)
    assert restore(answer, TOKENS) == between.join(TOKENS[token] for token, _, _ in said)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([t for t in sorted(TOKENS) if re.search(r"\d", t)]), st.integers(0, 99_999), st.data())
def test_another_number_is_an_error(token: str, number: int, data: st.DataObject) -> None:
    numbers = list(re.finditer(r"\d+", token.replace("OVER_89", "OVER_XX")))
    assume(numbers)
    at = data.draw(st.sampled_from(numbers))
    altered = f"{token[: at.start()]}{number}{token[at.end() :]}"
    assume(altered not in TOKENS)
    with pytest.raises(UnknownToken):
        restore(f"so {altered} said", TOKENS)


CHART = ChartIdentifiers(
    (
        Identifier(IdentifierType.CLIENT, "Marlowe Testperson", "client"),
        Identifier(IdentifierType.CLIENT_CONTACT, "Josefina Examplez", "c1", "Mother"),
        Identifier(IdentifierType.CLIENT_CONTACT, "Robin Testperson", "c2", "wife"),
        Identifier(IdentifierType.PHONE, "617-555-0199"),
        Identifier(IdentifierType.ZIP, "02139"),
        Identifier(IdentifierType.DATE, "1988-03-05"),
    )
)
BOUNDARY = PhiBoundary(CHART, anchor=date(2026, 1, 10))
PIECES = [
    *("Marlowe", "MARLOWE", "Josefina", "robin", "617-555-0199", "02139", "3/5/1988", "January 12, 2026", "ZIP_021"),
    *("[", "]", "{", "}", "\\", "_", "_1", ".2", "'s", "\n", " ", "🅐", "【", "[x]", "\u200b", "<", ">", "**"),
    *("CLIENT", "MOTHER", "[CLIENT", "CLIENT]", "DATE", "+3d", "PERSON_1", "AGE_OVER_89", "he is 93 years old"),
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join))
def test_any_text_comes_back_to_the_letter(text: str) -> None:
    boundary = BOUNDARY.another()
    assert boundary.restore(boundary.redact(text).text) == text
