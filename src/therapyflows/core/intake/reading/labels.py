"""What on a page is a heading, a label or an option, and which section a label belongs to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.headings import Heading, headings_of, is_title
from therapyflows.core.intake.reading.item_rows import Row, find_rows
from therapyflows.core.intake.reading.lines import Run, around
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import NOT_TAKEN, Meaning, plain, vocabulary

_ROOM_TO_WRITE = 150.0
"""Points: a line or box at least so wide is for an answer in words."""
_CLEARLY_SMALLER = 0.92
_BEFORE_A_BLANK = 12.0
"""Points between a label and the line to write on that belongs to it."""
_UNDER_ITS_LABEL = 2.2
"""In heights of the label: so far under it an answer may stand."""
_ROOMY = 2.6
"""In heights of a label: a cell so high has room for a label and its answer."""
_BESIDE_A_BOX = 14.0
"""Points between a box to tick and the words of its option."""
_REQUEST = re.compile(
    r"^\W*(\d+[.)]\s*)?(please|briefly|list|describe|tell|explain|share|indicate|state|name|specify|note|give|write)\b",
    re.IGNORECASE,
)
_OF_PERSON_ABOVE = re.compile(
    r"^\s*[a-d][.)]\s|^\W*((their|his|her|this person'?s?) )?relation(ship)?\b|\b(they|them|their|this person)\b",
    re.IGNORECASE,
)
"""A label that means something only for the person named before it."""
_IN_BRACKETS = re.compile(r"^\([^()]{3,}\)$")
"""The caption under a line to write on."""
_TAIL = re.compile(
    r"^\W*(if (so|yes|any|not)|please |how (much|many|often|long)|when|where|which|who|explain|describe|list)\b"
    r"|^\((?=[a-z])"
    r"|^/\s|^¿",
    re.IGNORECASE,
)
"""What goes on asking on the line of a question, perhaps in another language, and is no answer to it."""
_CIRCLE = re.compile(r"\b(circle|check|tick|mark)( one)?\)?$", re.IGNORECASE)
_YES_NO_QUESTION = re.compile(r"^\W*(are|is|do|does|did|have|has|had|was|were|any) .*\?\s*$", re.IGNORECASE | re.DOTALL)
_OF_A_NAME = re.compile(r"^\W*names?\b", re.IGNORECASE)
_OF_THE_HISTORY = (
    "history.", "presenting.", "risk.", "allergies", "medications_text", "takes_no_medications", "consents.",
)  # fmt: skip
_NUMBERED = re.compile(r"^\d{1,2}[.)] ")
_TOTAL_WITHIN = 36.0
"""Points under the last item in which its total stands."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label or question.  ``path`` None: its answer is not taken, but it ends the answer before it."""

    path: str | None
    at: Rect
    runs: tuple[Run, ...]
    section: str | None
    is_heading: bool = False
    """It heads a section, and may stand over an answer all the same."""
    is_guessed: bool = False
    """What it asks for was told from what it resembles."""

    @property
    def text(self) -> str:
        return " ".join(run.text for run in self.runs)

    @property
    def ends_as_label(self) -> bool:
        return self.runs[-1].ends_as_label


@dataclass(slots=True)
class Reading:
    """One page with what was recognized on it."""

    sheet: Sheet
    headings: list[Heading] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    options: set[int] = field(default_factory=set)
    """Ids of runs that are the words of an option."""
    measures: list[tuple[str, Rect]] = field(default_factory=list)
    """Where the items of a measure stand, and what follows them."""
    used: set[int] = field(default_factory=set)
    """Ids of fillable fields that a printed label explains."""
    items: list[Rect] = field(default_factory=list)
    """Where the words of the items alone stand: there are no labels among them."""

    def labels_in(self, area: Rect) -> list[Label]:
        return [label for label in self.labels if area.holds(*label.at.center)]


