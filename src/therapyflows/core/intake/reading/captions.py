"""Lines to write on whose caption stands under them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from therapyflows.core.intake.page import Rect, Word
from therapyflows.core.intake.reading.headings import stands_out
from therapyflows.core.intake.reading.lines import around
from therapyflows.core.intake.reading.page_reading import Label, Reading

_IN_BRACKETS = re.compile(r"^\(.*\)$")
_SMALL = 0.92
"""Of the usual height of letters."""
_FEWEST_CAPTIONS = 3
"""Captions of a page from which questions in the same letters are captions, too."""
_FULL_WIDTH = 0.7
"""Of the page: a line so wide is more often drawn under a heading than to write on."""


def captioned_line(label: Label, reading: Reading) -> Rect | None:
    """The line to write on that the label is the caption of: it stands close under it, and asks nothing."""
    below = Rect(label.at.left - 6, label.at.bottom - 2, label.at.right, label.at.bottom + 24)
    if any(comb.at.touches(below) for comb in reading.sheet.page.combs):
        return None
    box = reading.sheet.cell(label.at.left + 6, label.at.bottom + 9)
    if box is not None and -3 <= box.top - label.at.bottom <= 6 and abs(box.left - label.at.left) < 8:
        return None  # it stands over a box to write in
    if label.ends_as_label and not _is_small_question(label, reading):
        return None
    lines = [rule.at for rule in reading.sheet.page.rules if rule.horizontal]
    shared = next((part for line in lines if (part := _part_of(label, line, reading)) is not None), None)
    return shared or next((line for line in lines if _captions(label, line, reading)), None)


def _is_small_question(label: Label, reading: Reading) -> bool:
    """Whether it is a question in the letters of captions that stand under other lines of the page."""
    if not label.text.endswith("?"):
        return False
    lines = [rule.at for rule in reading.sheet.page.rules if rule.horizontal]
    others = [o for o in reading.labels if o is not label and not o.ends_as_label and o.path is not None]
    alike = [o for o in others if abs(o.at.height - label.at.height) < 0.1 * label.at.height]
    return sum(any(_captions(o, line, reading) for line in lines) for o in alike) >= _FEWEST_CAPTIONS


def captions_under(line: Rect, reading: Reading) -> list[Label]:
    """The captions of a line that several share: "(Last)", "(First)" and "(Middle)" under one blank."""
    if reading.sheet.cell(line.center[0], line.top - 4) is not None:
        return []  # the edge of a cell
    under = [
        label
        for label in reading.labels
        if -2 <= label.at.top - line.center[1] <= 7
        and line.left - 3 <= label.at.left <= line.right
        and not label.ends_as_label
        and (_IN_BRACKETS.match(label.text) or label.at.height < _SMALL * reading.sheet.usual_height)
    ]
    return sorted(under, key=lambda label: label.at.left) if len(under) > 1 else []


def _part_of(label: Label, line: Rect, reading: Reading) -> Rect | None:
    """The part of a shared line that is for the label: around what stands nearer to it than to the others."""
    captions = captions_under(line, reading)
    if not any(caption is label for caption in captions):
        return None
    on_it = Rect(line.left - 3, line.top - 1.6 * reading.sheet.usual_height, line.right + 3, line.bottom + 1.5)
    written = [around(word.at for word in run) for run in _pieces(reading.sheet.words_in(on_it))]
    written += [field.at for field in reading.sheet.fields_in(on_it)]
    own = [at for at in written if min(captions, key=lambda caption: _apart(at, caption.at)) is label]
    return replace(around([label.at, *own]), top=line.top, bottom=line.bottom)


def _pieces(words: Sequence[Word]) -> list[list[Word]]:
    """Words of a line, parted at wide gaps."""
    pieces: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.at.left):
        if pieces and word.at.left - pieces[-1][-1].at.right < word.at.height:
            pieces[-1].append(word)
        else:
            pieces.append([word])
    return pieces


def _apart(written: Rect, caption: Rect) -> float:
    """How far an answer begins from its caption, or its middle from the caption's."""
    return min(abs(written.left - caption.left), abs(written.center[0] - caption.center[0]))


def _captions(label: Label, line: Rect, reading: Reading) -> bool:
    under = -2 <= label.at.top - line.center[1] <= 7 and line.width > 18 and not _separates(line, label, reading)
    starts = abs(label.at.left - line.left) < 12
    centered = abs(label.at.center[0] - line.center[0]) < 8 and line.width > label.at.width
    return under and (starts or centered) and not _belongs_to_another(line, label, reading)


def _separates(line: Rect, label: Label, reading: Reading) -> bool:
    """Whether other labels stand under the same line, or a heading on it: it ends what is above it."""
    if line.width > _FULL_WIDTH * reading.sheet.page.width:
        on_it = Rect(line.left - 3, line.top - 1.6 * label.at.height, line.right, line.top)
        if any(stands_out(run, reading.sheet) for run in reading.sheet.runs if on_it.holds(*run.at.center)):
            return True
    return any(
        other is not label
        and other.path is not None
        and are_beside(label.at, other.at)
        and line.left - 3 <= other.at.left <= line.right
        and not label.at.left <= other.at.left <= label.at.right
        for other in reading.labels
    )


def _belongs_to_another(line: Rect, label: Label, reading: Reading) -> bool:
    """Whether the line goes on behind words, or lies under the words of another label, or is the edge of a cell."""
    for other in reading.labels:
        if other is label or other.at.center[1] > line.top + 3 or other.path is None:
            continue
        behind = -3 <= line.left - other.at.right <= 60 and other.at.bottom - 6 <= line.center[1] <= other.at.bottom + 5
        over = (
            other.at.left >= line.left - 4 and other.at.right <= line.right + 4 and 0 <= line.top - other.at.bottom < 14
        )
        if behind or over:
            return True
    if any(0 <= line.top - heading.at.bottom < 14 and heading.at.left <= line.right for heading in reading.headings):
        return True
    return _is_edge_of_bar(line, reading) or reading.sheet.cell(line.center[0], line.top - 4) is not None


def _is_edge_of_bar(line: Rect, reading: Reading) -> bool:
    """Whether a line of the same length lies close above it, as around a heading."""
    return any(
        rule.horizontal
        and abs(rule.at.left - line.left) < 4
        and abs(rule.at.right - line.right) < 4
        and 6 <= line.top - rule.at.top <= 20
        for rule in reading.sheet.page.rules
    )


def are_beside(one: Rect, other: Rect) -> bool:
    """Whether they stand on the same height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.4 * min(one.height, other.height)
