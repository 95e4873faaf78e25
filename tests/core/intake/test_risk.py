"""What on a form must be seen at once."""

from datetime import date
from typing import Any

import pytest
from tests.core.intake.conftest import form_of

from therapyflows.core.intake.draft import RiskLevel
from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import Extracted
from therapyflows.core.intake.risk import is_urgent, risk_flags

TODAY = date(2026, 11, 25)
URGENT = [
    ("phq9.items.8", 1, "phq9_item9"),
    ("phq9.items.8", 3, "phq9_item9"),
    ("risk.suicidal_thoughts", True, "answer_suicidal_thoughts"),
    ("risk.suicide_plan", True, "answer_suicide_plan"),
    ("risk.suicide_attempt", True, "answer_suicide_attempt"),
    ("risk.self_harm", True, "answer_self_harm"),
    ("risk.harm_to_others", True, "answer_harm_to_others"),
    ("risk.abuse", True, "answer_abuse"),
    ("risk.safe_at_home", False, "answer_not_safe_at_home"),
    ("risk.details", "Last night I thought about ending my life", "text_suicide"),
    ("presenting.problem", "My partner hits me when he is drunk", "text_abuse"),
    ("history.psychiatric", "Lately I cut my arms again", "text_self_harm"),
]
QUIET = [
    ("phq9.items.8", 0),
    ("risk.suicidal_thoughts", False),
    ("risk.safe_at_home", True),
    ("risk.details", "No thoughts of suicide."),
    ("presenting.problem", "My job is killing me"),
    ("demographics.last_name", "Suicide"),
]


def flagged(path: str, value: Any, **more: Any) -> dict[str, RiskLevel]:
    form = with_field(form_of(**more), path, Extracted(value))
    return {flag.code: flag.level for flag in risk_flags(form, TODAY)}


@pytest.mark.parametrize(("path", "value", "code"), URGENT)
def test_a_current_risk_is_urgent(path: str, value: Any, code: str) -> None:
    assert flagged(path, value) == {code: RiskLevel.URGENT}


@pytest.mark.parametrize(("path", "value"), QUIET)
def test_what_is_no_risk_raises_nothing(path: str, value: Any) -> None:
    assert flagged(path, value) == {}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("history.psychiatric", "I attempted suicide 12 years ago in college", "text_suicide"),
        ("history.family", "Depression, suicidal thoughts", "text_suicide"),
        ("risk.weapons_access", True, "answer_weapons_access"),
    ],
)
def test_history_is_shown_and_wakes_nobody(path: str, value: Any, code: str) -> None:
    assert flagged(path, value) == {code: RiskLevel.ATTENTION}


def test_an_unanswered_item_9_is_shown_and_never_zero() -> None:
    form = with_field(form_of(), "phq9.items.8", Extracted())
    assert [(flag.code, flag.level) for flag in risk_flags(form, TODAY)] == [
        ("phq9_item9_unanswered", RiskLevel.ATTENTION)
    ]


def test_an_item_9_that_only_the_total_gives_away_is_urgent() -> None:
    form = with_field(with_field(form_of(), "phq9.items.8", Extracted()), "phq9.stated_total", Extracted(9))
    assert [flag.code for flag in risk_flags(form, TODAY)] == ["phq9_item9_implied_by_total"]
    assert is_urgent(risk_flags(form, TODAY))


@pytest.mark.parametrize("path", ["phq9.items.8", "risk.suicidal_thoughts", "risk.abuse"])
def test_an_answer_that_cannot_be_read_is_taken_for_the_worst(path: str) -> None:
    assert is_urgent(risk_flags(with_field(form_of(), path, Extracted(unreadable=True)), TODAY))


def test_abuse_of_a_minor_is_said_in_a_flag_of_its_own() -> None:
    form = with_field(form_of(), "demographics.birth_date", Extracted(date(2014, 5, 1)))
    flags = risk_flags(with_field(form, "risk.abuse", Extracted(True)), TODAY)
    assert {flag.code for flag in flags} == {"answer_abuse", "abuse_of_a_minor"}


def test_a_measure_that_is_not_on_the_form_raises_nothing() -> None:
    form = form_of()
    for item in range(9):
        form = with_field(form, f"phq9.items.{item}", Extracted())
    assert risk_flags(form, TODAY) == ()
