"""The practice's latest intake forms: what they failed, and whether they look like those before them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from therapyflows.core.intake.quality import CheckCount, Drift, QualityReport, QualityRow
from therapyflows.data_checks.data_docs import write_data_docs
from therapyflows.data_checks.drift import SMALLEST_BATCH, check_drift, profile_of
from therapyflows.data_checks.intake import intake_suite
from therapyflows.data_checks.model import Check, Severity
from therapyflows.data_checks.rows import frame_of

BATCH = 50
"""How many of the latest forms are one batch; fewer while there are few."""


def report_on(rows: Sequence[QualityRow], made_at: datetime) -> QualityReport:
    """``rows`` oldest first."""
    batch, past = split(rows)
    return QualityReport(
        made_at=made_at,
        version=intake_suite()[0],
        forms=len(batch),
        past=len(past),
        checks=tuple(_counts(batch)),
        drift=tuple(_drift(batch, past)),
    )


def split(rows: Sequence[QualityRow]) -> tuple[Sequence[QualityRow], Sequence[QualityRow]]:
    """The latest batch and what came before; no past while either would be too small to compare."""
    size = min(BATCH, len(rows) // 2)
    return (rows[-size:], rows[:-size]) if size >= SMALLEST_BATCH else (rows, ())


def write_practice_docs(rows: Sequence[QualityRow], folder: Path) -> Path:
    """Data Docs about the latest batch, from the rows: no value of a form is at hand here."""
    import pandas as pd

    batch, _ = split(rows)
    checks = [_as_kept(check) for check in intake_suite()[1]]
    cells = [{check.key: check.key not in row.failed for check in checks} for row in batch]
    return write_data_docs(pd.DataFrame(cells, columns=[c.key for c in checks], dtype=object), folder, checks)


def _as_kept(check: Check) -> Check:
    """The same check over what is kept of it: that it held."""
    return replace(check, expectation="ExpectColumnValuesToBeInSet", column=check.key, arguments={"value_set": [True]})


def _counts(batch: Sequence[QualityRow]) -> list[CheckCount]:
    failed = Counter(key for row in batch for key in row.failed)
    known = {check.key: check for check in intake_suite()[1]}
    return [
        CheckCount(key, known[key].message, known[key].severity is Severity.CRITICAL, count)
        for key, count in failed.most_common()
        if key in known
    ]


def _drift(batch: Sequence[QualityRow], past: Sequence[QualityRow]) -> list[Drift]:
    if not past:
        return []
    frame, before = frame_of(batch), profile_of(frame_of(past))
    now = profile_of(frame)
    found = []
    for result in check_drift(frame, before).failed:
        column = result.check.column or ""
        if result.check.key.endswith("_filled"):
            found.append(Drift(column, "filled", before.filled[column], now.filled[column]))
        else:
            found.append(Drift(column, "spread"))
    return found
