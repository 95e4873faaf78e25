"""Whether a batch of forms looks like the batches before it: how much is filled in, and how answers are spread.

A profile holds shares and counts of values that identify nobody.  What drifts is a sign of a changed form, a worse
scanner or a broken rule of the extraction, and is shown to the practice; it blocks nothing.
"""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from therapyflows.data_checks.model import Check, CheckReport, Severity
from therapyflows.data_checks.rows import SPREAD, without_values
from therapyflows.data_checks.running import run_suite

if TYPE_CHECKING:
    import pandas as pd

SMALLEST_BATCH = 20
"""Fewer forms say nothing about shares."""
SIGMAS = 3.0
"""Distance from the past share, in standard deviations of a sample of the batch's size (three-sigma rule)."""
FURTHEST = 0.25
"""Kullback-Leibler divergence from which a spread has changed, the usual "act" threshold of stability indices."""
SHRINK = 0.5
"""Added to each count (Jeffreys), so that a value not seen so far is rare and not impossible."""


@dataclass(frozen=True, slots=True)
class BatchProfile:
    """What past batches looked like."""

    rows: int
    filled: dict[str, float]
    """Share of rows in which the column holds something."""
    spread: dict[str, dict[str, float]]
    """Share of each value, of the columns in ``SPREAD``."""
    version: str = "1"


def profile_of(frame: "pd.DataFrame") -> BatchProfile:
    """The profile of these forms.  Rules (``..._ok``) count as filled where they hold."""
    marked = without_values(frame)
    filled = {str(column): float(marked[column].notna().mean()) if len(marked) else 0.0 for column in marked.columns}
    spread = {
        column: {str(value): float(share) for value, share in marked[column].value_counts(normalize=True).items()}
        for column in SPREAD
        if column in marked.columns
    }
    return BatchProfile(len(marked), filled, spread)


def check_drift(frame: "pd.DataFrame", past: BatchProfile) -> CheckReport:
    """The batch against the past.  No result for a batch or a past that is too small to compare."""
    if min(len(frame), past.rows) < SMALLEST_BATCH:
        return CheckReport("drift", past.version, ())
    marked = without_values(frame)
    checks = [*_filled_checks(marked, past), *_spread_checks(marked, past)]
    return run_suite("drift", past.version, checks, marked)


def _filled_checks(frame: "pd.DataFrame", past: BatchProfile) -> list[Check]:
    checks = []
    for column, share in past.filled.items():
        if column not in frame.columns:
            continue
        expected = (share * past.rows + SHRINK) / (past.rows + 2 * SHRINK)
        far = SIGMAS * sqrt(expected * (1 - expected) * (1 / len(frame) + 1 / past.rows))
        checks.append(
            Check(
                key=f"{column}_filled",
                expectation="ExpectColumnProportionOfNonNullValuesToBeBetween",
                column=column,
                severity=Severity.WARNING,
                message="This is filled in or holds more or less often than in past batches.",
                fields=(column,),
                arguments={"min_value": max(expected - far, 0.0), "max_value": min(expected + far, 1.0)},
            )
        )
    return checks


def _spread_checks(frame: "pd.DataFrame", past: BatchProfile) -> list[Check]:
    checks = []
    for column, shares in past.spread.items():
        known = int(frame[column].notna().sum()) if column in frame.columns else 0
        if known < SMALLEST_BATCH or not shares:
            continue
        values = sorted({*shares, *(str(value) for value in frame[column].dropna())})
        total = sum(shares.get(value, 0.0) * past.rows + SHRINK for value in values)
        weights = [(shares.get(value, 0.0) * past.rows + SHRINK) / total for value in values]
        # A sample of n over k values lies about (k - 1) / 2n away from its own source.
        furthest = FURTHEST + SIGMAS * (len(values) - 1) / (2 * known)
        checks.append(
            Check(
                key=f"{column}_spread",
                expectation="ExpectColumnKLDivergenceToBeLessThan",
                column=column,
                severity=Severity.WARNING,
                message="The answers are spread differently from past batches.",
                fields=(column,),
                arguments={"partition_object": {"values": values, "weights": weights}, "threshold": furthest},
            )
        )
    return checks
