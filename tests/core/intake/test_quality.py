"""Statistics of forms: only as many rows are kept as a report looks at."""

import pytest
from tests.core.intake.conftest import Office

from therapyflows.core.intake import quality
from therapyflows.core.intake.quality import QualityRow, forget_older, keep_row, rows_of


def test_rows_that_no_report_looks_at_are_deleted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "MOST_ROWS", 3)
    contents = office.store.contents
    for number in range(5):
        keep_row(contents, f"drf_{number}", QualityRow(str(number), {}, {}, ()))
    newest = ["2", "3", "4"]
    assert [row.version for row in rows_of(contents)] == newest
    assert forget_older(contents) == 2
    assert forget_older(contents) == 0
    assert [row.version for row in rows_of(contents)] == newest
