"""What the practice sees of its intake forms: rows without values, a report over the latest, Data Docs."""

import random
from datetime import UTC, datetime
from pathlib import Path

from tests.data_checks.conftest import TODAY

from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import Extracted, IntakeForm
from therapyflows.core.intake.quality import QUALITY_ROW, QualityRow
from therapyflows.data_checks.intake import check_intake
from therapyflows.data_checks.practice import report_on, split, write_practice_docs
from therapyflows.data_checks.rows import quality_row

NOW = datetime(2026, 11, 25, 3, 45, tzinfo=UTC)


def spoilt(form: IntakeForm) -> IntakeForm:
    """Words of the client's own wherever statistics look."""
    for path in ("demographics.sex", "contact.state", "insurance.primary.payer", "demographics.first_name"):
        form = with_field(form, path, Extracted("Canary77 of Alder Street"))
    return form


def row_of(form: IntakeForm) -> QualityRow:
    return quality_row(form, TODAY, [result.check.key for result in check_intake(form, TODAY).failed])


def rows(form: IntakeForm, count: int, *, phone: float, seed: int) -> list[QualityRow]:
    chance = random.Random(seed)
    with_phone, without = row_of(form), row_of(with_field(form, "contact.phone", Extracted()))
    return [with_phone if chance.random() < phone else without for _ in range(count)]


def test_a_row_holds_nothing_that_the_client_wrote(form: IntakeForm) -> None:
    row = row_of(spoilt(form))
    assert "Canary77" not in QUALITY_ROW.dump_json(row).decode()
    assert {name: row.spread[name] for name in ("sex", "state", "payer")} == dict.fromkeys(
        ("sex", "state", "payer"), "other"
    )
    assert "state_known" in row.failed


def test_a_payer_is_one_that_we_know_or_other(form: IntakeForm) -> None:
    for written, kept in (("Medicare Part B", "medicare"), ("BCBS of Massachusetts", "blue_cross"), ("Mom", "other")):
        assert row_of(with_field(form, "insurance.primary.payer", Extracted(written))).spread["payer"] == kept
    assert "payer" not in row_of(with_field(form, "insurance.primary.payer", Extracted())).spread


def test_what_drifts_and_what_failed_is_told_of_the_latest_forms(form: IntakeForm) -> None:
    report = report_on([*rows(form, 200, phone=0.9, seed=1), *rows(form, 50, phone=0.1, seed=2)], NOW)
    assert (report.forms, report.past) == (50, 200)
    (drift,) = [found for found in report.drift if found.column == "phone"]
    assert drift.past is not None
    assert drift.now is not None
    assert drift.past > 0.8 > 0.3 > drift.now
    steady = report_on(rows(form, 250, phone=0.9, seed=3), NOW)
    assert steady.drift == ()


def test_failed_checks_are_counted(form: IntakeForm) -> None:
    report = report_on([row_of(form), row_of(spoilt(form)), row_of(spoilt(form))], NOW)
    assert {count.key: count.failed for count in report.checks}["state_known"] == 2


def test_too_few_forms_are_not_compared(form: IntakeForm) -> None:
    few = rows(form, 39, phone=0.5, seed=4)
    assert split(few) == (few, ())
    assert len(split([*few, few[0]])[0]) == 20
    assert report_on([], NOW).forms == 0


def test_the_practices_data_docs_name_the_checks_and_no_value(form: IntakeForm, tmp_path: Path) -> None:
    index = write_practice_docs([row_of(form), row_of(spoilt(form))], tmp_path / "docs")
    pages = " ".join(page.read_text("utf-8") for page in index.parent.rglob("*.html"))
    assert "The state is no two-letter code" in pages
    assert "Canary77" not in pages
