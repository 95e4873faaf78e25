"""Which token stands for what: typed, consistent, useful to a reader."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.governance.phi import ChartIdentifiers, Detection, Identifier, IdentifierType, PhiBoundary, Source
from therapyflows.governance.phi.safe_harbor import may_stay, zip3
from therapyflows.governance.phi.tokens import TokenBook

KIND = IdentifierType
SESSION = date(2026, 1, 10)


def contact(name: str, entity: str, relationship: str = "") -> Identifier:
    return Identifier(KIND.CLIENT_CONTACT, name, entity, relationship)


class Recognizer:
    """Finds these names, as a recognizer would."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def detect(self, text: str) -> list[Detection]:
        return [
            Detection(at, at + len(name), KIND.PERSON, source=Source.LANGUAGE_MODEL)
            for name in self._names
            for at in range(len(text))
            if text.startswith(name, at)
        ]


# --- people of the chart ---


@pytest.mark.parametrize(
    ("said", "token"),
    [
        ("mother", "[CLIENT_MOTHER]"),
        ("Mom", "[CLIENT_MOTHER]"),
        ("Mutter (mother)", "[CLIENT_MOTHER]"),
        ("wife", "[CLIENT_SPOUSE]"),
        ("ex-husband", "[CLIENT_EX_SPOUSE]"),
        ("mother-in-law", "[CLIENT_MOTHER_IN_LAW]"),
        ("Emergency contact", "[CLIENT_EMERGENCY_CONTACT]"),
        ("", "[CLIENT_CONTACT_1]"),
        ("parole officer", "[CLIENT_CONTACT_1]"),
    ],
)
def test_a_contact_is_named_by_the_relationship(said: str, token: str) -> None:
    book = TokenBook(ChartIdentifiers((contact("Josefina", "c1", said),)))
    assert book.token_for(KIND.CLIENT_CONTACT, "c1", "Josefina") == token


def test_two_with_the_same_relationship_are_told_apart_by_a_number_each() -> None:
    book = TokenBook(ChartIdentifiers((contact("Bea", "c1", "sister"), contact("Cara", "c2", "sister"))))
    assert book.token_for(KIND.CLIENT_CONTACT, "c2", "Cara") == "[CLIENT_SISTER_2]"
    assert book.token_for(KIND.CLIENT_CONTACT, "c1", "Bea") == "[CLIENT_SISTER_1]"


# --- people of the text ---


@pytest.mark.parametrize(
    "text",
    [
        "I called my mother Anna.",
        "I called my mom, Anna, again.",
        "my late mother (Anna) said",
        "Anna is my mother.",
        "Anna, your mother, called.",
        "Client's mother Anna called.",
        "The patient's mother named Anna called.",
        "She said her mother Anna left.",
    ],
)
def test_the_text_says_how_somebody_is_related(text: str) -> None:
    boundary = PhiBoundary(ChartIdentifiers(), additional=[Recognizer("Anna")])
    assert boundary.redact(text).text == text.replace("Anna", "[CLIENT_MOTHER]")
    assert boundary.redact("Then Anna came.").text == "Then [CLIENT_MOTHER] came."


@pytest.mark.parametrize(
    "text", ["my friend's mother Anna", "a mother, Anna", "Anna, my mother's friend", "my mother told Anna"]
)
def test_who_is_somebody_elses_relative_is_a_person(text: str) -> None:
    boundary = PhiBoundary(ChartIdentifiers(), additional=[Recognizer("Anna")])
    assert boundary.redact(text).text == text.replace("Anna", "[PERSON_1]")


def test_a_second_mother_is_a_person() -> None:
    chart = ChartIdentifiers(
        (contact("Josefina", "c1", "mother"), contact("Bea", "c2", "sister"), contact("Cara", "c3", "sister"))
    )
    boundary = PhiBoundary(chart, additional=[Recognizer("Anna", "Dora")])
    assert boundary.redact("my mother Anna, my sister Dora").text == "my mother [PERSON_1], my sister [PERSON_2]"


@pytest.mark.parametrize(
    ("names", "tokens"),
    [
        (("Anna Lopez", "Anna", "Ms. Lopez", "ANNA"), ("[PERSON_1]", "[PERSON_1.2]", "[PERSON_1.3]", "[PERSON_1.4]")),
        (("Robert Nosuchname", "Bob"), ("[PERSON_1]", "[PERSON_1.2]")),
        (("Anna", "Anna Lopez"), ("[PERSON_1]", "[PERSON_1.2]")),
        (("Sarah Parker", "Sarah P."), ("[PERSON_1]", "[PERSON_1.2]")),
        (("Anna Lopez", "Anna Baker", "Anna"), ("[PERSON_1]", "[PERSON_2]", "[PERSON_3]")),
        (("Maria", "Mario"), ("[PERSON_1]", "[PERSON_2]")),
        (("Sarah P.", "Paul S."), ("[PERSON_1]", "[PERSON_2]")),
    ],
)
def test_spellings_of_one_person_are_a_family(names: tuple[str, ...], tokens: tuple[str, ...]) -> None:
    book = TokenBook()
    assert tuple(book.token_for(KIND.PERSON, "", name) for name in names) == tokens


# --- dates, ages, ZIP codes (45 CFR 164.514(b)(2)(i)) ---


