"""Text as the checker reads it: words in one spelling, negations as words of their own, numbers, marks."""

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from therapyflows.governance.evidence.lexicon import load
from therapyflows.governance.evidence.words import base_form, stem

_TOKEN = re.compile(
    r"(?:[a-z]\.){2,}|(?!x\d)[a-z]+-?\d+[a-z\d]*\b|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:/]\d+)*(?:(?:st|nd|rd|th)\b)?|[.?!;\n]+|[,:()—%+•-]",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)$")


class Kind(Enum):
    WORD = "word"
    NUMBER = "number"
    MARK = "mark"
    """A comma, a colon, a bracket: the sentence goes on."""
    STOP = "stop"
    QUESTION = "question"


class Token(NamedTuple):
    """A word, a number or a mark with its place in the text."""

    kind: Kind
    word: str
    """Lower case, folded spelling, contraction cut off."""
    stem: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """All tokens of a text in order; "didn't" becomes "did" and "not"."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        found.extend(Token(kind, word, stemmed, start, end) for kind, word, stemmed in _read(match.group()))
    return found


@lru_cache(maxsize=65536)
def _read(raw: str) -> tuple[tuple[Kind, str, str], ...]:
    if raw[0].isalpha() and any(character.isdecimal() for character in raw):
        return ((Kind.WORD, raw.lower(), raw.lower()),)  # a name with a number in it: A1c, goal g2, COVID-19
    if raw[0].isdecimal():
        number = _ORDINAL.sub("", raw).replace(",", "") if "/" not in raw else raw
        return ((Kind.NUMBER, number, number),)
    if not raw[0].isalpha():
        kind = Kind.QUESTION if "?" in raw else Kind.STOP if raw[0] in ".!;\n•" else Kind.MARK
        return ((kind, raw, raw),)
    words = _words(raw.lower().replace("’", "'"))
    return tuple((Kind.WORD, word, stem(_irregular().get(word, word))) for word in words)


def _words(raw: str) -> tuple[str, ...]:
    if raw == "n't" or raw == "cannot":
        return ("not",)
    written = load("spelling")["abbreviations"].get(raw)
    if written:
        return tuple(written.replace("-", " ").split())
    if raw.endswith("n't"):
        return (raw[:-3] or "do", "not")
    return (fold(base_form(raw.replace(".", ""))),)


@lru_cache(maxsize=1)
def _spellings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), plain) for pattern, plain in load("spelling")["replace"])


@lru_cache(maxsize=1)
def _irregular() -> dict[str, str]:
    """Base forms of irregular ones: slept, sleep."""
    listed = str(load("spelling")["irregular"]).split()
    return dict(zip(listed[::2], listed[1::2], strict=True))


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """The word in the one spelling used here: ``diarrhoea`` -> ``diarrhea``."""
    for pattern, plain in _spellings():
        word = pattern.sub(plain, word)
    return word
