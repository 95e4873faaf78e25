"""A batch of forms beside the batches before it."""

import random

from tests.data_checks.conftest import TODAY

from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import Extracted, IntakeForm
from therapyflows.data_checks.drift import SMALLEST_BATCH, check_drift, profile_of
from therapyflows.data_checks.intake_frame import intake_frame


def batch(
    form: IntakeForm, size: int, *, seed: int, phone: float = 0.8, massachusetts: float = 0.7
) -> list[IntakeForm]:
    """Forms of which some have no phone and some come from elsewhere."""
    chance = random.Random(seed)
    forms = []
    for _ in range(size):
        made = form if chance.random() < phone else with_field(form, "contact.phone", Extracted())
        if chance.random() >= massachusetts:
            made = with_field(
                with_field(made, "contact.state", Extracted("NH")), "contact.postal_code", Extracted("03060")
            )
        forms.append(made)
    return forms


def test_a_batch_like_the_past_does_not_drift(form: IntakeForm) -> None:
    past = profile_of(intake_frame(batch(form, 300, seed=1), TODAY))
    for seed in range(5):
        assert check_drift(intake_frame(batch(form, 60, seed=100 + seed), TODAY), past).failed == ()


def test_a_field_that_stops_being_filled_in_drifts(form: IntakeForm) -> None:
    past = profile_of(intake_frame(batch(form, 300, seed=1), TODAY))
    report = check_drift(intake_frame(batch(form, 60, seed=2, phone=0.1), TODAY), past)
    assert "phone_filled" in {result.check.key for result in report.failed}
    assert not report.blocks


def test_answers_that_spread_differently_drift(form: IntakeForm) -> None:
    past = profile_of(intake_frame(batch(form, 300, seed=1), TODAY))
    report = check_drift(intake_frame(batch(form, 60, seed=3, massachusetts=0.05), TODAY), past)
    assert "state_spread" in {result.check.key for result in report.failed}


def test_too_few_forms_say_nothing(form: IntakeForm) -> None:
    past = profile_of(intake_frame(batch(form, 300, seed=1), TODAY))
    assert check_drift(intake_frame(batch(form, SMALLEST_BATCH - 1, seed=4), TODAY), past).results == ()


def test_a_profile_holds_no_value_that_identifies(form: IntakeForm) -> None:
    profile = repr(profile_of(intake_frame(batch(form, 30, seed=5), TODAY)))
    assert not any(value in profile for value in ("Imogen", "Vasquez", "617", "02139", "Alder"))
