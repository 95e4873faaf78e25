"""Headings on a page, and the sections that they open."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.lines import Run, around
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import vocabulary

_LONGEST_HEADING = 9
"""Words."""
_TITLE = re.compile(
    r"\b(intake|forms?|questionnaire|registration|packet|clinic|center|services|associates|department|program)\b",
    re.IGNORECASE,
)
"""Words of the title of a form, which opens no section whatever else it speaks of."""
_OF_A_NAME = re.compile(r"^\W*names? of\b|\bnames?\W*$", re.IGNORECASE)
"""Words that ask for a name and open no section, whosever it is."""
_OVER_A_FORM = 42.0
"""Points from a heading to the first label under it."""
_BETWEEN_COLUMNS = 24.0
"""Points between runs of a line that stand in columns of their own."""


@dataclass(frozen=True, slots=True)
class Heading:
    section: str
    at: Rect
    run: Run


def headings_of(sheet: Sheet, options: set[int]) -> Iterator[Heading]:
    """Every heading of a page, in reading order; ``options`` are ids of runs that are words of a box."""
    for line in sheet.lines:
        for at, run in enumerate(line):
            if id(run) in options or len(run.words) > _LONGEST_HEADING or _OF_A_NAME.search(run.text):
                continue
            begins = all(stands_out(before, sheet) or vocabulary().heading(before.text) for before in line[:at])
            if _stands_under_words_of_its_cell(run, sheet) or _asks_to_sign(run):
                continue
            listed = vocabulary().heading(_without_title(run, sheet))
            if listed == "other" and _asks_for_a_field(run) and not _name_is_asked_below(run, sheet):
                listed = None  # "Referral source" is more often a question
            section = listed or (_topic(run, sheet) if begins else None)
            if section is not None and _heads(run, line[at + 1 :], sheet, listed=listed is not None):
                yield Heading(section, run.at, run)
                continue
            whole = _whole_line(line, sheet) if at == 0 else None
            if whole is not None:
                yield Heading(whole, run.at, run)
                break


def _whole_line(line: Sequence[Run], sheet: Sheet) -> str | None:
    """The section that a line speaks of which stands out from end to end: "If under 18: parent or guardian"."""
    plain_print = not all(stands_out(run, sheet) for run in line)
    if len(line) < 2 or (plain_print and any(run.style for run in line)) or line[-1].ends_as_label:
        return None
    if any(after.at.left - before.at.right > _BETWEEN_COLUMNS for before, after in pairwise(line)):
        return None
    at = around(run.at for run in line)
    ruled = any(sheet.underline(run.at, sheet.page.width) for run in line)
    if ruled or sheet.fields_in(at) or sheet.marks_in(at) or any(_TITLE.search(run.text) for run in line):
        return None
    text = " ".join(run.text for run in line)
    section = vocabulary().heading_by_topic(text)
    if plain_print:  # a scan tells no bold print: no sentence, and none that may be part of a consent
        return section if section == "guardian" and not text.endswith(".") else None
    return section if section in ("guardian", "emergency") else None


def _without_title(run: Run, sheet: Sheet) -> str:
    """The words without what only says that it is a form: "HEALTH HISTORY QUESTIONNAIRE"."""
    return _TITLE.sub("", run.text).strip() or run.text if stands_out(run, sheet) else run.text


def _stands_under_words_of_its_cell(run: Run, sheet: Sheet) -> bool:
    """Whether it is an answer, under a label in the same cell of a table."""
    if "bold" in run.style.lower() or run.text.isupper():
        return False
    cell = sheet.cell(*run.at.center)
    return cell is not None and any(word.at.bottom < run.at.top + 2 for word in sheet.words_in(cell))


def _topic(run: Run, sheet: Sheet) -> str | None:
    """The section that a run speaks of which looks like a heading: larger, bolder or in capitals, and asks nothing."""
    section = None if _TITLE.search(run.text) else vocabulary().heading_by_topic(run.text)
    shown = stands_out(run, sheet) or run.ends_as_label or section == "emergency"
    if section in ("emergency", "guardian") and shown and _name_is_asked_below(run, sheet):
        return section  # "In case of emergency, call" over its own small form
    if section is None or run.ends_as_label:
        return None
    if vocabulary().meaning(run.text, "client") is not None or vocabulary().question(run.text):
        return None
    return section if section == "emergency" or stands_out(run, sheet) else None


def _name_is_asked_below(run: Run, sheet: Sheet) -> bool:
    """Whether the first thing that is asked for under the words is a name, or whom to call."""
    area = Rect(run.at.left - 12, run.at.bottom, run.at.right, run.at.bottom + _OVER_A_FORM)
    below = sorted((other for other in sheet.runs if area.holds(*other.at.center)), key=_reading_order)
    labels = [other for other in below[:2] if len(other.words) < _LONGEST_HEADING]  # an answer may stand over its label
    return any(_OF_A_NAME.search(other.text) or _asks_whom_to_call(other) for other in labels)


def _asks_whom_to_call(run: Run) -> bool:
    asked = vocabulary().meaning(run.text, "emergency")
    path = vocabulary().question(run.text) if asked is None else asked.path
    return path == "emergency_contact.name"


def _asks_to_sign(run: Run) -> bool:
    meaning = vocabulary().meaning(run.text, "consent") if run.ends_as_label else None
    return meaning is not None and (meaning.path or "").startswith("consents.")


def _asks_for_a_field(run: Run) -> bool:
    meaning = vocabulary().meaning(run.text, "client")
    return meaning is not None and meaning.path is not None


def _reading_order(run: Run) -> tuple[float, float]:
    return round(run.at.top / 4), run.at.left


def is_title(run: Run, sheet: Sheet) -> bool:
    """Whether it is the title of a form: it stands out, asks nothing and speaks of the form."""
    return stands_out(run, sheet) and not run.ends_as_label and _TITLE.search(run.text) is not None


def stands_out(run: Run, sheet: Sheet) -> bool:
    """Whether its letters are bold, in capitals, or larger than most."""
    large = run.at.height > sheet.large_height
    return large or "bold" in run.style.lower() or run.text.isupper()


def _heads(run: Run, after: Sequence[Run], sheet: Sheet, *, listed: bool) -> bool:
    """Whether nothing that could be its answer stands right of it."""
    end = next((other.at.left for other in after if vocabulary().heading(other.text)), sheet.page.width)
    end = min(end, sheet.uprights_right_of(run.at.right, run.at.center[1]))
    area = Rect(run.at.right + 1, run.at.top - 2, end, run.at.bottom + 2)
    if sheet.words_in(area) or sheet.fields_in(area) or sheet.marks_in(area):
        return False
    shown = run.text.isupper() or "bold" in run.style.lower()  # a line of a scan may be higher by chance
    asks = run.text.rstrip().endswith(":") or not listed or not shown
    return not (asks and sheet.underline(run.at, end))