def read_labels(sheet: Sheet, section: str | None) -> Reading:
    """Headings and labels of a page; ``section`` is the one that the page before ended in."""
    reading = Reading(sheet)
    for name in ("phq9", "gad7"):
        rows = find_rows(name, sheet)
        if rows:
            reading.measures.append((name, _with_total(rows)))
            reading.items.extend(row.text for row in rows)
    reading.options = {id(run) for run in sheet.runs if _is_option(run, sheet)}
    reading.headings = list(headings_of(sheet, reading.options))
    claimed: set[int] = set()
    above: str | None = None
    for line in sheet.lines:
        beside: str | None = None
        for run in line:
            if id(run) in claimed:
                continue
            label = _label(run, reading, section, beside, claimed)
            if label is None or label.path is None or label.is_guessed:
                label = _of_person_above(run, reading, above, beside) or label
            if label is None:
                continue
            claimed.update(id(part) for part in label.runs)
            reading.labels.append(label)
            beside = label.section or beside
        above = beside or (above if not line or not any(label.path for label in _on(line, reading)) else None)
    _take_tails(reading)
    reading.labels = _dated_signatures(reading.labels)
    return reading


def _dated_signatures(labels: Sequence[Label]) -> list[Label]:
    """Today's date behind a signature is the day of that, whatever heads the place."""
    found: list[Label] = []
    for label in labels:
        signing = bool(found) and found[-1].path in ("consents.signature", "consents.printed_name")
        if signing and label.path == "completed_on":
            label = replace(label, path="consents.signed_on", section="consent")
        found.append(label)
    return found


def _take_tails(reading: Reading) -> None:
    """Labels with what goes on asking behind them, which then is no label of its own."""
    longer = [_with_tail(label, reading) for label in reading.labels]
    taken = {
        id(run) for label, before in zip(longer, reading.labels, strict=True) for run in label.runs[len(before.runs) :]
    }
    reading.labels = [label for label in longer if id(label.runs[0]) not in taken]
    reading.headings = [heading for heading in reading.headings if id(heading.run) not in taken]


def _with_tail(label: Label, reading: Reading) -> Label:
    """The label with what goes on asking behind it: "Do you smoke? How much?"."""
    runs = list(label.runs)
    line = reading.sheet.lines[runs[-1].line]
    for run in line[line.index(runs[-1]) + 1 :]:
        own = any(run in other.runs and other.path not in (None, label.path) for other in reading.labels)
        near = run.at.left - runs[-1].at.right < 1.2 * run.at.height and run.style == runs[-1].style
        if own or not near or not label.ends_as_label or not _TAIL.match(run.text) or id(run) in reading.options:
            break
        runs.append(run)
    return replace(label, runs=tuple(runs), at=around(run.at for run in runs)) if len(runs) > len(label.runs) else label


def _on(line: Sequence[Run], reading: Reading) -> list[Label]:
    return [label for label in reading.labels if label.runs[0] in line]


def _of_person_above(run: Run, reading: Reading, above: str | None, beside: str | None) -> Label | None:
    """A label that means something only for the person named on the line above ("Relationship")."""
    if beside is not None or above not in ("emergency", "guardian", "insurance_primary", "insurance_secondary"):
        return None
    if id(run) in reading.options or not _OF_PERSON_ABOVE.search(run.text):
        return None
    meaning = vocabulary().meaning(run.text, above)
    return Label(meaning.path, run.at, (run,), above) if meaning is not None and meaning.path else None


def _with_total(rows: Sequence[Row]) -> Rect:
    """The rows of a measure and what stands right under them."""
    whole = around(row.band.joined(row.text) for row in rows)
    return Rect(0, whole.top, whole.right, whole.bottom + _TOTAL_WITHIN)


def last_section(reading: Reading, before: str | None) -> str | None:
    """The section that the next page begins in."""
    if not reading.headings:
        return before
    return max(reading.headings, key=lambda heading: heading.at.top).section


def _is_option(run: Run, sheet: Sheet) -> bool:
    """Whether a box to tick stands right before it."""
    if run.ends_as_label and vocabulary().meaning(run.text, "client") not in (None, NOT_TAKEN):
        return False
    middle = run.at.center[1]
    line = sheet.lines[run.line]
    before = max((other.at.left for other in line[: line.index(run)]), default=0.0)
    return any(
        mark.at.top - 3 <= middle <= mark.at.bottom + 3
        and -2 <= run.at.left - mark.at.right <= _BESIDE_A_BOX
        and mark.at.left > before
        for mark in sheet.page.marks
    )


def _begins_cell(run: Run, sheet: Sheet) -> bool:
    """Whether it is the small label in the upper corner of a box with room for an answer under it."""
    cell = sheet.cell(*run.at.center)
    return cell is not None and cell.height > 1.9 * run.at.height and run.at.top - cell.top < 0.7 * run.at.height


