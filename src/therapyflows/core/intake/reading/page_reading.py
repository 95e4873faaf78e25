"""A page with what was recognized on it: headings, labels, options, and where measures stand."""

from dataclasses import dataclass, field

from therapyflows.core.intake.page import Rect
from therapyflows.core.intake.reading.headings import Heading
from therapyflows.core.intake.reading.lines import Run
from therapyflows.core.intake.reading.sheet import Sheet


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
