"""Whether words ask for an answer, by what stands around them, or are an answer themselves."""

import re
from collections.abc import Sequence
from dataclasses import replace

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.lines import Run, around
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import vocabulary

_ROOM_TO_WRITE = 150.0
"""Points: a line or box at least so wide is for an answer in words."""
_CLEARLY_SMALLER = 0.92
_BEFORE_A_BLANK = 12.0
"""Points between a label and the line to write on that belongs to it."""
_UNDER_ITS_LABEL = 2.2
"""In heights of the label: so far under it an answer may stand."""
_ROOMY = 2.6
"""In heights of a label: a cell so high has room for a label and its answer."""
_REQUEST = re.compile(
    r"^\W*(\d+[.)]\s*)?(please|briefly|list|describe|tell|explain|share|indicate|state|name|specify|note|give|write)\b",
    re.IGNORECASE,
)
IN_BRACKETS = re.compile(r"^\([^()]{3,}\)$")
"""The caption under a line to write on."""
MORE_ASKED = re.compile(
    r"^\W*(if (so|yes|any|not)|please |how (much|many|often|long)|when|where|which|who|explain|describe|list)\b"
    r"|^\((?=[a-z])"
    r"|^/\s|^¿",
    re.IGNORECASE,
)
"""What goes on asking on the line of a question, perhaps in another language, and is no answer to it."""
_YES_NO_QUESTION = re.compile(r"^\W*(are|is|do|does|did|have|has|had|was|were|any) .*\?\s*$", re.IGNORECASE | re.DOTALL)
_OF_A_NAME = re.compile(r"^\W*names?\b", re.IGNORECASE)
_OF_THE_HISTORY = (
    "history.", "presenting.", "risk.", "allergies", "medications_text", "takes_no_medications", "consents.",
)  # fmt: skip


def begins_cell(run: Run, sheet: Sheet) -> bool:
    """Whether it is the small label in the upper corner of a box with room for an answer under it."""
    cell = sheet.cell(*run.at.center)
    return cell is not None and cell.height > 1.9 * run.at.height and run.at.top - cell.top < 0.7 * run.at.height


def stands_before_blank(run: Run, sheet: Sheet) -> bool:
    """Whether a line to write on begins right behind the words, which do not stand on one themselves."""
    at = run.at
    blank = sheet.underline(at, at.right + _BEFORE_A_BLANK)
    if blank is None or sheet.words_in(Rect(at.right + 0.5, at.top, blank.left, at.bottom)):
        return False
    return not _is_written_on_a_line(run, sheet)


def answers_label_above(run: Run, reading: Reading) -> bool:
    """Whether the words stand alone right under a label that asks, with nothing behind it, and are set otherwise."""
    cell = reading.sheet.cell(*run.at.center)
    for label in reading.labels:
        last = label.runs[-1]
        asks = label.path is not None or label.ends_as_label
        if (
            cell is not None
            and asks
            and (_stands_over(label, cell, run, reading) or _stands_left(label, cell, reading))
        ):
            return True
        near = 0 < run.at.center[1] - last.at.center[1] < _UNDER_ITS_LABEL * last.at.height
        if not label.ends_as_label or not near or not -8 < run.at.left - label.at.left < 14:
            continue
        behind = Rect(last.at.right, last.at.top, reading.sheet.page.width, last.at.bottom)
        more = " ".join(word.text for word in reading.sheet.words_in(behind))
        if (more and not MORE_ASKED.match(more)) or reading.sheet.marks_in(behind) or reading.sheet.fields_in(behind):
            continue
        otherwise = bool(run.style) and run.style != last.style
        if otherwise or _is_written_on_a_line(run, reading.sheet):
            return not reading.sheet.marks_in(replace(behind, top=run.at.top - 3, bottom=run.at.bottom + 3))
    return False


def _stands_left(label: Label, cell: Rect, reading: Reading) -> bool:
    """Whether the label fills the next cell on the left, in the same row."""
    left = reading.sheet.cell(cell.left - 4, label.at.center[1])
    if left is None or cell.height > _ROOMY * label.at.height:
        return False
    if abs(left.top - cell.top) > 3 or abs(left.bottom - cell.bottom) > 3:
        return False
    words = sum(len(run.words) for run in label.runs)
    return left.holds(*label.at.center) and len(reading.sheet.words_in(left)) == words