def _label(run: Run, reading: Reading, carried: str | None, beside: str | None, claimed: set[int]) -> Label | None:
    if id(run) in reading.options or any(area.holds(*run.at.center) for area in reading.items):
        return None
    section = section_at(reading, run.at, carried)
    heading = next((h for h in reading.headings if h.run is run), None)
    for runs in _longest_question_first(list(_extents(run, reading, claimed))):
        text = " ".join(part.text for part in runs)
        meaning = _meaning(text, runs, reading, section, beside)
        if meaning is not None:
            return Label(
                meaning.path,
                around(part.at for part in runs),
                tuple(runs),
                meaning.section or (beside if beside and meaning.path is None else meaning.section) or beside,
                heading is not None,
                meaning.guessed,
            )
    offered = _by_options(run, section, reading)
    if offered is not None:
        return Label(offered, run.at, (run,), beside)
    if heading is not None or run.ends_as_label:
        return Label(None, run.at, (run,), beside, heading is not None)
    return None


def _by_options(run: Run, section: str | None, reading: Reading) -> str | None:
    """The field whose options stand behind the words, whatever they are: "Status: [ ] Single [ ] Married"."""
    line = reading.sheet.lines[run.line]
    behind = line[line.index(run) + 1 :] or _line_of_options_below(run, reading)
    until = next((at for at, other in enumerate(behind) if other.ends_as_label), len(behind))  # another question
    words = [plain(word.text) for other in behind[:until] for word in other.words]
    if not (run.ends_as_label or _CIRCLE.search(run.text)) or run.at.width > reading.sheet.page.width / 3:
        return None
    options = set(words)
    fields = {"sex": "demographics.sex", "marital_status": "demographics.marital_status"}
    if section in ("insurance_primary", "insurance_secondary"):
        which = section.removeprefix("insurance_")
        fields = {"subscriber_relationship": f"insurance.{which}.subscriber_relationship"}
    elif section not in (None, "client"):
        return None
    known = vocabulary().offered
    for name, path in fields.items():
        offered = [word for word in words if word in known[name]]
        if len(options & known[name]) > 1 and len(offered) >= 0.5 * sum(map(bool, words)):
            return path
    return None


def _longest_question_first(extents: list[list[Run]]) -> list[list[Run]]:
    """The extents, that of a question over several lines before its lines: the last one says what is asked."""
    whole = extents[-1]
    asks = whole[-1].text.rstrip().endswith("?") or (bool(whole[0].style) and whole[-1].text.rstrip().endswith("."))
    if len(extents) < 2 or not asks:  # without a style, what ends with a full stop may be the answer
        return extents
    known = vocabulary().question(" ".join(run.text for run in whole)) is not None
    return [whole, *extents[:-1]] if known else extents


def _line_of_options_below(run: Run, reading: Reading) -> Sequence[Run]:
    """The next line, where it holds options alone, close under the words."""
    below = reading.sheet.lines[run.line + 1 : run.line + 2]
    close = bool(below) and below[0][0].at.top - run.at.bottom < 1.2 * run.at.height
    return below[0] if close and all(id(other) in reading.options for other in below[0]) else []


def _extents(run: Run, reading: Reading, claimed: set[int]) -> Iterator[list[Run]]:
    """The run alone, and with the lines below that it goes on in."""
    yield [run]
    if run.ends_as_label or _stands_before_blank(run, reading.sheet):
        return
    runs = [run]
    for _ in range(3):
        below = _goes_on_below(runs[-1], run, reading)
        if below is None or id(below) in claimed:
            return
        runs.append(below)
        yield [*runs]
        if below.ends_as_label:
            return


def _goes_on_below(last: Run, first: Run, reading: Reading) -> Run | None:
    lines = reading.sheet.lines
    for line in lines[last.line + 1 : last.line + 4]:
        for run in line:
            close = 0 < run.at.center[1] - last.at.center[1] < 1.7 * last.at.height
            if close and abs(run.at.left - first.at.left) < 14 and run.style == first.style:
                begins = (
                    _had_room(last, first, run)
                    or id(run) in reading.options
                    or _NUMBERED.match(run.text)
                    or _ruled_off(last, run, reading.sheet)
                )
                return None if begins else run
    return None


def _had_room(last: Run, first: Run, below: Run) -> bool:
    """Whether the first word of the next line had had room on this one: then nobody would have wrapped it."""
    widest = max(first.at.right, last.at.right, below.at.right)
    return last.at.right + 3 + below.words[0].at.width < widest - 2


