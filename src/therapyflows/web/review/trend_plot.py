"""A small plot of a measure: where the points, lines and bands lie.  The table beside it says the same in words."""

from dataclasses import dataclass
from datetime import datetime

from therapyflows.core.session_prep.trends import Trend

WIDTH, HEIGHT = 300.0, 96.0
LEFT, RIGHT, TOP, BOTTOM = 6.0, 26.0, 8.0, 8.0
"""Room around the plot; on the right for the highest and the lowest value."""


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    total: int


@dataclass(frozen=True, slots=True)
class Band:
    """A band of the measure as a stripe; every other one is shaded."""

    y: float
    height: float
    shaded: bool


@dataclass(frozen=True, slots=True)
class TrendPlot:
    dots: tuple[Dot, ...]
    bands: tuple[Band, ...]
    highest: int
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def line(self) -> str:
        """The ``points`` of a polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def plot_of(trend: Trend) -> TrendPlot | None:
    """None where there is no line to draw: fewer than two totals with a date, or a measure without a total."""
    dated = [(point.at, point.total) for point in trend.points if point.at is not None and point.total is not None]
    measure = trend.measure
    if measure is None or not measure.total or len(dated) < 2:
        return None
    highest = measure.highest
    xs = _xs([at for at, _ in dated])
    dots = tuple(
        Dot(x, _y(max(0, min(total, highest)), highest), total) for x, (_, total) in zip(xs, dated, strict=True)
    )
    bands = tuple(_band(band.from_, band.to, highest, number) for number, band in enumerate(measure.bands))
    return TrendPlot(dots, bands, highest)


def _xs(moments: list[datetime]) -> list[float]:
    """By time; side by side when all are of one moment."""
    length = (moments[-1] - moments[0]).total_seconds()
    shares = [(at - moments[0]).total_seconds() / length if length else 0.0 for at in moments]
    if not length:
        shares = [number / (len(moments) - 1) for number in range(len(moments))]
    return [round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1) for share in shares]


def _y(total: float, highest: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * total / highest, 1)


def _band(low: int, high: int, highest: int, number: int) -> Band:
    """From half a point below the band to half a point above: bands of whole numbers leave no gap."""
    top, bottom = _y(min(high + 0.5, highest), highest), _y(max(low - 0.5, 0), highest)
    return Band(top, round(bottom - top, 1), number % 2 == 1)
