"""The measures of one client over time: totals, bands, what changed, and answers that must be seen."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from therapyflows.core.chart import Assessment
from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.measures.catalogue import measure_named
from therapyflows.core.measures.change import change_since
from therapyflows.core.measures.model import Change, Measure
from therapyflows.core.measures.scoring import score

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Point:
    """One administration."""

    at: datetime | None
    total: int | None
    band: str | None
    critical: tuple[str, ...] = ()
    """What must be seen at once, in words."""
    filed: int | None = None
    """The total that the chart says, where the answers add up to another."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure, oldest first."""

    title: str
    measure: Measure | None
    """None: not one that the product knows; the chart's own totals are shown."""
    points: tuple[Point, ...]

    @property
    def latest(self) -> Point:
        return self.points[-1]

    def newest(self, most: int) -> tuple[Point, ...]:
        """The last administrations, newest first."""
        return tuple(reversed(self.points[-most:]))

    @property
    def since_previous(self) -> Change | None:
        """The change from the administration before to the latest."""
        return self._change(-2)

    @property
    def since_first(self) -> Change | None:
        """The change from the first; None where that is the one before."""
        return self._change(0) if len(self._totals) > 2 else None

    @property
    def _totals(self) -> list[int]:
        return [point.total for point in self.points if point.total is not None]

    def _change(self, place: int) -> Change | None:
        totals = self._totals
        if self.measure is None or len(totals) < 2 or self.latest.total is None:
            return None
        try:
            return change_since(self.measure, totals[place], totals[-1])
        except Invalid:  # a total of the chart that the measure cannot have
            return None


def trends_of(assessments: Iterable[Assessment]) -> tuple[Trend, ...]:
    """One trend for each measure, the most recently used first."""
    grouped: dict[str, list[Assessment]] = defaultdict(list)
    known: dict[str, Measure | None] = {}
    for found in assessments:
        measure = _measure(found.measure)
        key = measure.key if measure is not None else found.measure.strip().lower()
        known[key] = measure
        grouped[key].append(found)
    trends = [_trend(known[key], sorted(group, key=taken_at)) for key, group in grouped.items()]
    return tuple(sorted(trends, key=lambda trend: trend.latest.at or _FIRST, reverse=True))


def taken_at(assessment: Assessment) -> datetime:
    """When the client answered, else when it was filed."""
    at = assessment.administered_at or assessment.created_at or _FIRST
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _trend(measure: Measure | None, group: list[Assessment]) -> Trend:
    title = measure.title if measure is not None else group[-1].measure
    return Trend(title, measure, tuple(_point(measure, found) for found in group))


def _point(measure: Measure | None, found: Assessment) -> Point:
    at = None if taken_at(found) == _FIRST else taken_at(found)
    if measure is None:
        return Point(at, found.score, found.severity)
    try:
        scored = score(measure, found.answers)
    except Invalid:
        return Point(at, found.score, found.severity)
    differs = measure.total and None not in (found.score, scored.total) and found.score != scored.total
    total = scored.total if scored.total is not None or not measure.total else found.score
    critical = tuple(answer.message for answer in scored.critical)
    return Point(at, total, scored.band or found.severity, critical, found.score if differs else None)


def _measure(name: str) -> Measure | None:
    try:
        return measure_named(name)
    except NotFound:
        return None