def _ruled_off(above: Run, below: Run, sheet: Sheet) -> bool:
    """Whether a line is drawn between two lines of text."""
    return any(
        rule.horizontal
        and above.at.center[1] < rule.at.center[1] < below.at.center[1]
        and rule.at.left < below.at.left + 10
        and rule.at.right > below.at.left + 10
        for rule in sheet.page.rules
    )


def _meaning(
    text: str, runs: Sequence[Run], reading: Reading, section: str | None, beside: str | None
) -> Meaning | None:
    known = vocabulary()
    own = beside or section
    if own == "medications" or own == "risk":
        own = section
    found = known.meaning(text, own)
    if found is None and beside is not None:
        found = known.meaning(text, section)
    before_blank = _stands_before_blank(runs[-1], reading.sheet)
    if found is None and before_blank:
        found = known.meaning(f"{text}:", own)  # a word that were an answer elsewhere
    if found is not None and found.path is not None:
        return _if_alone(found, runs) if _may_ask_for(found.path, text) else NOT_TAKEN
    if found is not None:
        return found
    asks = runs[-1].ends_as_label or _is_request(text) or _begins_cell(runs[0], reading.sheet)
    asks = asks or (len(runs) == 1 and _is_answered_beside(runs[-1], reading)) or _is_answered_below(runs, reading)
    asks = asks or (len(runs) == 1 and _is_written_otherwise_below(runs[0], reading))
    asks = asks or _IN_BRACKETS.match(text) is not None or _labels_a_row(runs, reading.sheet)
    words = len(plain(text).split())
    if words < 2 or (not asks and not before_blank):
        return None
    if not runs[-1].ends_as_label and _answers_label_above(runs[0], reading):
        return None
    if is_title(runs[0], reading.sheet):
        return NOT_TAKEN
    path = known.question(text)
    if path is not None and _may_ask_for(path, text):
        return Meaning(path, "emergency" if path == "emergency_contact.name" else None)
    path = known.resembling(text, own) if before_blank or _is_printed(text, runs) else None
    if path is not None and _may_ask_for(path, text):
        return Meaning(path, guessed=True)
    return NOT_TAKEN if before_blank and not _CIRCLE.search(text.rstrip(": ")) else None


def _may_ask_for(path: str, text: str) -> bool:
    """Whether the words may be about that field: no yes or no is a name, a number or an employer, no name a history."""
    if path.startswith(_OF_THE_HISTORY):
        return _OF_A_NAME.match(text) is None or path.startswith("consents.")
    return _YES_NO_QUESTION.match(text) is None


def _is_printed(text: str, runs: Sequence[Run]) -> bool:
    """Whether the words are surely the form's own, and no answer."""
    asks = runs[-1].ends_as_label or _is_request(text) or _IN_BRACKETS.match(text) is not None
    return asks or all("bold" in run.style.lower() for run in runs)


def _stands_before_blank(run: Run, sheet: Sheet) -> bool:
    """Whether a line to write on begins right behind the words, which do not stand on one themselves."""
    at = run.at
    blank = sheet.underline(at, at.right + _BEFORE_A_BLANK)
    if blank is None or sheet.words_in(Rect(at.right + 0.5, at.top, blank.left, at.bottom)):
        return False
    return not _is_written_on_a_line(run, sheet)


def _answers_label_above(run: Run, reading: Reading) -> bool:
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
        if (more and not _TAIL.match(more)) or reading.sheet.marks_in(behind) or reading.sheet.fields_in(behind):
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


def _is_request(text: str) -> bool:
    """Whether a sentence asks for an answer without a question mark."""
    return text.rstrip().endswith(".") and _REQUEST.match(text) is not None


def _if_alone(found: Meaning, runs: Sequence[Run]) -> Meaning | None:
    return found if len(runs) < 3 or runs[-1].ends_as_label else None


def _is_answered_beside(run: Run, reading: Reading) -> bool:
    """Whether boxes, a field or yes and no stand on the same line."""
    at = run.at
    area = Rect(at.right, at.top - 4, reading.sheet.page.width, at.bottom + 4)
    return bool(reading.sheet.marks_in(area) or reading.sheet.fields_in(area))


def _is_answered_below(runs: Sequence[Run], reading: Reading) -> bool:
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


