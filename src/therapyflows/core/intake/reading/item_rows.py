"""Where the items of PHQ-9 and GAD-7 stand on a page, found by their words."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.lines import Run, around
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import plain
from therapyflows.core.measures.catalogue import measure_named

_LIKE = 86.0
_FEWEST_LETTERS = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its number from 1, its words, and the band of the page right of them that its answers stand in."""

    item: int
    text: Rect
    band: Rect


def find_rows(measure: str, sheet: Sheet) -> tuple[Row, ...]:
    """The items of a measure on this page; nothing when fewer than three of them stand there."""
    found = dict(_items(measure, sheet))
    if len(found) < 3:
        return ()
    ordered = sorted(found.items(), key=lambda entry: entry[1].top)
    rows = []
    for at, (item, text) in enumerate(ordered):
        above = (ordered[at - 1][1].bottom + text.top) / 2 if at else text.top - 6
        below = (text.bottom + ordered[at + 1][1].top) / 2 if at + 1 < len(ordered) else text.bottom + 6
        if at and text.top - ordered[at - 1][1].bottom > 40:
            above = text.top - 6
        if at + 1 < len(ordered) and ordered[at + 1][1].top - text.bottom > 40:
            below = text.bottom + 6
        rows.append(Row(item, text, Rect(text.right - 2, above, sheet.page.width, below)))
    return tuple(rows)


def _items(measure: str, sheet: Sheet) -> Iterator[tuple[int, Rect]]:
    """Where each item's words stand, over all lines that they take."""
    for number, text in enumerate(measure_named(measure).texts, 1):
        wanted = plain(text)
        start = _best_start(wanted, sheet)
        if start is None:
            continue
        runs = [start]
        for line in sheet.lines[start.line + 1 : start.line + 6]:
            nearest = [
                run for run in line if abs(run.at.left - start.at.left) < 24 and run.at.right < start.at.right + 150
            ]
            if nearest and _goes_on(wanted, nearest[0], runs[-1]):
                runs.append(nearest[0])
        yield number, around(run.at for run in runs)


def _best_start(wanted: str, sheet: Sheet) -> Run | None:
    best: tuple[float, Run | None] = (_LIKE, None)
    for run in sheet.runs:
        words = plain(run.text)
        if len(words) < _FEWEST_LETTERS:
            continue
        head = wanted[: len(words) + 2]
        likeness = fuzz.ratio(words, head[: len(words)])
        if len(words) > len(wanted):
            likeness = max(likeness, fuzz.ratio(words[: len(wanted)], wanted))
        if likeness > best[0]:
            best = (likeness, run)
    return best[1]


def _goes_on(wanted: str, run: Run, before: Run) -> bool:
    words = plain(run.text)
    close = 0 < run.at.center[1] - before.at.center[1] < 1.8 * max(before.at.height, 8)
    return close and len(words) > 2 and fuzz.partial_ratio(words, wanted) >= 85