@pytest.mark.parametrize(
    ("said", "token"),
    [
        ("January 13, 2026", "[DATE+3d]"),
        ("1/10/2026", "[DATE+0d]"),
        ("January 3rd", "[DATE-7d]"),
        ("3/5/1988", "[DATE-13825d]"),
        ("June 2021", "[DATE_1]"),
        ("1/2/1930", "[DATE_1]"),
    ],
)
def test_a_date_becomes_days_from_the_session_unless_it_tells_an_age_over_89(said: str, token: str) -> None:
    assert TokenBook(anchor=SESSION).token_for(KIND.DATE, "", said) == token


def test_one_day_in_two_spellings_is_a_family() -> None:
    book = TokenBook(anchor=SESSION)
    assert [book.token_for(KIND.DATE, "", said) for said in ("1/13/2026", "January 13", "1/13/2026")] == [
        "[DATE+3d]",
        "[DATE+3d.2]",
        "[DATE+3d]",
    ]


def test_without_a_session_days_count_from_the_first_certain_date() -> None:
    book = TokenBook()
    said = ("May 3rd", "3/1/2024", "3/9/2024", "March 5", "2/28/2024")
    assert [book.token_for(KIND.DATE, "", day) for day in said] == [
        "[DATE_1]",
        "[DATE_2]",
        "[DATE_2+8d]",
        "[DATE_2+4d]",
        "[DATE_2-2d]",
    ]


@given(st.dates(date(1950, 1, 1), date(2030, 1, 1)), st.dates(date(1950, 1, 1), date(2030, 1, 1)))
def test_the_number_of_days_is_the_number_of_days(session: date, day: date) -> None:
    token = TokenBook(anchor=session).token_for(KIND.DATE, "", day.isoformat())
    assert token == f"[DATE{(day - session).days:+d}d]"


@pytest.mark.parametrize(("year", "stays"), [("2021", True), ("1940", True), ("1936", False)])
def test_a_year_stays_unless_it_tells_an_age_over_89(year: str, stays: bool) -> None:
    assert may_stay(KIND.DATE, year, SESSION) is stays
    assert not may_stay(KIND.DATE, f"June {year}", SESSION)


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        ("89", True),
        ("eighty-nine", True),
        ("45 years", True),
        ("90", False),
        ("ninety", False),
        ("ninety-one", False),
        ("a hundred and two", False),
        ("old", False),
    ],
)
def test_ages_over_89_go(said: str, stays: bool) -> None:
    assert may_stay(KIND.AGE, said, None) is stays


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("02139", "021"),
        ("02139-1234", "021"),
        ("oh two one three nine", "021"),
        ("03601", "000"),
        ("20500", "000"),
        ("89301", "000"),
        ("2139", "000"),
        ("SW1A 1AA", "000"),
        ("", "000"),
    ],
)
def test_three_digits_of_a_zip_stay_where_enough_people_live(said: str, first: str) -> None:
    assert zip3(said) == first


def test_two_zip_codes_of_one_area_come_back_as_they_were() -> None:
    boundary = PhiBoundary(ChartIdentifiers((Identifier(KIND.ZIP, "02139"), Identifier(KIND.ZIP, "02142"))))
    redaction = boundary.redact("from 02139 to 02142, and 93 years old or 95 years old")
    assert redaction.text == "from [ZIP_021] to [ZIP_021.2], and [AGE_OVER_89] years old or [AGE_OVER_89.2] years old"
    assert boundary.restore(redaction.text) == "from 02139 to 02142, and 93 years old or 95 years old"


# --- a conversation that goes on ---

SAID = st.lists(
    st.one_of(
        st.tuples(
            st.just(KIND.PERSON),
            st.just(""),
            st.sampled_from(["Anna", "Anna Lopez", "Bob", "Robert", "Cara Lopez", "Lopez"]),
        ),
        st.tuples(
            st.just(KIND.DATE),
            st.just(""),
            st.sampled_from(["3/1/2024", "March 1, 2024", "March 9", "June 2021", "1/1/1930"]),
        ),
        st.tuples(st.just(KIND.CLIENT), st.just("client"), st.sampled_from(["Marlowe", "MARLOWE"])),
        st.tuples(st.just(KIND.CLINICIAN), st.sampled_from(["a", "b"]), st.sampled_from(["Ada", "Ben"])),
        st.tuples(st.just(KIND.ZIP), st.just(""), st.sampled_from(["02139", "02142", "03601"])),
        st.tuples(st.just(KIND.LITERAL), st.just(""), st.sampled_from(["[CLIENT]", "[x"])),
    ),
    max_size=12,
)


@settings(max_examples=300)
@given(SAID, st.integers(0, 12), st.sampled_from([None, SESSION]))
def test_a_book_that_is_taken_up_again_gives_the_same_tokens(said, cut: int, anchor: date | None) -> None:
    whole, first = TokenBook(anchor=anchor), TokenBook(anchor=anchor)
    expected = [whole.token_for(*one) for one in said]
    given_out = [first.token_for(*one) for one in said[:cut]]
    second = TokenBook(anchor=anchor)
    second.take_back(first.given())
    assert given_out + [second.token_for(*one) for one in said[cut:]] == expected
    assert second.token_map == whole.token_map


@given(SAID)
def test_no_token_stands_for_two_things(said) -> None:
    book = TokenBook()
    tokens = {one: book.token_for(*one) for one in said}
    assert all(book.token_map[token] == one[2] for one, token in tokens.items())
