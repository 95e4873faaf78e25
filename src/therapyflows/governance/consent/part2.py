"""Consent under 42 CFR Part 2: for which purposes, to which recipients, until when.

A single consent may cover all future treatment, payment and health care operations (2.31(a)(4)(ii), (a)(5)(iii),
2.33(b)); that is what a ``part2_tpo`` record without a scope of its own means.  One with a scope allows exactly that.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from therapyflows.governance.consent.states import ConsentRecord, Status, standing

KIND = "part2_tpo"


class Purpose(StrEnum):
    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    """Needs a consent of its own, never combined with another (2.31(d)), or a court order (2.61-2.67)."""
    COUNSELING_NOTES = "counseling_notes"
    """SUD counseling notes: a consent of their own, not under TPO (2.11, 2.31(b))."""


class Recipient(StrEnum):
    """Classes of recipients, in the words of 2.31(a)(4)(ii)."""

    TREATING_PROVIDERS = "treating_providers"
    HEALTH_PLANS = "health_plans"
    THIRD_PARTY_PAYERS = "third_party_payers"
    PROGRAM_HELPERS = "program_helpers"
    """People who help to operate the program: also the provider of a language model."""


TPO = frozenset({Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS})
TPO_RECIPIENTS = frozenset(Recipient)
NEVER_UNDER_TPO = frozenset({Purpose.LEGAL_PROCEEDINGS, Purpose.COUNSELING_NOTES})


def part2_objection(
    records: Iterable[ConsentRecord], now: datetime, *, purpose: Purpose, recipient: Recipient
) -> str | None:
    """Why Part 2 material may not be disclosed so; None when the client's consent covers it.

    Reasons: ``part2_tpo_consent_<status>`` (``missing``, ``expired``, ...), ``..._other_purpose``,
    ``..._other_recipient``.
    """
    found = standing((record for record in records if record.kind == KIND), now)
    if found.status is not Status.GRANTED or found.record is None:
        return f"{KIND}_consent_{'missing' if found.status is Status.UNKNOWN else found.status.value}"
    if found.record.granted_at is None:
        return f"{KIND}_consent_undated"
    if purpose in NEVER_UNDER_TPO or purpose not in _purposes(found.record):
        return f"{KIND}_consent_other_purpose"
    if recipient not in _recipients(found.record):
        return f"{KIND}_consent_other_recipient"
    return None


def _purposes(record: ConsentRecord) -> frozenset[str]:
    return frozenset(TPO) if record.purposes is None else record.purposes


def _recipients(record: ConsentRecord) -> frozenset[str]:
    return frozenset(TPO_RECIPIENTS) if record.recipients is None else record.recipients
