"""What on a page is a heading, a label or an option, and which section a label belongs to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.asks import (
    IN_BRACKETS,
    MORE_ASKED,
    answers_label_above,
    begins_cell,
    is_answered_below,
    is_answered_beside,
    is_printed,
    is_request,
    is_written_otherwise_below,
    labels_a_row,
    may_ask_for,
    stands_before_blank,
)
from therapyflows.core.intake.reading.headings import headings_of, is_title
from therapyflows.core.intake.reading.item_rows import Row, find_rows
from therapyflows.core.intake.reading.lines import Run, around
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.sections import section_at
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import NOT_TAKEN, Meaning, plain, vocabulary

_BESIDE_A_BOX = 14.0
"""Points between a box to tick and the words of its option."""
_OF_PERSON_ABOVE = re.compile(
    r"^\s*[a-d][.)]\s|^\W*((their|his|her|this person'?s?) )?relation(ship)?\b|\b(they|them|their|this person)\b",
    re.IGNORECASE,
)
"""A label that means something only for the person named before it."""
_CIRCLE = re.compile(r"\b(circle|check|tick|mark)( one)?\)?$", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d{1,2}[.)] ")
_TOTAL_WITHIN = 36.0
"""Points under the last item in which its total stands."""


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
        if own or not near or not label.ends_as_label or not MORE_ASKED.match(run.text) or id(run) in reading.options:
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
    if run.ends_as_label or stands_before_blank(run, reading.sheet):
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
    before_blank = stands_before_blank(runs[-1], reading.sheet)
    if found is None and before_blank:
        found = known.meaning(f"{text}:", own)  # a word that were an answer elsewhere
    if found is not None and found.path is not None:
        return _if_alone(found, runs) if may_ask_for(found.path, text) else NOT_TAKEN
    if found is not None:
        return found
    asks = runs[-1].ends_as_label or is_request(text) or begins_cell(runs[0], reading.sheet)
    asks = asks or (len(runs) == 1 and is_answered_beside(runs[-1], reading)) or is_answered_below(runs, reading)
    asks = asks or (len(runs) == 1 and is_written_otherwise_below(runs[0], reading))
    asks = asks or IN_BRACKETS.match(text) is not None or labels_a_row(runs, reading.sheet)
    words = len(plain(text).split())
    if words < 2 or (not asks and not before_blank):
        return None
    if not runs[-1].ends_as_label and answers_label_above(runs[0], reading):
        return None
    if is_title(runs[0], reading.sheet):
        return NOT_TAKEN
    path = known.question(text)
    if path is not None and may_ask_for(path, text):
        return Meaning(path, "emergency" if path == "emergency_contact.name" else None)
    path = known.resembling(text, own) if before_blank or is_printed(text, runs) else None
    if path is not None and may_ask_for(path, text):
        return Meaning(path, guessed=True)
    return NOT_TAKEN if before_blank and not _CIRCLE.search(text.rstrip(": ")) else None


def _if_alone(found: Meaning, runs: Sequence[Run]) -> Meaning | None:
    return found if len(runs) < 3 or runs[-1].ends_as_label else None