def _stands_over(label: Label, cell: Rect, run: Run, reading: Reading) -> bool:
    """Whether the label stands right over a box that holds nothing but these words."""
    if not -3 <= cell.top - label.at.bottom <= 6 or abs(label.at.left - cell.left) > 14:
        return False
    alone = len(reading.sheet.words_in(cell)) == len(run.words)
    return alone and reading.sheet.cell(*label.at.center) is None


def _is_written_on_a_line(run: Run, sheet: Sheet) -> bool:
    """Whether the words stand on a line to write on, which is longer than they are."""
    at = run.at
    return any(
        rule.horizontal
        and rule.at.left < at.center[0] < rule.at.right
        and rule.at.width > at.width + 4
        and -6 <= rule.at.center[1] - at.bottom <= 5
        for rule in sheet.page.rules
    )


def may_ask_for(path: str, text: str) -> bool:
    """Whether the words may be about that field: no yes or no is a name, a number or an employer, no name a history."""
    if path.startswith(_OF_THE_HISTORY):
        return _OF_A_NAME.match(text) is None or path.startswith("consents.")
    return _YES_NO_QUESTION.match(text) is None


def is_printed(text: str, runs: Sequence[Run]) -> bool:
    """Whether the words are surely the form's own, and no answer."""
    asks = runs[-1].ends_as_label or is_request(text) or IN_BRACKETS.match(text) is not None
    return asks or all("bold" in run.style.lower() for run in runs)


def is_request(text: str) -> bool:
    """Whether a sentence asks for an answer without a question mark."""
    return text.rstrip().endswith(".") and _REQUEST.match(text) is not None


def is_answered_beside(run: Run, reading: Reading) -> bool:
    """Whether boxes, a field or yes and no stand on the same line."""
    at = run.at
    area = Rect(at.right, at.top - 4, reading.sheet.page.width, at.bottom + 4)
    return bool(reading.sheet.marks_in(area) or reading.sheet.fields_in(area))


def is_answered_below(runs: Sequence[Run], reading: Reading) -> bool:
    """Whether the words stand alone on their line, over a box or a line to write on."""
    at, sheet = around(run.at for run in runs), reading.sheet
    if any(abs(f.at.left - at.left) < 14 and -4 <= f.at.top - at.bottom <= 14 for f in sheet.page.fields):
        return True
    if len(sheet.lines[runs[-1].line]) > 1:
        return False
    box = sheet.cell(at.left + 6, at.bottom + 9)
    if box is not None and box.top >= at.bottom - 4 and box.width > _ROOM_TO_WRITE:
        return True
    return any(
        rule.horizontal
        and rule.at.width > _ROOM_TO_WRITE
        and abs(rule.at.left - at.left) < 14
        and 6 <= rule.at.top - at.bottom <= 30
        for rule in sheet.page.rules
    )


def labels_a_row(runs: Sequence[Run], sheet: Sheet) -> bool:
    """Whether the words fill a cell of a table, left of a cell of the same height."""
    at = around(run.at for run in runs)
    cell = sheet.cell(*at.center)
    if cell is None or len(sheet.words_in(cell)) > sum(len(run.words) for run in runs):
        return False
    beside = sheet.cell(cell.right + 4, at.center[1])
    return beside is not None and abs(beside.top - cell.top) < 3 and abs(beside.bottom - cell.bottom) < 3


def is_written_otherwise_below(run: Run, reading: Reading) -> bool:
    """Whether what follows close under the words is set in other letters, or is a yes or a no alone."""
    for line in reading.sheet.lines[run.line + 1 : run.line + 3]:
        for below in line:
            if abs(below.at.left - run.at.left) > 12 or not 0 < below.at.top - run.at.bottom + 2 < 1.4 * run.at.height:
                continue
            answered = len(below.words) == 1 and vocabulary().yes_or_no(below.text) is not None
            smaller = run.at.height < _CLEARLY_SMALLER * below.at.height
            return answered or smaller or (run.style != below.style and run.style != "")
    return False
