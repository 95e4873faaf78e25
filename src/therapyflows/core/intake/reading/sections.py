"""Which section a place on a page belongs to: under which heading it stands, in which column."""

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.headings import Heading
from therapyflows.core.intake.reading.page_reading import Reading


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
