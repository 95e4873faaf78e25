"""One form against the suite: what is missing, out of range or contradictory, and whether it blocks posting."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.data_checks.conftest import TODAY

from therapyflows.core.intake.fields import walk, with_field
from therapyflows.core.intake.model import Extracted, FormSource, IntakeForm
from therapyflows.data_checks.intake import check_frame, check_intake, intake_suite
from therapyflows.data_checks.intake_frame import intake_frame, is_npi

ABSENT: Extracted[Any] = Extracted()


def failed(form: IntakeForm) -> set[str]:
    return {result.check.key for result in check_intake(form, TODAY).failed}


def test_a_form_that_holds_together_passes_every_check(form: IntakeForm) -> None:
    report = check_intake(form, TODAY)
    assert report.failed == ()
    assert not report.blocks
    assert len(report.results) == len(intake_suite()[1])


BORN_TOMORROW = {"age_plausible", "guardian_ok", "signed_in_order_ok"}
SPOILT = [
    ("demographics.first_name", ABSENT, {"first_name_given"}, True),
    ("demographics.last_name", Extracted("Va5quez"), {"names_readable"}, False),
    ("demographics.birth_date", ABSENT, {"birth_date_given"}, True),
    ("demographics.birth_date", Extracted(date(2027, 1, 1)), BORN_TOMORROW, True),
    ("demographics.birth_date", Extracted(date(1880, 1, 1)), {"age_plausible"}, True),
    ("demographics.birth_date", Extracted(date(2012, 4, 3)), {"guardian_ok"}, True),
    ("contact.state", Extracted("ZZ"), {"state_known"}, False),
    ("contact.postal_code", Extracted("0213"), {"postal_code_shape"}, False),
    ("contact.postal_code", Extracted("90210"), {"zip_state_ok"}, False),
    ("contact.phone", Extracted("(117) 555-0142"), {"phone_shape"}, False),
    ("contact.email", Extracted("imogen@example"), {"email_shape"}, False),
    ("contact.address_line", ABSENT, {"address_given"}, False),
    ("emergency_contact.name", ABSENT, {"emergency_contact_given"}, False),
    ("emergency_contact.phone", Extracted("(617) 555-0142"), {"emergency_reachable_ok"}, False),
    ("insurance.primary.member_id", ABSENT, {"member_id_given_ok"}, False),
    ("insurance.primary.member_id", Extracted("1EG4-TE5-MK7"), {"member_id_shape_ok"}, False),
    ("insurance.primary.subscriber_relationship", Extracted("spouse"), {"subscriber_ok"}, False),
    ("demographics.referred_by", Extracted("Dr. Osei, NPI 1234567890"), {"npi_ok"}, False),
    ("demographics.referred_by", Extracted("Dr. Osei, NPI 1234567893"), set(), False),
    ("consents.0.signature", ABSENT, {"consent_signed_ok"}, True),
    ("consents.0.signed_on", ABSENT, {"consent_dated_ok"}, False),
    ("consents.0.signed_on", Extracted(date(2026, 12, 24)), {"signed_in_order_ok"}, False),
    ("completed_on", Extracted(date(1990, 1, 1)), {"signed_in_order_ok"}, False),
    ("phq9.stated_total", Extracted(9), {"phq9_total_ok"}, True),
    ("phq9.items.0", Extracted(4), {"phq9_item_range", "phq9_total_ok"}, True),
    ("phq9.items.1", ABSENT, {"phq9_complete_ok"}, False),
    ("gad7.items.1", ABSENT, {"gad7_complete_ok"}, False),
    ("gad7.stated_total", Extracted(21), {"gad7_total_ok"}, True),
    ("presenting.problem", ABSENT, {"presenting_problem_given"}, False),
    ("presenting.goals", Extracted(unreadable=True), {"readable"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "expected", "blocks"), SPOILT)
def test_one_spoilt_field_fails_its_checks_and_no_others(
    form: IntakeForm, path: str, value: Extracted[Any], expected: set[str], blocks: bool
) -> None:
    report = check_intake(with_field(form, path, value), TODAY)
    assert {result.check.key for result in report.failed} == expected
    assert report.blocks is blocks


def test_an_unanswered_item_9_blocks_and_is_never_zero(form: IntakeForm) -> None:
    spoilt = with_field(form, "phq9.items.8", ABSENT)
    assert {"item9_answered_ok", "phq9_complete_ok"} == failed(spoilt)
    assert intake_frame([with_field(spoilt, "phq9.stated_total", ABSENT)], TODAY)["phq9_total"][0] is None


@pytest.mark.parametrize(("path", "value"), [("phq9.items.8", Extracted(1)), ("risk.suicide_plan", Extracted(True))])
def test_no_thoughts_beside_a_positive_answer_is_a_contradiction(
    form: IntakeForm, path: str, value: Extracted[Any]
) -> None:
    denying = with_field(with_field(form, "risk.suicidal_thoughts", Extracted(False)), "phq9.stated_total", ABSENT)
    assert failed(denying) == set()
    assert failed(with_field(denying, path, value)) == {"risk_answers_agree_ok"}


def test_neither_phone_nor_email_blocks(form: IntakeForm) -> None:
    spoilt = with_field(with_field(form, "contact.phone", ABSENT), "contact.email", ABSENT)
    assert failed(spoilt) == {"reachable_ok"}


def test_an_empty_form_fails_for_what_is_missing_and_for_nothing_that_is_unknown() -> None:
    expected = {
        "first_name_given", "last_name_given", "birth_date_given", "reachable_ok", "address_given",
        "emergency_contact_given", "presenting_problem_given",
    }  # fmt: skip
    assert failed(IntakeForm(source=FormSource.SCAN)) == expected


def test_a_batch_names_the_rows_that_fail(form: IntakeForm) -> None:
    spoilt = with_field(form, "contact.postal_code", Extracted("90210"))
    (result,) = check_frame(intake_frame([form, spoilt, form, spoilt], TODAY)).failed
    assert (result.check.key, result.rows) == ("zip_state_ok", (1, 3))


def test_every_field_that_a_check_points_to_exists(form: IntakeForm) -> None:
    paths = {path for path, _ in walk(form)}
    for check in intake_suite()[1]:
        for named in check.fields:
            assert any(path == named or path.startswith(f"{named}.") for path in paths) or named == "medications", named


def test_results_hold_no_value_of_the_form(form: IntakeForm) -> None:
    report = check_intake(with_field(form, "demographics.last_name", Extracted("Canary77")), TODAY)
    assert report.failed
    assert "Canary77" not in repr(report)


def test_the_same_form_gives_the_same_report(form: IntakeForm) -> None:
    assert check_intake(form, TODAY) == check_intake(replace(form), TODAY)


@pytest.mark.parametrize(
    ("number", "valid"),
    [("1234567893", True), ("1245319599", True), ("1234567890", False), ("3234567893", False), ("123456789", False)],
)
def test_a_national_provider_identifier_has_a_check_digit(number: str, valid: bool) -> None:
    assert is_npi(number) is valid
