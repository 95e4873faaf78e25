"""A second, independent look for chart identifiers in a text that was redacted.

Written without the detectors on purpose: it shares word lists with them and nothing of their way of searching, so that
an error in one does not hide in the other.  The text is read in several ways at once (as words, as one row of digits,
with spoken digits, letters and e-mail addresses written out, with its dates understood), and each identifier is looked
up in the readings that fit its type.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache

from therapyflows.governance.phi.dates import read_date
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.model import NAMES, NUMBERS, ChartIdentifiers, Identifier, IdentifierType
from therapyflows.governance.phi.nicknames import nicknames_of
from therapyflows.governance.phi.number_words import DIGIT_WORDS, cardinal, ordinal
from therapyflows.governance.phi.restoring import TOKEN
from therapyflows.governance.phi.safe_harbor import may_stay
from therapyflows.governance.phi.word_lists import word_list

_SHORTEST_NUMBER = 6
"""Shorter numbers must stand alone, or any count could be one."""
_GONE = "\x00"
"""Stands where a token was: nothing is read across it."""
_DIGITS = {word: digit for digit, words in DIGIT_WORDS.items() for word in words}
_BEFORE, _BEHIND = 5, 8
"""Words of a date before and behind its month."""
_MONTH = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_NUMERIC_DATE = re.compile(r"(?<!\d)\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)")
_SPOKEN_MARKS = {"dot": ".", "period": ".", "point": ".", "at": "@", "underscore": "_", "dash": "-", "hyphen": "-"}


def survivors(redacted: str, identifiers: ChartIdentifiers) -> set[IdentifierType]:
    """Types of the chart's identifiers that still stand in the text."""
    readings = _Readings(TOKEN.sub(f" {_GONE} ", redacted))
    # What the rule lets stand is no survivor: an age up to 89.
    asked = (i for i in identifiers.of() if i.type is not IdentifierType.AGE or not may_stay(i.type, i.value, None))
    found = {i.type for i in asked if _look_up(i)(readings, i.value)}
    return found | {type_ for type_, initials in _initials(identifiers) if initials in readings.initials}


class _Readings:
    """One text, read in every way that is needed, each at most once."""

    def __init__(self, clear: str) -> None:
        self._clear = clear
        self.folded = fold(clear)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(re.findall(r"[^\W\d_]+", self.folded))

    @cached_property
    def capitalized(self) -> frozenset[str]:
        return frozenset(fold(word) for word in re.findall(r"[^\W\d_]+", self._clear) if word[0].isupper())

    @cached_property
    def spelled(self) -> str:
        """Letters that stand alone one behind the other ("m-a-r-l-o-w-e"), joined; rows are apart."""
        rows = re.findall(r"(?<![^\W_])[^\W\d_](?:[\s.,\-]{1,3}[^\W\d_](?![^\W_])){2,}", self.folded)
        return " ".join(re.sub(r"[^\w]", "", row) for row in rows)

    @cached_property
    def initials(self) -> frozenset[str]:
        """Capitals with points, "M.T." or "M. T."."""
        found = re.findall(r"(?<![^\W_])([^\W\d_])\.\s?([^\W\d_])\.", self._clear)
        return frozenset(fold(one + other) for one, other in found if one.isupper() and other.isupper())

    @cached_property
    def phrases(self) -> str:
        return " " + " ".join(re.findall(rf"[^\W_]+|{_GONE}", self.folded)) + " "

    @cached_property
    def counted_phrases(self) -> str:
        """The same with numbers in words as digits: "12 harbor street" for "twelve harbor street"."""
        return " ".join(_cardinals().get(word, word) for word in self.phrases.split(" "))

    @cached_property
    def dense(self) -> str:
        """Separators inside a number are dropped, those between words keep numbers apart."""
        return re.sub(r"(?<=\w)[ .()/+-]{1,3}(?=\w)", "", self.folded)

    @cached_property
    def spoken_digits(self) -> str:
        """Everything that is said digit by digit, as digits; anything else stands between the rows."""
        said = re.findall(rf"[^\W\d_]+|\d|{_GONE}", self.folded)
        return "".join(_DIGITS.get(word, word if word.isdigit() else " ") for word in said)

    @cached_property
    def written_marks(self) -> str:
        """Spoken marks of addresses as marks: "marlowe.t@example.org"."""
        marks = "|".join(_SPOKEN_MARKS)
        written = re.sub(rf"(?<!\s)\s{{1,4}}({marks})(?=\s)", lambda m: _SPOKEN_MARKS[m[1]], self.folded)
        return re.sub(r"(?<=[.@_-])\s{1,4}", "", written)

    @cached_property
    def days(self) -> Callable[[date], bool]:
        """Whether a day is named; one without a year is every year's."""
        windows = list(self._windows())
        return lambda day: any(read_date(window, day) == day for window in windows)

    def _windows(self) -> Iterator[str]:
        """Everything that could be a date: numbers with marks, and what stands around the name of a month."""
        yield from _NUMERIC_DATE.findall(self.folded)
        words = re.findall(rf"[a-z]+|\d+|{_GONE}", self.folded)
        for at, word in enumerate(words):
            if _MONTH.fullmatch(word):
                before = _near(words[max(0, at - _BEFORE) : at][::-1])[::-1]
                behind = _near(words[at + 1 : at + 1 + _BEHIND])
                for first in range(len(before) + 1):
                    for last in range(len(behind) + 1):
                        yield " ".join((*before[first:], word, *behind[:last]))