def _labels_a_row(runs: Sequence[Run], sheet: Sheet) -> bool:
    """Whether the words fill a cell of a table, left of a cell of the same height."""
    at = around(run.at for run in runs)
    cell = sheet.cell(*at.center)
    if cell is None or len(sheet.words_in(cell)) > sum(len(run.words) for run in runs):
        return False
    beside = sheet.cell(cell.right + 4, at.center[1])
    return beside is not None and abs(beside.top - cell.top) < 3 and abs(beside.bottom - cell.bottom) < 3


def _is_written_otherwise_below(run: Run, reading: Reading) -> bool:
    """Whether what follows close under the words is set in other letters, or is a yes or a no alone."""
    for line in reading.sheet.lines[run.line + 1 : run.line + 3]:
        for below in line:
            if abs(below.at.left - run.at.left) > 12 or not 0 < below.at.top - run.at.bottom + 2 < 1.4 * run.at.height:
                continue
            answered = len(below.words) == 1 and vocabulary().yes_or_no(below.text) is not None
            smaller = run.at.height < _CLEARLY_SMALLER * below.at.height
            return answered or smaller or (run.style != below.style and run.style != "")
    return False


def section_at(reading: Reading, at: Rect, carried: str | None) -> str | None:
    """The section of the heading above, in the same column where headings stand side by side."""
    measure = next((name for name, area in reading.measures if area.holds(*at.center)), None)
    if measure is not None:
        return measure
    above = [h for h in reading.headings if h.at.top <= at.top + 2 and _governs(h, at, reading)]
    if not above:
        return carried
    split = column_split(reading, at)
    if split is not None:
        same = [h for h in above if (h.at.left >= split - 12) == (at.left >= split - 12)]
        above = same or above
    return max(above, key=lambda heading: (round(heading.at.top), heading.at.left)).section


def _governs(heading: Heading, at: Rect, reading: Reading) -> bool:
    """Whether what stands at that place may be under the heading: not left of it, unless it is set in the middle."""
    width = reading.sheet.page.width
    centered = abs(heading.at.center[0] - width / 2) < 40
    return centered or heading.at.left < 0.45 * width or heading.at.left <= at.left + 30


def column_split(reading: Reading, at: Rect) -> float | None:
    """Where the right of two columns begins at this height; None where the page has one.

    A column begins with a heading in the right half and ends where words cross its edge.
    """
    middle = reading.sheet.page.width * 0.42
    right = [h for h in reading.headings if h.at.left > middle and h.at.top <= at.top + 2]
    if not right:
        return None
    begin = max(right, key=lambda heading: heading.at.top)
    crossed = any(
        begin.at.bottom < run.at.center[1] < at.top
        and run.at.left < begin.at.left - 15
        and run.at.right > begin.at.left + 15
        for run in reading.sheet.runs
    )
    crossed = crossed or any(_cuts_across(rule.at, begin, at, reading) for rule in reading.sheet.page.rules)
    full = any(
        begin.at.bottom + 4 < h.at.center[1] <= at.bottom and h.at.left < middle and _spans(h, begin, reading)
        for h in reading.headings
    )
    return None if crossed or full else begin.at.left


def _cuts_across(line: Rect, begin: Heading, at: Rect, reading: Reading) -> bool:
    """Whether a drawn line, not one of a table, runs through both columns below their headings."""
    if line.height > line.width or not begin.at.bottom + 4 < line.center[1] < at.top:
        return False
    if line.left > begin.at.left - 60 or line.right < begin.at.left + 60:
        return False
    uprights = (rule.at for rule in reading.sheet.page.rules if not rule.horizontal)
    return not any(up.top - 3 <= line.center[1] <= up.bottom + 3 for up in uprights)


def _spans(left: Heading, begin: Heading, reading: Reading) -> bool:
    """Whether under a heading on the left, a line of labels crosses or ignores the column of the right one."""
    area = Rect(begin.at.left - 30, left.at.top - 2, reading.sheet.page.width, left.at.bottom + 3)
    crossing = [
        rule
        for rule in reading.sheet.page.rules
        if rule.horizontal
        and rule.at.left < begin.at.left - 40
        and rule.at.right > begin.at.left + 60
        and abs(rule.at.center[1] - left.at.center[1]) < 14
    ]
    return bool(crossing) and not reading.sheet.words_in(area)
