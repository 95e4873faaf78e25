"""PHQ-9 and GAD-7 on a page: each item's row, and which of the four answers is taken in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from therapyflows.core.intake.model import Extracted
from therapyflows.core.intake.page import Field, Mark, Page, Rect, Stroke, Word
from therapyflows.core.intake.reading.choices import checked_state
from therapyflows.core.intake.reading.item_rows import Row, find_rows
from therapyflows.core.intake.reading.lines import Run, around
from therapyflows.core.intake.reading.page_reading import Reading
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

_TICKS = {"x", "×", "✗", "✘", "✓", "✔", "v", "√"}
_MISREAD = {"O": "0", "o": "0", "D": "0", "Q": "0", "l": "1", "I": "1", "|": "1", "i": "1", "Z": "2", "z": "2"}


_HEADS = (("not", "all"), ("several", "days"), ("more over", "half"), ("nearly almost", "every everyday"))
"""Two words over each column that tell it from the others."""


_FEWEST_ALONE = 3
"""Items with one number each, from which their place tells something."""
_ONE_PLACE = 12.0
"""Points."""


@dataclass(frozen=True, slots=True)
class Grid:
    measure: str
    rows: tuple[Row, ...]


def find_grid(measure: str, reading: Reading) -> Grid | None:
    """The items of a measure on this page; None when fewer than three of them stand there."""
    rows = find_rows(measure, reading.sheet)
    return Grid(measure, rows) if rows else None


def answers_of(grid: Grid, reading: Reading) -> dict[int, Extracted[int]]:
    """The answer of each item that stands on this page."""
    grid = _scored_before(grid, reading)
    columns = None if _is_written_in_one_place(grid, reading) else _columns(grid, reading)
    printed = _prints_numbers(grid, reading)
    return {row.item: _answer(row, columns, printed, reading) for row in grid.rows}


def _scored_before(grid: Grid, reading: Reading) -> Grid:
    """The grid with the bands left of its items, where no answer stands right of any."""
    right = [_may_answer(row.band, reading) for row in grid.rows]
    if any(right):
        return grid
    rows = tuple(replace(row, band=replace(row.band, left=0.0, right=_number_left(row, reading))) for row in grid.rows)
    return replace(grid, rows=rows)


def _may_answer(band: Rect, reading: Reading) -> bool:
    """Whether anything but the words of an item stands there."""
    sheet = reading.sheet
    signs = any(_digit(word).text in "0123" or word.text.lower() in _TICKS for word in sheet.words_in(band))
    return bool(signs or sheet.marks_in(band) or sheet.fields_in(band) or sheet.strokes_in(band))


def _number_left(row: Row, reading: Reading) -> float:
    """Where the item begins, with the number that it has."""
    own = [w for w in reading.sheet.words_in(replace(row.text, left=row.text.left - 2)) if w.text.strip(".)").isdigit()]
    number = [w.at.left for w in own if w.text.strip(".)") == str(row.item)]
    return min([row.text.left, *number]) - 1


def _prints_numbers(grid: Grid, reading: Reading) -> bool:
    """Whether numbers to circle are printed: then one number alone is what is left of them, and no answer."""
    digits = [
        w for row in grid.rows for w in map(_digit, reading.sheet.words_in(row.band)) if w.text in ("0", "1", "2", "3")
    ]
    return len(digits) > 1.5 * len(grid.rows)


def _is_written_in_one_place(grid: Grid, reading: Reading) -> bool:
    """Whether each item has one blank for a number: different numbers stand under one another."""
    found = [[w for w in map(_digit, reading.sheet.words_in(row.band)) if w.text in "0123"] for row in grid.rows]
    alone = [words[0] for words in found if len(words) == 1]
    if len(alone) < _FEWEST_ALONE or any(len(words) > 1 for words in found):
        return False
    places = [word.at.center[0] for word in alone]
    return max(places) - min(places) < _ONE_PLACE and len({word.text for word in alone}) > 1


def _columns(grid: Grid, reading: Reading) -> list[float] | None:
    """Where the four answers stand, from left to right."""
    for places in (_mark_columns(grid, reading), _digit_columns(grid, reading), _header_columns(grid, reading)):
        if places is not None:
            return places
    return None


def _mark_columns(grid: Grid, reading: Reading) -> list[float] | None:
    places = [mark.at.center[0] for row in grid.rows for mark in reading.sheet.marks_in(row.band)]
    return _four(places, 0.6 * len(grid.rows))


def _digit_columns(grid: Grid, reading: Reading) -> list[float] | None:
    digits: list[list[float]] = [[], [], [], []]
    for row in grid.rows:
        for word in map(_digit, reading.sheet.words_in(row.band)):
            if word.text in ("0", "1", "2", "3"):
                digits[int(word.text)].append(word.at.center[0])
    often = {value: sorted(places)[len(places) // 2] for value, places in enumerate(digits)
             if len(places) >= 0.5 * len(grid.rows)}  # fmt: skip
    if len(often) == 4:
        middles = [often[value] for value in range(4)]
        return middles if middles == sorted(middles) and min(_steps(middles)) > 8 else None
    return _evenly(often, digits)


def _evenly(often: Mapping[int, float], seen: Sequence[Sequence[float]]) -> list[float] | None:
    """The columns where some numbers were hardly read (a thin 1, those in rings): the others tell, at even steps."""
    if len(often) < 2:
        return None
    low, high = min(often), max(often)
    step = (often[high] - often[low]) / (high - low)
    columns = [often[low] + step * (value - low) for value in range(4)]
    fits = all(abs(place - columns[value]) < 0.3 * step for value, places in enumerate(seen) for place in places)
    return columns if step > 8 and fits else None


def _header_columns(grid: Grid, reading: Reading) -> list[float] | None:
    """By the words over the columns: "Not at all" and so on, also when they take several lines."""
    top = min(row.text.top for row in grid.rows)
    area = Rect(0, top - 90, reading.sheet.page.width, top + 4)
    words = reading.sheet.words_in(area)
    places: list[float] = []
    for first, second in _HEADS:
        lead = [w for w in words if plain(w.text) in first.split()]
        pair = [w for w in words if plain(w.text) in second.split()]
        near = [
            (a, b) for a in lead for b in pair if abs(a.at.center[0] - b.at.center[0]) < 55 and b.at.top >= a.at.top - 3
        ]
        if not near:
            return None
        one, other = max(near, key=lambda both: both[0].at.top)
        places.append((min(one.at.left, other.at.left) + max(one.at.right, other.at.right)) / 2)
    return places if places == sorted(places) else None


def _four(places: Sequence[float], fewest: float) -> list[float] | None:
    groups: list[list[float]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] < 9:
            groups[-1].append(place)
        else:
            groups.append([place])
    full = [group for group in groups if len(group) >= max(2.0, fewest)]
    return [sum(group) / len(group) for group in full] if len(full) == 4 else None


def _steps(places: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise(places)]


def _answer(row: Row, columns: list[float] | None, printed: bool, reading: Reading) -> Extracted[int]:
    page = reading.sheet.page
    fields = reading.sheet.fields_in(row.band)
    if fields:
        return _typed(fields, page)
    marks = reading.sheet.marks_in(row.band)
    words = [_digit(word) for word in reading.sheet.words_in(row.band)]
    if len(marks) >= 4 or (marks and columns):
        return _ticked(marks, columns, reading)
    digits = [word for word in words if word.text in ("0", "1", "2", "3", "①", "②", "③", "⓪")]
    strokes = [s for s in reading.sheet.strokes_in(row.band) if s.at.height < 40 and s.at.width < 60]
    if len(digits) >= 3 or (printed and digits):
        return _circled(digits, strokes, columns, page)
    crosses = [word for word in words if plain(word.text) in _TICKS or word.text in _TICKS]
    if columns and (crosses or strokes):
        return _placed([c.at for c in crosses] or [s.at for s in strokes], columns, page, 0.9)
    if len(digits) == 1 and not strokes:
        return _alone(digits[0], columns, page)
    return Extracted(unreadable=True, page=page.number, box=page.box(strokes[0].at)) if strokes else Extracted()


def _alone(digit: Word, columns: list[float] | None, page: Page) -> Extracted[int]:
    """A number that is written; under another column it may as well be a tick that was read as a number."""
    value = "0123".find(digit.text)
    column = _nearest(digit.at.center[0], columns) if columns else None
    if value < 0 or column not in (None, value):
        return Extracted(unreadable=True, raw=digit.text, page=page.number, box=page.box(digit.at))
    return _found(value, digit.at, page, digit.confidence, digit.text)


def _digit(word: Word) -> Word:
    """A single letter where a number stands, as the number that it was meant as."""
    text = word.text.strip(".,:;()[]")
    return replace(word, text=_MISREAD.get(text, text)) if len(text) == 1 else word


def _typed(fields: Sequence[Field], page: Page) -> Extracted[int]:
    filled = [field for field in fields if field.value.strip()]
    if not filled:
        return Extracted()
    value = _number(filled[0].value)
    if value is None:
        return Extracted(unreadable=True, raw=filled[0].value, page=page.number, box=page.box(filled[0].at))
    return _found(value, filled[0].at, page, 1.0, filled[0].value)


def _number(text: str) -> int | None:
    """0 to 3, or the words of an answer."""
    digit = re.match(r"\s*([0-3])(?!\d)", text)
    if digit:
        return int(digit[1])
    return next((at for at, names in enumerate(vocabulary().answer_columns) if plain(text) in names), None)


def _ticked(marks: Sequence[Mark], columns: list[float] | None, reading: Reading) -> Extracted[int]:
    page = reading.sheet.page
    taken = [mark for mark in marks if checked_state(mark, reading)]
    if len(taken) == 1:
        value = _column_of(taken[0], marks, columns)
        if value is not None:
            return _found(value, taken[0].at, page, taken[0].confidence, taken[0].option)
    doubtful = [mark for mark in marks if checked_state(mark, reading) is None]
    if len(taken) > 1 or doubtful or taken:
        return Extracted(unreadable=True, page=page.number, box=page.box(around(m.at for m in (taken or doubtful))))
    return Extracted()


def _column_of(mark: Mark, marks: Sequence[Mark], columns: list[float] | None) -> int | None:
    if columns is not None:
        return _nearest(mark.at.center[0], columns)
    if len(marks) == 4:
        return sorted(marks, key=lambda m: m.at.left).index(mark)
    return _number(mark.option)


def _circled(
    digits: Sequence[Word], strokes: Sequence[Stroke], columns: list[float] | None, page: Page
) -> Extracted[int]:
    """A ring or a cross on one of the printed numbers."""
    hit = [w for w in digits if any(s.at.holds(*w.at.center, slack=1.0) for s in strokes)]
    ringed = [w for w in digits if w.text in "①②③⓪"]
    if len(hit) != 1 and len(ringed) == 1:
        hit = ringed
    if len(hit) == 1:
        value = "0123".find(hit[0].text)
        if value < 0:  # a ring that was read as part of the number: the column is surer than the sign
            at = _nearest(hit[0].at.center[0], columns) if columns else None
            value = "⓪①②③".index(hit[0].text) if at is None else at
        return _found(value, hit[0].at, page, 0.95 * max(0.9, hit[0].confidence), hit[0].text)
    if len(hit) > 1:
        return Extracted(unreadable=True, page=page.number, box=page.box(around(w.at for w in hit)))
    return _placed([s.at for s in strokes if s.ring], columns, page, 0.9) if columns else Extracted()


def _placed(places: Sequence[Rect], columns: list[float], page: Page, confidence: float) -> Extracted[int]:
    values = {_nearest(place.center[0], columns) for place in places}
    if not values:
        return Extracted()
    value = values.pop()
    if values or value is None:
        return Extracted(unreadable=True, page=page.number, box=page.box(around(places)))
    return _found(value, places[0], page, confidence, "")


def _nearest(x: float, columns: Sequence[float]) -> int | None:
    """The column that a place belongs to; None when it is far from all."""
    distances = [abs(x - column) for column in columns]
    nearest = distances.index(min(distances))
    return nearest if distances[nearest] < 0.5 * min(_steps(columns)) + 2 else None


def _found(value: int, at: Rect, page: Page, confidence: float, raw: str) -> Extracted[int]:
    return Extracted(value, False, round(confidence, 3), page.method, raw or str(value), page.number, page.box(at))


def difficulty_of(grid: Grid, reading: Reading) -> Extracted[int]:
    """The question after the items: which of its four answers is ticked or circled."""
    bottom = max(row.text.bottom for row in grid.rows)
    page = reading.sheet.page
    found: list[tuple[int, Rect, float]] = []
    for value, name in enumerate(vocabulary().difficulty):
        for run in reading.sheet.runs:
            near = bottom < run.at.top < bottom + 130 and fuzz.ratio(plain(run.text), name) > 88
            if near and _is_taken(run, reading):
                found.append((value, run.at, run.confidence))
    if len({value for value, _, _ in found}) != 1:
        return Extracted(unreadable=True, page=page.number) if found else Extracted()
    value, at, confidence = found[0]
    return _found(value, at, page, confidence, vocabulary().difficulty[value])


def _is_taken(run: Run, reading: Reading) -> bool:
    middle = run.at.center[1]
    for mark in reading.sheet.page.marks:
        beside = abs(mark.at.center[1] - middle) < 7 and -2 <= run.at.left - mark.at.right <= 12
        above = abs(mark.at.center[0] - run.at.center[0]) < 14 and 0 < abs(mark.at.center[1] - middle) < 16
        if (beside or above) and checked_state(mark, reading):
            return True
    return any(stroke.ring and stroke.at.holds(*run.at.center) for stroke in reading.sheet.page.strokes)
