"""Questions of geometry to one page: which cell is this in, what stands to the right, what is below."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from therapyflows.core.intake.page import Field, Mark, Page, Rect, Stroke, Word
from therapyflows.core.intake.reading.lines import Run, prepared, runs_of

_SLACK = 2.0
TALLEST_CELL = 260.0


@dataclass
class Sheet:
    """A page with its lines; the page itself has typed boxes and blanks resolved."""

    page: Page
    lines: list[list[Run]] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> "Sheet":
        ready = prepared(page)
        return cls(ready, runs_of(ready))

    @cached_property
    def usual_height(self) -> float:
        return median(word.at.height for word in self.page.words) if self.page.words else 0.0

    @cached_property
    def large_height(self) -> float:
        """From which letters are larger than print and answers: small labels are as many as the answers to them."""
        heights = sorted(word.at.height for word in self.page.words)
        return max(1.2 * self.usual_height, 1.08 * heights[int(0.85 * len(heights))]) if heights else 0.0

    @property
    def runs(self) -> Iterator[Run]:
        return (run for line in self.lines for run in line)

    def cell(self, x: float, y: float) -> Rect | None:
        """The closed cell around a point, where lines enclose it on four sides."""
        above = below = left = right = None
        for rule in self.page.rules:
            at = rule.at
            if rule.horizontal and at.left - _SLACK <= x <= at.right + _SLACK:
                if at.center[1] <= y and (above is None or at.center[1] > above):
                    above = at.center[1]
                if at.center[1] > y and (below is None or at.center[1] < below):
                    below = at.center[1]
            elif not rule.horizontal and at.top - _SLACK <= y <= at.bottom + _SLACK:
                if at.center[0] <= x and (left is None or at.center[0] > left):
                    left = at.center[0]
                if at.center[0] > x and (right is None or at.center[0] < right):
                    right = at.center[0]
        if above is None or below is None or left is None or right is None:
            return None
        cell = Rect(left, above, right, below)
        return cell if self._is_closed(cell) else None

    def _is_closed(self, cell: Rect) -> bool:
        """Whether the lines above and below reach from side to side, and the sides from top to bottom."""
        if cell.height > TALLEST_CELL or cell.height < 7 or cell.width < 7:
            return False
        spans = [False] * 4
        for rule in self.page.rules:
            at = rule.at
            if rule.horizontal and at.left <= cell.left + 4 and at.right >= cell.right - 4:
                spans[0] = spans[0] or abs(at.center[1] - cell.top) < 1.5
                spans[1] = spans[1] or abs(at.center[1] - cell.bottom) < 1.5
            elif not rule.horizontal and at.top <= cell.top + 4 and at.bottom >= cell.bottom - 4:
                spans[2] = spans[2] or abs(at.center[0] - cell.left) < 1.5
                spans[3] = spans[3] or abs(at.center[0] - cell.right) < 1.5
        return all(spans)

    def underline(self, label: Rect, until: float) -> Rect | None:
        """The blank line that begins behind a label, on the height of its text."""
        found = [
            rule.at
            for rule in self.page.rules
            if rule.horizontal
            and label.bottom - 6 <= rule.at.center[1] <= label.bottom + 5
            and label.right - 4 <= rule.at.left <= min(until, label.right + 60)
            and rule.at.left < until
        ]
        return min(found, key=lambda at: at.left, default=None)

    def words_in(self, area: Rect) -> list[Word]:
        return [word for word in self.page.words if area.holds(*word.at.center)]

    def marks_in(self, area: Rect) -> list[Mark]:
        return sorted((m for m in self.page.marks if area.holds(*m.at.center)), key=lambda m: m.at.left)

    def fields_in(self, area: Rect) -> list[Field]:
        found = (f for f in self.page.fields if area.holds(*f.at.center))
        return sorted(found, key=lambda f: (round(f.at.center[1] / 6), f.at.left))

    def strokes_in(self, area: Rect) -> list[Stroke]:
        return [stroke for stroke in self.page.strokes if area.holds(*stroke.at.center)]

    def uprights_right_of(self, x: float, y: float) -> float:
        """Where the next vertical line stands, or the edge of the page."""
        found = (
            rule.at.left
            for rule in self.page.rules
            if not rule.horizontal and rule.at.left > x and rule.at.top <= y <= rule.at.bottom
        )
        return min(found, default=self.page.width)
