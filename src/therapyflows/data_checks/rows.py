"""What is kept of a form for the practice's statistics: whether a column holds something, and values of fixed lists."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from therapyflows.core.intake.model import FormSource, IntakeForm
from therapyflows.core.intake.quality import QualityRow
from therapyflows.data_checks.intake import intake_suite
from therapyflows.data_checks.intake_frame import intake_frame, payers, states

if TYPE_CHECKING:
    import pandas as pd

OTHER = "other"
SPREAD = ("sex", "state", "payer", "source")
"""Columns of few values whose shares are compared."""
SEXES = ("female", "male", "intersex")


def quality_row(form: IntakeForm, today: date, failed: Sequence[str]) -> QualityRow:
    """``failed``: keys of the checks that the form failed."""
    frame = without_values(intake_frame([form], today))
    held = {str(name): frame[name].notna().item() for name in frame.columns}
    spread = {name: str(frame[name].item()) for name in SPREAD if held[name]}
    return QualityRow(intake_suite()[0], held, spread, tuple(failed))


def frame_of(rows: Sequence[QualityRow]) -> "pd.DataFrame":
    """The rows as a frame that the drift is looked for in."""
    import pandas as pd

    columns = list(dict.fromkeys(name for row in rows for name in row.holds))
    return pd.DataFrame([_cells(row, columns) for row in rows], columns=columns, dtype=object)


def _cells(row: QualityRow, columns: Sequence[str]) -> Mapping[str, object]:
    return {name: row.spread.get(name, True) if row.holds.get(name) else None for name in columns}


def without_values(frame: "pd.DataFrame") -> "pd.DataFrame":
    """True where a cell holds something or its rule holds, None elsewhere; fixed words in the columns of few values."""
    held = frame.notna() & (frame != False)  # noqa: E712  an elementwise comparison
    marked = held.astype(object).where(held, None)
    for name in SPREAD:
        if name in frame.columns:
            marked[name] = frame[name].map(lambda value, name=name: _fixed(name, value)).astype(object)
    return marked.where(marked.notna(), None)


def _fixed(column: str, value: object) -> str | None:
    """The value, when the list knows it; nothing that a client wrote by hand stands in a statistic."""
    if not isinstance(value, str) or not value:
        return None
    if column == "payer":
        return next((name for name, shape in payers().items() if value == name or shape.search(value)), OTHER)
    known = {"sex": SEXES, "state": states(), "source": [source.value for source in FormSource]}[column]
    found = value if column == "state" else value.casefold()
    return found if found in known else OTHER
