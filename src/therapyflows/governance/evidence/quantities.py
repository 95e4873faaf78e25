"""Numbers with what they count: doses, durations, frequencies, measurements, dates; in digits or in words."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from therapyflows.governance.evidence.lexicon import word_groups, word_list, word_set
from therapyflows.governance.evidence.tokens import Kind, Token

_UNITS = {word: value for value, word in enumerate(word_list("grammar", "numbers"))} | {"couple": 2, "oh": 0}
_TENS = {word: 10 * value for value, word in enumerate(word_list("grammar", "tens"), 2)}
_ORDINALS = {word: value for value, word in enumerate(word_list("grammar", "ordinals"), 3)}
_SCALES = {"hundred": 100, "thousand": 1000}
_WHOLE = {"once": "1", "twice": "2", "half": "0.5", "dozen": "12"}
_ONE_BEFORE_UNIT = ("a", "an", "last")
_DAYS_AGO = {"yesterday": "1", "fortnight": "2"}
_SHORT_DURATION = {"7": "day", "52": "week", "12": "month"}
"""British shorthand: 3/7 three days, 2/52 two weeks, 6/12 six months."""
_BETWEEN = word_set("grammar", "before_unit")
DOSE_UNITS = frozenset(("mg", "mcg", "g", "ml", "tablet", "puff", "unit"))
LARGEST = 10**9
"""No number in a note is larger; "thousand thousand ..." ends here."""
PRONOUN = "1"
"""The word "one" counts only before a unit."""


class Quantity(NamedTuple):
    """A number in one spelling, the unit it counts ("" when none is near), and its token."""

    value: str
    unit: str
    at: int
    surface: str


@lru_cache(maxsize=1)
def _unit_names() -> Mapping[str, str]:
    return word_groups("people_sides_numbers", "units")


def quantities(tokens: Sequence[Token]) -> list[Quantity]:
    """All numbers of a text, spoken ones put together: "two hundred over ninety" is 200 and 90."""
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        values, end = _number_at(tokens, index)
        if not values:
            index += 1
            continue
        unit = _unit_after(tokens, end)
        found.extend(_quantity(value, unit, tokens, index, end) for value in values)
        index = end
    return [q for q in found if q.value != PRONOUN or q.unit or tokens[q.at].kind is Kind.NUMBER]


def _quantity(value: str, unit: str, tokens: Sequence[Token], index: int, end: int) -> Quantity:
    surface = " ".join(token.word for token in tokens[index:end])
    if tokens[index].word in ("once", "twice") or _word(tokens, index - 1) == "x":
        unit = "time"
    elif tokens[index].word in _DAYS_AGO or _word(tokens, end) == "night":
        unit = "week" if tokens[index].word == "fortnight" else "day"
    return Quantity(value, unit, index, surface)


def _number_at(tokens: Sequence[Token], index: int) -> tuple[tuple[str, ...], int]:
    """The values of the number that begins here and where it ends; a fraction or a pressure gives two."""
    token = tokens[index]
    if token.kind is Kind.NUMBER:
        return _digits(tokens, index)
    if token.kind is not Kind.WORD:
        return (), index
    if token.word == "point" and _digit(tokens, index + 1):
        part, end = _part_after(tokens, index)
        return (f"0{part}",), end
    if token.word == "half" and _word(tokens, index - 2) == "and" and _word(tokens, index - 3) in _unit_names():
        return (), index  # of "a year and a half", which is read at its "a"
    if token.word in _WHOLE:
        return (_WHOLE[token.word],), index + 1
    if token.word in _ONE_BEFORE_UNIT:
        halved = [_word(tokens, index + n) for n in range(2, 5)] == ["and", "a", "half"]
        if halved and _word(tokens, index + 1) in _unit_names():
            return ("1.5",), index + 1  # "a year and a half"
        one = _word(tokens, index + 1) in _unit_names() or (token.word, _word(tokens, index + 1)) == ("last", "night")
        return (("1",), index + 1) if one and not _after_number(tokens, index) else ((), index)
    if token.word in _DAYS_AGO:
        return (_DAYS_AGO[token.word],), index + 1
    return _spoken(tokens, index)


def _after_number(tokens: Sequence[Token], index: int) -> bool:
    """ "40 mg a day": the day is no quantity of its own."""
    return any(t.kind is Kind.NUMBER or t.word in _UNITS or t.word in _WHOLE for t in tokens[max(index - 3, 0) : index])


def _digits(tokens: Sequence[Token], index: int) -> tuple[tuple[str, ...], int]:
    raw = tokens[index].word
    parts = tuple(_plain(part) for part in raw.replace(":", "/").split("/") if part)
    if len(parts) == 2 and parts[1] in _SHORT_DURATION and not _unit_after_word(tokens, index + 1):
        return parts[:1], index + 1
    if len(parts) >= 2 and len(parts[-1]) == 4:
        return parts[-1:], index + 1  # of a date the year; its month is looked for by name
    part, end = _part_after(tokens, index + 1) if len(parts) == 1 else ("", index + 1)
    return (*parts[:-1], f"{parts[-1]}{part}"), end


def _plain(number: str) -> str:
    """``40.0`` and ``040`` are 40."""
    whole, _, rest = number.partition(".")
    rest = rest.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{rest}" if rest else whole


def _spoken(tokens: Sequence[Token], index: int) -> tuple[tuple[str, ...], int]:
    """Number words from here on, put together; "two point five" and "one and a half" have their part."""
    current, at = -1, index
    while at < len(tokens) and tokens[at].kind is Kind.WORD:
        joined = _joined(current, tokens[at].word)
        if joined < 0 and tokens[at].word == "and" and current >= 100 and _joined(current, _word(tokens, at + 1)) >= 0:
            joined = current
        if joined < 0:
            break
        current, at = joined, at + 1
        if _word(tokens, at) == "-" and _joined(current, _word(tokens, at + 1)) >= 0:
            at += 1  # twenty-five
    if current < 0:
        return (), index
    part, end = _part_after(tokens, at)
    return (_plain(f"{current}{part}"),), end


def _word(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].word if 0 <= at < len(tokens) else ""


def _joined(current: int, word: str) -> int:
    """The number that this word makes of the number before it, -1 when it does not belong to it."""
    value = _UNITS.get(word, _TENS.get(word, _ORDINALS.get(word, -1)))
    if word in _SCALES:
        return -1 if current == 0 or current > LARGEST else max(current, 1) * _SCALES[word]
    if value < 0 or current < 0:
        return value
    if current >= 100 and current % 100 == 0:
        return current + value  # two hundred (and) ninety
    if current % 10 == 0 and current % 100 >= 20 and value < 10:
        return current + value  # twenty five
    if 0 < current < 10 and value >= 10:
        return current * 100 + value  # one thirty over eighty
    return current * 100 + value if current in (19, 20) and value >= 10 else -1  # nineteen ninety five


def _part_after(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """ "point five" and "and a half" after a whole number."""
    if _word(tokens, at) == "point" and _digit(tokens, at + 1):
        end = at + 2
        while _digit(tokens, end) and end - at < 4:
            end += 1
        return "." + "".join(_digit(tokens, n) for n in range(at + 1, end)), end
    if [_word(tokens, at + n) for n in range(3)] == ["and", "a", "half"]:
        return ".5", at + 3
    return "", at


def _digit(tokens: Sequence[Token], at: int) -> str:
    word = _word(tokens, at)
    return word if word.isdecimal() and len(word) == 1 else str(_UNITS[word]) if 0 <= _UNITS.get(word, -1) < 10 else ""


def _unit_after(tokens: Sequence[Token], end: int) -> str:
    """The unit within the next words, or of a shorthand duration."""
    raw = tokens[end - 1].word
    short = raw.count("/") == 1 and _SHORT_DURATION.get(raw.split("/")[1])
    return _unit_after_word(tokens, end) or short or ""


def _unit_after_word(tokens: Sequence[Token], end: int) -> str:
    names = _unit_names()
    for token in tokens[end : end + 4]:
        if token.word == "%":
            return "percent"
        if token.word in names:
            return names[token.word]
        if token.word not in _BETWEEN:
            return ""
    return ""


@lru_cache(maxsize=1)
def calendar_words() -> frozenset[str]:
    """Months, weekdays, yesterday and the like."""
    names = ("months", "weekdays", "relative_days")
    return frozenset().union(*(word_set("people_sides_numbers", name) for name in names)) - {"may", "march"}


@lru_cache(maxsize=1)
def number_words() -> frozenset[str]:
    """Words that are numbers."""
    return frozenset((*_UNITS, *_TENS, *_SCALES, *_ORDINALS, *_WHOLE, "a", "an"))


def is_year(quantity: Quantity) -> bool:
    """Whether a number without a unit is the year of a date."""
    value = quantity.value
    return not quantity.unit and len(value) == 4 and value.isdecimal() and 1900 <= int(value) <= 2100


def month_of(word: str) -> str:
    """The month of a date in digits, "01/2021" or "1/15/2021"; "" when the word is none."""
    parts = word.split("/")
    if len(parts) not in (2, 3) or len(parts[-1]) != 4 or len(parts[0]) > 2 or not parts[0].isdecimal():
        return ""
    months = word_list("people_sides_numbers", "months")
    return months[int(parts[0]) - 1] if 1 <= int(parts[0]) <= len(months) else ""
