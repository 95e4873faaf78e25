"""Checks of intake forms: of one before it is reviewed, of a batch against what is usual in the practice."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from therapyflows.core.intake.model import IntakeForm
from therapyflows.data_checks.intake_frame import intake_frame, states
from therapyflows.data_checks.model import Check, CheckReport
from therapyflows.data_checks.running import load_suite, run_suite

if TYPE_CHECKING:
    import pandas as pd

SUITE = "intake"


def check_intake(form: IntakeForm, today: date) -> CheckReport:
    """What is missing, out of range or contradictory on one form; ``blocks`` until a person has settled it."""
    return check_frame(intake_frame([form], today))


def check_frame(frame: "pd.DataFrame") -> CheckReport:
    """The same over many forms; each result names the rows that fail."""
    version, checks = intake_suite()
    return run_suite(SUITE, version, checks, frame)


def intake_suite() -> tuple[str, tuple[Check, ...]]:
    """Version and checks of the suite, with the tables that it refers to filled in."""
    version, checks = load_suite(SUITE)
    return version, tuple(replace(check, arguments=_filled(check.arguments)) for check in checks)


def _filled(arguments: Any) -> dict[str, Any]:
    named = dict(arguments)
    if named.pop("value_set_of", None) == "states":
        named["value_set"] = states()
    return named
