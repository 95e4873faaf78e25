"""Part 2 consent: scope, purpose, recipient, expiry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from therapyflows.governance.consent.part2 import NEVER_UNDER_TPO, TPO, Purpose, Recipient, part2_objection
from therapyflows.governance.consent.states import ConsentRecord

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WHOLE = ConsentRecord("part2_tpo", "granted", granted_at=NOW - timedelta(days=30))
NARROW = replace(WHOLE, purposes=frozenset({"payment"}), recipients=frozenset({"health_plans"}))


def objection(*records: ConsentRecord, purpose: Purpose = Purpose.TREATMENT, recipient: Recipient) -> str | None:
    return part2_objection(records, NOW, purpose=purpose, recipient=recipient)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("recipient", Recipient)
def test_a_tpo_consent_covers_treatment_payment_and_operations_and_nothing_else(
    purpose: Purpose, recipient: Recipient
) -> None:
    found = objection(WHOLE, purpose=purpose, recipient=recipient)
    assert found == (None if purpose in TPO else "part2_tpo_consent_other_purpose")


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("recipient", Recipient)
def test_a_consent_with_a_scope_covers_exactly_that(purpose: Purpose, recipient: Recipient) -> None:
    allowed = (purpose, recipient) == (Purpose.PAYMENT, Recipient.HEALTH_PLANS)
    assert (objection(NARROW, purpose=purpose, recipient=recipient) is None) is allowed


@pytest.mark.parametrize("purpose", sorted(NEVER_UNDER_TPO))
def test_legal_proceedings_and_counseling_notes_need_a_consent_of_their_own(purpose: Purpose) -> None:
    everything = replace(WHOLE, purposes=frozenset(Purpose))
    assert objection(everything, purpose=purpose, recipient=Recipient.HEALTH_PLANS) == "part2_tpo_consent_other_purpose"


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ((), "missing"),
        ((replace(WHOLE, kind="ai_processing"),), "missing"),
        ((replace(WHOLE, expires_at=NOW),), "expired"),
        ((replace(WHOLE, status="withdrawn", withdrawn_at=NOW),), "withdrawn"),
        ((replace(WHOLE, status="offered"),), "offered"),
        ((replace(WHOLE, granted_at=None),), "undated"),
        ((replace(WHOLE, purposes=frozenset()),), "other_purpose"),
        ((replace(WHOLE, recipients=frozenset()),), "other_recipient"),
        ((WHOLE, replace(NARROW, granted_at=NOW)), "other_purpose"),
    ],
)
def test_in_doubt_it_does_not_cover(records: tuple[ConsentRecord, ...], reason: str) -> None:
    assert objection(*records, recipient=Recipient.PROGRAM_HELPERS) == f"part2_tpo_consent_{reason}"
