"""Hostile text comes back to the letter, at a length at which work that grows with its square would not end."""

import pytest

from therapyflows.governance.phi import ChartIdentifiers, Detection, Identifier, IdentifierType, PhiBoundary

KIND = IdentifierType
BOUNDARY = PhiBoundary(
    ChartIdentifiers(
        (
            Identifier(KIND.CLIENT, "Marlowe Testperson", "client"),
            Identifier(KIND.CLIENT_CONTACT, "Josefina Examplez", "c-1", "mother"),
            Identifier(KIND.PHONE, "617-555-0199"),
            Identifier(KIND.DATE, "1988-03-05"),
            Identifier(KIND.EMAIL, "m@example.org"),
            Identifier(KIND.ADDRESS, "12 Harbor Street"),
            Identifier(KIND.ZIP, "02139"),
        )
    )
)
PIECES = (
    *("[", "]", "[]", "[a", "[CLIENT", "[CLIENT]", "CLIENT_", "PERSON_1 ", "\\", "_", "{<", "'\"+", "【", "🅐"),
    *(" ", "\n", "a", "A", "1", "one ", "12 ", "march ", "march 5 ", "3/5/1988 ", "m a r l ", "a@", "a.", "my mother "),
    *(
        "617-555-0199",
        "617-555-0199Marlowe02139",
        "Marlowe ",
        "e\u0301\u0302",
        "\u202e\u05d0\u05d1 ",
        "ﷺ",
        "\ud800",
        "\x00",
    ),
)


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_hostile_text_comes_back_to_the_letter(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    boundary = BOUNDARY.another()
    redaction = boundary.redact(text)
    assert boundary.restore(redaction.text) == text
    assert boundary.survivors(redaction.text) == frozenset()


class Everything:
    """A recognizer that takes every word for a new name."""

    def detect(self, text: str) -> list[Detection]:
        found, start = [], 0
        for word in text.split(" and "):
            found.append(Detection(start, start + len(word), KIND.PERSON))
            start += len(word) + len(" and ")
        return found


def test_as_many_strangers_as_words_are_as_many_tokens() -> None:
    text = " and ".join(
        f"Q{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{chr(97 + n // 100)}x" for n in range(2500)
    )
    boundary = PhiBoundary(ChartIdentifiers(), additional=[Everything()])
    redaction = boundary.redact(text)
    assert len(redaction.token_map) == 2500
    assert boundary.restore(redaction.text) == text
