"""How the practice's intake forms are doing: a row per form without anything of the person, and the latest report.

Rows and report belong to no client.  They lie encrypted under an owner of their own, so that nothing in the database
says which client's form had which fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from therapyflows.core.errors import NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents

OWNER = "practice:intake-quality"
MOST_ROWS = 550
"""The newest that a report looks at."""
_REPORT_ID = derived_id("cnt", OWNER, "report")


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One form, without a value that somebody wrote."""

    version: str
    """Of the suite that it was checked with."""
    holds: Mapping[str, bool]
    """Column of the checks to whether something stands there, or the rule holds."""
    spread: Mapping[str, str]
    """Columns of few values, each one of a fixed list or ``other``."""
    failed: tuple[str, ...]
    """Keys of the checks that failed."""


@dataclass(frozen=True, slots=True)
class CheckCount:
    key: str
    message: str
    blocks: bool
    failed: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A column that no longer looks as it did."""

    column: str
    kind: str
    """``filled`` or ``spread``."""
    past: float | None = None
    """Share of the forms in which it was filled in; None for a spread."""
    now: float | None = None


@dataclass(frozen=True, slots=True)
class QualityReport:
    made_at: datetime
    version: str
    forms: int
    """How many of the latest forms it is about."""
    past: int
    """How many before them they were compared with; 0: too few to compare."""
    checks: tuple[CheckCount, ...] = ()
    """Those that failed at least once, the most frequent first."""
    drift: tuple[Drift, ...] = ()


QUALITY_ROW = TypeAdapter(QualityRow)
QUALITY_REPORT = TypeAdapter(QualityReport)


def keep_row(contents: Contents, draft_id: str, row: QualityRow) -> None:
    """Once per intake, however often this is called."""
    contents.put(OWNER, "quality", QUALITY_ROW.dump_json(row), content_id=derived_id("qrw", draft_id))


def rows_of(contents: Contents) -> list[QualityRow]:
    """The newest rows, oldest first."""
    return [QUALITY_ROW.validate_json(contents.get(content_id)) for content_id in _ids(contents)[-MOST_ROWS:]]


def forget_older(contents: Contents) -> int:
    """Delete the rows that no report looks at any more; returns how many."""
    old = _ids(contents)[:-MOST_ROWS]
    for content_id in old:
        contents.delete(content_id)
    return len(old)


def _ids(contents: Contents) -> list[str]:
    return [item.id for item in contents.of_client(OWNER) if item.id.startswith("qrw_") and item.deleted_at is None]


def keep_report(contents: Contents, report: QualityReport) -> None:
    contents.put(OWNER, "quality", QUALITY_REPORT.dump_json(report), content_id=_REPORT_ID)


def latest_report(contents: Contents) -> QualityReport | None:
    try:
        return QUALITY_REPORT.validate_json(contents.get(_REPORT_ID))
    except NotFound:
        return None
