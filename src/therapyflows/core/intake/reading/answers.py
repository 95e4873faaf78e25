"""Where the answer to a label stands: in its cell or the next one, on its line, or below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from therapyflows.core.intake.page import Field, Mark, Rect, Stroke, Word
from therapyflows.core.intake.reading.captions import are_beside, captioned_line, captions_under
from therapyflows.core.intake.reading.headings import Heading
from therapyflows.core.intake.reading.lines import around, lines_of
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.sections import column_split
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

LONG = {
    "presenting.problem",
    "presenting.onset",
    "presenting.goals",
    "history.medical",
    "history.psychiatric",
    "history.family",
    "history.substance",
    "history.trauma",
    "allergies",
    "risk.details",
    "medications_text",
    "presenting.symptoms",
}
"""Answers that may go on over several lines."""
_BESIDE_ONLY = {"phq9.stated_total", "gad7.stated_total"}
INSTRUCTION = re.compile(
    r"^\W*(please (check|list|describe|circle|mark|tick|select|indicate|complete|answer|print|provide|include|explain)"
    r"|please (write|use)|check (all|any|each|the|one|those)|circle |mark (all|any|one|the|each)|tick "
    r"|select (all|one|any|each)|list (all|any|the)"
    r"|if (so|yes|any|applicable)\b|please (give|tell|state|specify)"
    r"|continue on|attach |use (the )?(back|additional|reverse)|for each|in your own words|if none|write )",
    re.IGNORECASE,
)
_ROWS_APART = 1.6
"""In heights of a box: how far below a row of options the next one may begin."""
_TO_ITS_WORDS = 14.0
"""Points between a box and the words of its option."""
_BOX_BESIDE = 60.0
"""Points from a label to the box that belongs to it."""
_BEHIND_A_BLANK = 30.0
_ROOM = 90.0
"""Points that nobody leaves free at the end of a line that goes on."""
_SHORT_INSTRUCTION = 3
"""Words."""
_FARTHER = 1.12
_CLEARLY_LARGER = 1.2
_LARGER_ON_A_SCAN = 1.28
"""There the height of a line of the same letters differs by its letters."""
_FARTHEST_BELOW = 2.1
"""In heights of the label's text: how far below an answer without a line or box may begin."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands where the answer belongs; everything empty means that nothing was answered."""

    words: tuple[Word, ...] = ()
    marks: tuple[Mark, ...] = ()
    fields: tuple[Field, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    area: Rect | None = None
    certain: bool = True
    """A line, cell or field bounds the place; else it was judged by distance."""

    @property
    def empty(self) -> bool:
        return not (self.words or self.marks or any(f.value.strip() for f in self.fields))

    @property
    def text(self) -> str:
        """Lines joined by a space, typed fields before words."""
        typed = [f.value.strip() for f in self.fields if f.value.strip()]
        if typed:
            return " ".join(typed)
        return " ".join(" ".join(word.text for word in line) for line in lines_of(self.words))

    @property
    def at(self) -> Rect | None:
        places = [f.at for f in self.fields if f.value.strip()] or [w.at for w in self.words]
        places = places or [m.at for m in self.marks if m.checked] or [s.at for s in self.strokes]
        return around(places) if places else self.area

    @property
    def confidence(self) -> float:
        found = [word.confidence for word in self.words] if not any(f.value for f in self.fields) else [1.0]
        found += [mark.confidence for mark in self.marks]
        return min(found, default=1.0) * (1.0 if self.certain else 0.95)


NOTHING = Answer()


def answer_to(label: Label, reading: Reading) -> Answer:
    """What stands where the label's answer belongs."""
    cell = reading.sheet.cell(*label.at.center)
    if cell is not None and not _is_frame(cell, label, reading):
        return _in_cell(label, cell, reading)
    line = captioned_line(label, reading)
    if line is not None:
        return _over(line, label, reading)
    blank = reading.sheet.underline(label.runs[-1].at, reading.sheet.page.width)
    if blank is not None and captions_under(blank, reading):
        return NOTHING  # what stands on it belongs to the captions under it
    found = _in_the_open(label, reading)
    said = any(vocabulary().yes_or_no(word.text) is not None for word in found.words)
    chosen = label.path in LONG or found.fields or found.marks or said
    return found if chosen else _before(label, reading) or found


def _over(line: Rect, label: Label, reading: Reading) -> Answer:
    """What stands on the line: no higher than the next line or label above."""
    top = line.top - 1.6 * max(label.at.height, 9.0) - 4
    for other in _printed(reading):
        if (
            other is not label
            and other.at.bottom < line.top - 3
            and other.at.left < line.right
            and other.at.right > line.left
        ):
            top = max(top, other.at.bottom - 1)
    area = Rect(line.left - 3, top, line.right + 3, line.bottom + 1.5)
    words, fields = reading.sheet.words_in(area), reading.sheet.fields_in(area)
    return Answer(
        tuple(words), tuple(reading.sheet.marks_in(area)), tuple(fields), tuple(reading.sheet.strokes_in(area)), area
    )


def _before(label: Label, reading: Reading) -> Answer | None:
    """Yes and no to circle or to tick left of their question."""
    first = label.runs[0].at
    ends = [other.at.right for other in reading.labels if other.at.right < first.left and are_beside(first, other.at)]
    area = Rect(max(ends, default=first.left - 130.0), first.top - 3.5, first.left - 1, first.bottom + 3.5)
    words = reading.sheet.words_in(area)
    known = [word for word in words if vocabulary().yes_or_no(word.text) is not None]
    marks = reading.sheet.marks_in(area)
    strokes = reading.sheet.strokes_in(area)
    lost = any(stroke.ring and not any(stroke.at.holds(*word.at.center) for word in known) for stroke in strokes)
    if not known or (len(known) < 2 and not marks and not lost) or len(words) > len(known) + 2:
        return None
    return Answer(tuple(words), tuple(marks), (), tuple(strokes), area)


def _is_frame(cell: Rect, label: Label, reading: Reading) -> bool:
    """Whether the cell holds other labels too, and so is a frame around a section."""
    others = [
        other
        for other in reading.labels_in(cell)
        if other is not label and (other.path is not None or other.ends_as_label) and other.path != "risk.details"
    ]
    return bool(others) or any(cell.holds(*h.at.center) for h in reading.headings if h.run not in label.runs)


def _in_cell(label: Label, cell: Rect, reading: Reading) -> Answer:
    if _captions_its_cell(label, cell):
        return _content(Rect(cell.left, cell.top, cell.right, label.at.top + 1), None, reading)
    inside = _content(cell, label, reading)
    beside = reading.sheet.cell(cell.right + 4, label.at.center[1])
    if beside is not None and inside.words and _is_set_as_print(inside, label):
        inside = replace(inside, words=())  # the label goes on there
    if not inside.empty or inside.strokes:
        return inside
    room = cell.bottom - max(word.at.bottom for word in reading.sheet.words_in(cell))
    if room > 1.3 * label.at.height and beside is not None and _has_its_own_label(beside, label, reading):
        return inside
    if beside is not None and abs(beside.top - cell.top) < 4 and abs(beside.bottom - cell.bottom) < 4:
        if not _holds_label(beside, reading):
            return _content(_with_cells_of_row(beside, reading), None, reading)
        if beside.height > 1.9 * label.at.height:
            return inside  # room for an answer under each label of this row
    below = reading.sheet.cell(label.at.center[0], cell.bottom + 4)
    if below is not None and abs(below.left - cell.left) < 4 and abs(below.right - cell.right) < 4:
        roomy = cell.height > 2.3 * label.at.height
        if not roomy and not _holds_label(below, reading):
            return _content(below, None, reading)
    return inside


def _is_set_as_print(inside: Answer, label: Label) -> bool:
    """Whether the words are in the letters of the label and go on right under it."""
    own = label.runs[-1]
    alike = all(word.style == own.style and abs(word.at.height - own.at.height) < 0.3 for word in inside.words)
    first = min(word.at.top for word in inside.words)
    return bool(own.style) and alike and first - own.at.top < 1.4 * own.at.height


def _captions_its_cell(label: Label, cell: Rect) -> bool:
    """Whether the label stands at the bottom of its cell, under the room for its answer."""
    over, under = label.at.top - cell.top, cell.bottom - label.at.bottom
    return over > 1.1 * label.at.height and under < 0.5 * label.at.height and over > 2.5 * under


def _has_its_own_label(cell: Rect, label: Label, reading: Reading) -> bool:
    """Whether words stand in the cell on the height of the label, and others or nothing under them."""
    if reading.sheet.marks_in(cell):
        return False  # the words of options
    lines = lines_of(reading.sheet.words_in(cell))
    level = bool(lines) and abs(around(w.at for w in lines[0]).center[1] - label.at.center[1]) < 0.5 * label.at.height
    return level and label.at.top - cell.top < 0.7 * label.at.height and label.at.height < 0.5 * cell.height


def _with_cells_of_row(cell: Rect, reading: Reading) -> Rect:
    """The cell, and the next ones of its row as long as each holds nothing but boxes to tick."""
    whole = cell
    if not reading.sheet.marks_in(cell) or reading.sheet.words_in(cell):
        return whole
    while True:
        after = reading.sheet.cell(whole.right + 4, cell.center[1])
        if after is None or abs(after.top - cell.top) > 4 or abs(after.bottom - cell.bottom) > 4:
            return whole
        if not reading.sheet.marks_in(after) or reading.sheet.words_in(after):
            return whole
        whole = whole.joined(after)


def _holds_label(cell: Rect, reading: Reading) -> bool:
    return bool(reading.labels_in(cell)) or any(cell.holds(*heading.at.center) for heading in reading.headings)


def _content(area: Rect, label: Label | None, reading: Reading) -> Answer:
    """Everything in the area but the label and instructions."""
    own = {id(word) for run in label.runs for word in run.words} if label else set()
    words = [word for word in reading.sheet.words_in(area) if id(word) not in own]
    if label is not None:
        words = [word for word in words if word.at.center[1] >= label.at.top - 3]
    marks = reading.sheet.marks_in(area)
    return Answer(
        tuple(words if marks else _without_instructions(words)),
        tuple(marks),
        tuple(reading.sheet.fields_in(area)),
        tuple(reading.sheet.strokes_in(area)),
        area,
    )


def _without_instructions(words: list[Word]) -> list[Word]:
    kept: list[Word] = []
    if len(words) <= _SHORT_INSTRUCTION and INSTRUCTION.match(" ".join(word.text for word in words)):
        return []  # over two lines
    for line in lines_of(words):
        if not INSTRUCTION.match(" ".join(word.text for word in line)):
            kept.extend(line)
    return kept


def _in_the_open(label: Label, reading: Reading) -> Answer:
    sheet = reading.sheet
    last = label.runs[-1].at
    end = _end_of_line(label, reading)
    line = sheet.underline(last, end)
    band = Rect(last.right - 0.5, last.top - 3.5, end, last.bottom + 3.5)
    if line is not None:
        blank = Rect(min(last.right - 0.5, line.left - 3), last.top - 5, min(line.right + 4, end), last.bottom + 3.5)
        beside = _in_band(blank, label, reading)
        options = sheet.marks_in(band)
        if options and options[0].at.left < line.left + 2:
            beside = _in_band(band, label, reading)
    else:
        beside = _in_band(band, label, reading)
    if beside.words and line is None and label.text.isupper() and _is_more_of_a_heading(beside.text, label):
        beside = Answer(area=beside.area)  # the rest of a heading
    if beside.words and line is None and not beside.marks and _is_printed_over_a_box(label, beside, sheet):
        return _below(label, reading)
    if beside.marks and label.path not in LONG:
        return _with_stack(beside, label, reading)
    if line is not None and _goes_on_behind(line, sheet):
        return beside
    if not beside.empty or beside.fields:
        return _with_following_lines(label, beside, reading) if label.path in LONG else beside
    box = _box_beside(label, reading)
    if box is not None:
        return _content(box, None, reading)
    if label.path in _BESIDE_ONLY or (line is not None and label.path not in LONG):
        return Answer(strokes=beside.strokes, area=band)
    below = _below(label, reading)
    return below if not below.empty or below.fields else Answer(strokes=beside.strokes, area=beside.area)


def _is_printed_over_a_box(label: Label, beside: Answer, sheet: Sheet) -> bool:
    """Whether what stands beside is set as the label is, and a box to write in begins right under the label."""
    own = label.runs[-1]
    if not own.style or any(w.style != own.style or abs(w.at.height - own.at.height) > 0.3 for w in beside.words):
        return False
    box = sheet.cell(label.at.left + 6, label.at.bottom + 9)
    return box is not None and -3 <= box.top - label.at.bottom <= 6 and abs(box.left - label.at.left) < 8


def _goes_on_behind(blank: Rect, sheet: Sheet) -> bool:
    """Whether the sentence goes on behind the blank, which then holds the whole answer."""
    behind = Rect(blank.right + 0.5, blank.top - 11, blank.right + _BEHIND_A_BLANK, blank.bottom + 3)
    return any(any(c.islower() for c in word.text) or word.text in ".,;" for word in sheet.words_in(behind))


def _is_more_of_a_heading(text: str, label: Label) -> bool:
    return text.isupper() and not label.ends_as_label and not any(letter.isdigit() for letter in text)


def _box_beside(label: Label, reading: Reading) -> Rect | None:
    """The box to write in that begins right of the label."""
    last = label.runs[-1].at
    edge = reading.sheet.uprights_right_of(last.right - 1, last.center[1])
    if edge - last.right > _BOX_BESIDE:
        return None
    box = reading.sheet.cell(edge + 4, last.center[1])
    return box if box is not None and box.height < 60 and not _holds_label(box, reading) else None


def _in_band(band: Rect, label: Label, reading: Reading) -> Answer:
    found = _content(band, label, reading)
    style = label.runs[-1].style if label.runs else ""
    if "bold" in style.lower() and found.words and all(word.style == style for word in found.words) and not found.marks:
        found = replace(found, words=())  # another label, though not known as one
    return Answer(found.words, found.marks, found.fields, found.strokes, band, certain=bool(found.fields))


def _end_of_line(label: Label, reading: Reading) -> float:
    """Where the next label on the line begins, or a vertical line, or another column's heading."""
    last = label.runs[-1].at
    ends = [reading.sheet.uprights_right_of(last.right - 1, last.center[1]), reading.sheet.page.width]
    for other in reading.labels:
        if other is not label and other.at.left > last.right - 2 and are_beside(last, other.at):
            ends.append(other.at.left - 0.5)
    split = column_split(reading, last)
    if split is not None and last.right < split:
        ends.append(split - 3)
    return min(ends)


def _below(label: Label, reading: Reading) -> Answer:
    """The answer under its label, in the label's column."""
    at, sheet = label.at, reading.sheet
    cell = sheet.cell(at.left + 4, at.bottom + 9)
    if cell is not None and cell.top >= at.bottom - 4 and not _holds_label(cell, reading) and cell.height < 250:
        return _content(cell, None, reading)
    right = _column_end(label, reading)
    stop = _next_below(label, right, reading)
    field_area = Rect(at.left - 6, at.bottom - 2, right, min(stop, at.bottom + 40))
    fields = sheet.fields_in(field_area)
    options = sheet.marks_in(field_area) if label.path not in LONG else []
    if fields and not any(mark.at.top < fields[0].at.top + 6 for mark in options):
        wanted = [f for f in fields if abs(f.at.top - fields[0].at.top) < 5] if label.path not in LONG else fields
        return Answer(fields=tuple(wanted), area=field_area)
    return _lines_below(label, right, stop, reading)


def _lines_below(label: Label, right: float, stop: float, reading: Reading) -> Answer:
    at = label.at
    reach = at.bottom + _FARTHEST_BELOW * at.height if label.path not in LONG else stop
    area = Rect(at.left - 8, at.bottom - 1, right, min(stop, max(reach, at.bottom + 4)))
    taken: list[Word] = []
    bottom = at.bottom
    for line in lines_of(w for w in reading.sheet.words_in(area) if w.at.left >= at.left - 9):
        place = around(word.at for word in line)
        if place.top - bottom > 1.9 * at.height or (taken and label.path not in LONG):
            break
        if not taken and _is_heading_in_capitals(line):
            break
        if taken and (
            _is_shouted(line, taken)
            or _is_set_as_the_label(line, taken, label)
            or _asks_anew(line, taken, label, right)
        ):
            break  # the next thing that is asked for, though not known as a label
        bottom = place.bottom
        if not INSTRUCTION.match(" ".join(word.text for word in line)):
            taken.extend(line)
    marks = reading.sheet.marks_in(Rect(area.left, area.top, area.right, min(area.bottom, bottom + 3 * at.height)))
    marks = [m for m in marks if label.path in LONG or m.at.top - at.bottom < _FARTHEST_BELOW * at.height]
    if marks and label.path not in LONG:
        return _with_stack(Answer(tuple(taken), tuple(marks), area=area, certain=False), label, reading)
    if not taken or _is_not_an_answer(label, taken):
        return Answer(marks=tuple(marks), area=area, certain=False)
    return Answer(tuple(taken), tuple(marks), area=area, certain=False)


def _asks_anew(line: Sequence[Word], before: Sequence[Word], label: Label, right: float) -> bool:
    """Whether a line asks for something else, farther below than the answer's own lines are from one another.

    Nothing less ends an answer: a list of what somebody lived through must not lose its second line.
    """
    lines = lines_of(before)
    last, first, this = (around(word.at for word in words) for words in (lines[-1], lines[0], line))
    farther = this.center[1] - last.center[1] > _FARTHER * (first.center[1] - label.runs[-1].at.center[1])
    had_room = last.right + line[0].at.width + _ROOM < right
    return farther and had_room and vocabulary().question(" ".join(word.text for word in line)) is not None


def _is_set_as_the_label(line: Sequence[Word], before: Sequence[Word], label: Label) -> bool:
    """Whether a line is in the label's letters, or bold, and what is above it is not: by font, or by height."""
    own, first = label.runs[0].words[0], before[0]
    larger = _CLEARLY_LARGER if line[0].style != first.style else _LARGER_ON_A_SCAN
    if line[0].at.height > larger * first.at.height:
        return True  # a heading
    if own.style and first.style and own.style != first.style:
        bolder = "bold" in line[0].style.lower() and "bold" not in first.style.lower()
        return line[0].style == own.style or bolder
    heights = [around(word.at for word in words).height for words in (label.runs[0].words, before, line)]
    printed, written, this = heights[0], first.at.height, line[0].at.height
    return printed < 0.92 * written and abs(this - printed) < 0.04 * printed


def _with_stack(first: Answer, label: Label, reading: Reading) -> Answer:
    """Boxes with the ones that stand under them in a column, each with its words, until the next label."""
    highest = min(mark.at.center[1] for mark in first.marks)
    row = sorted((mark for mark in first.marks if mark.at.center[1] - highest < 6), key=lambda mark: mark.at.left)
    column, step = [row[0]], 0.0
    right = _column_end(label, reading) if row[0].at.left < label.at.right else reading.sheet.page.width
    stop = _next_below(label, right, reading)
    if len(row) > 1:
        return _with_second_row(first, row, right, stop, reading)
    for mark in sorted(reading.sheet.page.marks, key=lambda m: m.at.top):
        last = column[-1].at
        apart = mark.at.top - last.top
        if apart < 4 or abs(mark.at.left - last.left) > 4 or mark.at.center[1] >= stop:
            continue
        if apart > (1.5 * step if step else 2.6 * last.height):
            break
        step = step or apart
        column.append(mark)
    if len(column) < 2:
        return first
    last = column[-1].at
    area = Rect(row[0].at.left - 2, row[0].at.top - 3, min(right, _next_column(row[0], reading)), last.bottom + 3)
    return Answer(tuple(reading.sheet.words_in(area)), tuple(column), first.fields, first.strokes, area, first.certain)


def _with_second_row(first: Answer, row: Sequence[Mark], right: float, stop: float, reading: Reading) -> Answer:
    """Options that go on in a second row, which begins under the first box."""
    start = row[0].at
    named = all(any(0 <= word.at.left - mark.at.right < _TO_ITS_WORDS for word in first.words) for mark in row)
    if not named or any(vocabulary().yes_or_no(word.text) is not None for word in first.words):
        return first
    reach = start.bottom + _ROWS_APART * start.height
    places = [mark.at for mark in reading.sheet.page.marks if mark.at.center[1] < stop]
    begins = [at for at in places if abs(at.left - start.left) < 4 and start.bottom <= at.top < reach]
    if not begins:
        return first
    area = Rect(start.left - 2, start.bottom, right, begins[0].bottom + 3)
    marks, words = reading.sheet.marks_in(area), reading.sheet.words_in(area)
    more = [word for word in words if word not in first.words]
    both = [mark for mark in marks if mark not in first.marks]
    whole = area.joined(around(mark.at for mark in row))
    return Answer((*first.words, *more), (*first.marks, *both), first.fields, first.strokes, whole, first.certain)


def _next_column(mark: Mark, reading: Reading) -> float:
    """Where boxes of another column, or a label on the same height, begin."""
    places = [
        m.at.left
        for m in reading.sheet.page.marks
        if m.at.left > mark.at.right + 20 and abs(m.at.center[1] - mark.at.center[1]) < 6
    ]
    places += [
        other.at.left
        for other in reading.labels
        if other.at.left > mark.at.right + 20 and are_beside(mark.at, other.at)
    ]
    return min(places, default=reading.sheet.page.width) - 2


def _is_shouted(line: list[Word], before: Sequence[Word]) -> bool:
    """Whether a line is in capitals after one that is not: a heading."""
    text = " ".join(word.text for word in line)
    return text.isupper() and len(text) > 4 and not " ".join(word.text for word in before).isupper()


def _is_heading_in_capitals(line: list[Word]) -> bool:
    """Whether a line in capitals has no words but those of labels and headings: on a scan it need not be larger."""
    text = " ".join(word.text for word in line)
    long = [word for word in plain(text).split() if len(word) > 3]
    return text.isupper() and len(long) > 1 and all(word in vocabulary().words for word in long)


def _is_not_an_answer(label: Label, words: list[Word]) -> bool:
    """Whether what stands under a short label is rather printed text: many words, or the end of a sentence."""
    if label.path in LONG:
        return False
    text = " ".join(word.text for word in words)
    return len(words) > 9 or (len(words) > 4 and text.endswith((".", ":")))


def _column_end(label: Label, reading: Reading) -> float:
    """The right edge of a label's column: where the next label on the same line begins."""
    ends = [reading.sheet.page.width, reading.sheet.uprights_right_of(label.at.right, label.at.center[1])]
    for other in _printed(reading):
        if other.at.left > label.at.left + 10 and are_beside(label.at, other.at):
            ends.append(other.at.left - 2)
    return min(ends)


def _next_below(label: Label, right: float, reading: Reading) -> float:
    """Where the next label or heading under this one begins."""
    tops = [
        other.at.top
        for other in _printed(reading)
        if other.at.top > label.at.bottom - 3
        and other.at.left < right
        and other.at.right > label.at.left - 6
        and not _same(other, label)
    ]
    return min(tops, default=reading.sheet.page.height)


def _printed(reading: Reading) -> list[Label | Heading]:
    return [*reading.labels, *reading.headings]


def _same(other: Label | Heading, label: Label) -> bool:
    return other is label or (isinstance(other, Heading) and other.run in label.runs)


def _with_following_lines(label: Label, first: Answer, reading: Reading) -> Answer:
    """A long answer goes on below until the next label."""
    if first.fields or not first.words or first.area is None:
        return first
    top = max(word.at.bottom for word in first.words)
    height = first.words[0].at.height
    right = reading.sheet.page.width
    stop = _next_below(label, right, reading)
    area = Rect(label.at.left - 6, top - 1, right, stop)
    taken = list(first.words)
    bottom = top
    for line in lines_of(reading.sheet.words_in(area)):
        place = around(word.at for word in line)
        if place.top - bottom > 1.4 * height or line[0].style != first.words[0].style:
            break
        if _is_shouted(line, first.words) or reading.sheet.cell(*place.center) is not None:
            break
        taken.extend(line)
        bottom = place.bottom
    return Answer(tuple(taken), first.marks, first.fields, first.strokes, first.area, first.certain)
