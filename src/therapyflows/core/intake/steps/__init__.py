"""The steps of an intake, in order.  They know ports, not Prefect, HTTP or SQL."""

from therapyflows.core.intake.steps.asking import ask_model
from therapyflows.core.intake.steps.checking import check_form
from therapyflows.core.intake.steps.opening import open_intake
from therapyflows.core.intake.steps.posting import post_record, verify_record
from therapyflows.core.intake.steps.practice import AskedModel, FormReading, IntakePolicy, IntakePorts
from therapyflows.core.intake.steps.reading import read_form
from therapyflows.core.intake.steps.risk import flag_risk

__all__ = [
    "AskedModel",
    "FormReading",
    "IntakePolicy",
    "IntakePorts",
    "ask_model",
    "check_form",
    "flag_risk",
    "open_intake",
    "post_record",
    "read_form",
    "verify_record",
]