def _near(words: list[str]) -> list[str]:
    """The words of a date: up to a token, another month, or a word that stands in no date."""
    kept: list[str] = []
    for word in words:
        if not (word.isdigit() or word in _date_words()):
            break
        kept.append(word)
    return kept


def _look_up(identifier: Identifier) -> Callable[[_Readings, str], bool]:
    if identifier.type in NAMES:
        return _is_named
    if identifier.type in NUMBERS:
        return _is_numbered
    if identifier.type is IdentifierType.DATE:
        return _is_dated
    if identifier.type in (IdentifierType.EMAIL, IdentifierType.URL):
        return _is_addressed
    return _is_phrase


def _is_named(text: _Readings, name: str) -> bool:
    return any(_is_part_named(text, part) for part in _parts(name))


def _is_part_named(text: _Readings, part: str) -> bool:
    if part in (text.capitalized if _is_ordinary(part) else text.words):
        return True
    if len(part) > 2 and part in text.spelled.split():
        return True
    return not _is_ordinary(part) and any(
        len(short) > 2 and not _is_ordinary(short) and short in text.capitalized for short in _nicknames(part)
    )


def _is_numbered(text: _Readings, value: str) -> bool:
    characters = "".join(re.findall(r"[^\W_]+", fold(value)))
    if len(characters) < _SHORTEST_NUMBER:
        return bool(characters) and f" {characters} " in text.phrases
    return characters in text.dense or (characters.isdigit() and characters in text.spoken_digits)


def _is_dated(text: _Readings, value: str) -> bool:
    try:
        return text.days(date.fromisoformat(value.strip()))
    except ValueError:
        return _stands_alone(fold(value).strip(), text.folded)


def _is_addressed(text: _Readings, value: str) -> bool:
    form = fold(value).strip()
    return _stands_alone(form, text.folded) or _stands_alone(form, text.written_marks)


def _is_phrase(text: _Readings, value: str) -> bool:
    words = re.findall(r"[^\W_]+", fold(value))
    if len(words) == 1 and _is_ordinary(words[0]):
        return words[0] in text.capitalized and f" {words[0]} " in text.phrases
    phrase = f" {' '.join(words)} "
    return bool(words) and (phrase in text.phrases or phrase in text.counted_phrases)


def _stands_alone(form: str, text: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(form)}(?![^\W_])", text) is not None


def _initials(identifiers: ChartIdentifiers) -> Iterator[tuple[IdentifierType, str]]:
    """First and last initial of the client."""
    parts: dict[str, list[str]] = {}
    for identifier in identifiers.of(IdentifierType.CLIENT):
        parts.setdefault(identifier.key, []).extend(_parts(identifier.value))
    for names in parts.values():
        if len(names) > 1:
            yield IdentifierType.CLIENT, names[0][0] + names[1][0]


def _parts(name: str) -> list[str]:
    """The parts of a name that name somebody."""
    words = [word for word in re.findall(r"[^\W\d_]{2,}", fold(name)) if word not in word_list("titles")]
    return [word for word in words if word not in word_list("particles")] or words


def _is_ordinary(word: str) -> bool:
    return len(word) < 3 or word in word_list("ordinary") or word in word_list("particles")


@lru_cache(maxsize=4096)
def _nicknames(part: str) -> frozenset[str]:
    return frozenset(fold(short) for short in nicknames_of(part))


@lru_cache(maxsize=1)
def _date_words() -> frozenset[str]:
    """Numbers in words, and what stands between them."""
    numbers = {word for n in range(100) for word in (*cardinal(n).split(), *ordinal(n or 1).split())}
    return frozenset(numbers | {"the", "of", "st", "nd", "rd", "th", "oh", "hundred", "thousand"})


@lru_cache(maxsize=1)
def _cardinals() -> Mapping[str, str]:
    return {cardinal(n): str(n) for n in range(21)}
