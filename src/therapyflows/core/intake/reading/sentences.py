"""Forms that are written as sentences with blanks: "I live at ____ in the city of ____".

What a blank asks for, the words before it say, back to the blank before; "born on" behind the owner of an insurance
card is the owner's birth date.  Only pages that speak in the first person again and again are read so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from therapyflows.core.intake.model import Extracted
from therapyflows.core.intake.page import Rect, Word
from therapyflows.core.intake.reading.answers import Answer
from therapyflows.core.intake.reading.choices import checked_state, circled
from therapyflows.core.intake.reading.lines import around, lines_of
from therapyflows.core.intake.reading.meaning import YES_NO, field_of
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.vocabulary import vocabulary

_FEWEST = 5
"""Blanks behind words in the first person, from which a page is one of sentences."""
_SHARE = 1 / 3
"""Of all blanks: a form that is friendly, and says "I" here and there, is still one of labels."""
_MOST_WORDS = 14
_FIRST_PERSON = re.compile(r"\b(i|my|me)\b")
_OPTIONS = re.compile(r"\b(have|am|do|was|did) (?:/ )?\1 not (.+)$")
_QUESTION = {"have": "have you", "am": "are you", "do": "do you", "was": "were you", "did": "did you"}


@dataclass(frozen=True, slots=True)
class Blank:
    """A line to write on, and the words before it."""

    at: Rect
    before: str


def told(reading: Reading, today: date) -> tuple[list[tuple[str, Extracted[Any]]], list[Rect]]:
    """What the sentences of a page say, and where they stand, from the first to the last; nothing where it has none."""
    blanks = list(_blanks(reading))
    personal = sum(bool(_FIRST_PERSON.search(blank.before)) for blank in blanks)
    if personal < max(_FEWEST, _SHARE * len(blanks)):
        return [], []
    found: list[tuple[str, Extracted[Any]]] = []
    last = ""
    for blank in blanks:
        path = vocabulary().completed(blank.before, last)
        if path is None:
            continue
        last = path
        answer = _on(blank, reading)
        if path in vocabulary().sentence_paths and not answer.empty:
            found.append((path, field_of(path, Label(path, blank.at, (), None), answer, reading, today)))
    found.extend(_chosen(reading))
    return found, [around(_line_of(blank.at) for blank in blanks)]


def _line_of(at: Rect) -> Rect:
    return Rect(0, at.top - 12, 10_000, at.bottom + 3)


def _blanks(reading: Reading) -> Iterator[Blank]:
    """The blanks of a page in reading order."""
    page = reading.sheet.page
    rules = [rule.at for rule in page.rules if rule.horizontal and 24 <= rule.at.width <= 0.85 * page.width]
    written = {id(word) for at in rules for word in page.words if _stands_on(word, at)}
    printed = [word for word in page.words if id(word) not in written]
    blanks = [_placeholder(at) for at in rules]
    places = {id(word): at for word, at in zip(blanks, rules, strict=True)}
    before: list[str] = []
    for line in lines_of([*printed, *blanks]):
        for word in line:
            if id(word) not in places:
                before.append(word.text)
                continue
            yield Blank(places[id(word)], " ".join(before[-_MOST_WORDS:]).lower())
            before = []


def _placeholder(at: Rect) -> Word:
    return Word("", Rect(at.left, at.top - 9, at.right, at.top))


def _stands_on(word: Word, at: Rect) -> bool:
    return at.left - 2 <= word.at.center[0] <= at.right + 2 and -5 <= at.top - word.at.bottom <= 5


def _on(blank: Blank, reading: Reading) -> Answer:
    """What is written on the blank."""
    on_it = [word for word in reading.sheet.page.words if _stands_on(word, blank.at)]
    words = tuple(
        word for word in on_it if any(c.isalnum() for c in word.text)
    )  # a comma of the sentence is none of it
    area = Rect(blank.at.left - 3, blank.at.top - 13, blank.at.right + 3, blank.at.top + 4)
    fields = tuple(reading.sheet.fields_in(area))
    reading.used.update(id(field) for field in fields)
    return Answer(words, (), fields, tuple(reading.sheet.strokes_in(area)), area)


def _chosen(reading: Reading) -> Iterator[tuple[str, Extracted[Any]]]:
    """Sentences of which one half is circled or ticked: "I have / have not been in counseling"."""
    page = reading.sheet.page
    for line in lines_of(page.words):
        said = [word.text.lower().strip("()") for word in line]  # a bracket may be the end of a ring
        match = _OPTIONS.search(" ".join(text for text in said if text))
        if match is None:
            continue
        path = vocabulary().question(f"{_QUESTION[match[1]]} {match[2]}")
        halves = [word for word, text in zip(line, said, strict=True) if text == match[1]][-2:]
        if len(halves) < 2:  # run together with what stands beside it
            continue
        first, second = halves
        value = _taken(line, first, second, reading)
        if path in YES_NO and value is not None:
            box = page.box(first.at.joined(second.at))
            yield path, Extracted(value, False, 0.9, page.method, match[0], page.number, box)


def _taken(line: Sequence[Word], first: Word, second: Word, reading: Reading) -> bool | None:
    """True for "have", False for "have not"; None where neither or both are taken."""
    denied = line[line.index(second) : line.index(second) + 2]
    found = set()
    for value, words in ((True, [first]), (False, denied)):
        whole = Word(" ".join(word.text for word in words), around(word.at for word in words))
        if circled((*words, whole), reading):
            found.add(value)
    for mark in reading.sheet.marks_in(_line_of(around(word.at for word in line))):
        if checked_state(mark, reading) and mark.at.center[0] < second.at.left:
            found.add(mark.at.center[0] < first.at.left)
    return found.pop() if len(found) == 1 else None
