"""How the intake forms are doing: for who runs the practice, and for nobody else."""

from datetime import UTC, datetime

import pytest
from tests.web.review.practice import CLINICIAN, MANAGER, SUPERVISOR

from therapyflows.core.intake.quality import CheckCount, Drift, QualityReport, keep_report
from therapyflows.governance.audit.model import Action

REPORT = QualityReport(
    made_at=datetime(2026, 11, 25, 3, 45, tzinfo=UTC),
    version="2026-11-01",
    forms=50,
    past=200,
    checks=(CheckCount("birth_date_given", "The birth date is missing.", True, 7),),
    drift=(Drift("member_id_shape_ok", "filled", 0.9, 0.4), Drift("state", "spread")),
)


def test_the_administrator_sees_what_changed_and_what_failed(world) -> None:
    keep_report(world.store.contents, REPORT)
    page = world.signed_in(MANAGER.id).get("/quality").text
    for shown in ("Member id shape rule", "90 %", "40 %", "other answers than before", "7 of 50"):
        assert shown in page
    assert world.actions(Action.QUALITY_VIEWED) == ["ok"]


def test_before_the_first_report_the_page_says_so(world) -> None:
    assert "No report yet" in world.signed_in(MANAGER.id).get("/quality").text


def test_few_forms_are_not_called_steady(world) -> None:
    keep_report(world.store.contents, QualityReport(REPORT.made_at, "2026-11-01", forms=1, past=0))
    page = world.signed_in(MANAGER.id).get("/quality").text
    assert "Too few forms" in page
    assert "The latest 1 form," in page


@pytest.mark.parametrize("user", [CLINICIAN.id, SUPERVISOR.id, "u-bill"])
def test_nobody_else_sees_it(world, user: str) -> None:
    keep_report(world.store.contents, REPORT)
    answer = world.signed_in(user).get("/quality")
    assert answer.status_code == 403
    assert "7 of 50" not in answer.text
    assert world.actions(Action.ACCESS_DENIED)[-1] == "role_not_permitted"
