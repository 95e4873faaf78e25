"""Lines to write on whose caption stands under them."""

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.headings import stands_out
from therapyflows.core.intake.reading.labels import Label, Reading

_FULL_WIDTH = 0.7
"""Of the page: a line so wide is more often drawn under a heading than to write on."""


def captioned_line(label: Label, reading: Reading) -> Rect | None:
    """The line to write on that the label is the caption of: it stands close under it, and asks nothing."""
    below = Rect(label.at.left - 6, label.at.bottom - 2, label.at.right, label.at.bottom + 24)
    if label.ends_as_label or any(comb.at.touches(below) for comb in reading.sheet.page.combs):
        return None
    return next((r.at for r in reading.sheet.page.rules if r.horizontal and _captions(label, r.at, reading)), None)


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
