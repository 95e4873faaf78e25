"""What may leave, what goes with it, what the accounting must list."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from therapyflows.governance.consent.states import ConsentRecord
from therapyflows.governance.disclosure.policy import (
    may_disclose,
    part2_consent_scope,
    part2_notice,
    purposes,
    years_before,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
GRANTED = ConsentRecord("part2_tpo", "granted", granted_at=NOW - timedelta(days=9))
TPO = ("treatment", "payment", "operations")

# As the reference text of the rule hashes; a changed letter is a changed law.
LONG = "d82205a18044f9f45776343d91e26d8ddb44bf13e136af169ec73d755facd9a8"
SHORT = "79fee3d6dff7e052183c61b66bfed589f0f45dcf330bb277e07b396bd12e9774"


def test_the_part_2_statements_are_word_for_word() -> None:
    notice = part2_notice()
    assert hashlib.sha256(notice.long.encode()).hexdigest() == LONG
    assert hashlib.sha256(notice.short.encode()).hexdigest() == SHORT
    assert notice.short == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


def test_the_statement_is_not_the_one_of_2018() -> None:
    assert "criminally investigate" not in part2_notice().long
    assert "civil, criminal, administrative, or legislative proceedings" in part2_notice().long


def test_the_accounting_exempts_what_the_law_exempts_and_nothing_else() -> None:
    exempt = {code for code, purpose in purposes().items() if not purpose.accountable}
    assert exempt == {*TPO, "individual_access", "authorization"}


@pytest.mark.parametrize("code", purposes())
def test_every_purpose_names_its_rule(code: str) -> None:
    assert "CFR" in purposes()[code].basis


def reason(code: str, *, part2: bool = False, said: tuple[ConsentRecord, ...] = (), authority: str | None = "x") -> str:
    return may_disclose(code, part2=part2, consents=said, authority=authority, now=NOW).reason


def test_an_unknown_purpose_is_none() -> None:
    assert reason("curiosity") == "purpose_unknown"


@pytest.mark.parametrize("code", [code for code, purpose in purposes().items() if purpose.authority])
def test_what_rests_on_a_paper_names_it(code: str) -> None:
    assert reason(code, authority=None) == "authority_missing"
    assert reason(code, authority="") == "authority_missing"
    assert reason(code, authority="Order 12 of 3 May") == "allowed"


@pytest.mark.parametrize("code", purposes())
def test_a_part_2_record_without_consent_goes_to_nobody_but_the_client(code: str) -> None:
    assert (reason(code, part2=True) == "allowed") == (code == "individual_access")


@pytest.mark.parametrize("code", purposes())
def test_one_consent_covers_treatment_payment_and_operations_and_no_proceeding(code: str) -> None:
    assert (reason(code, part2=True, said=(GRANTED,)) == "allowed") == (code in (*TPO, "individual_access"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expires_at": NOW - timedelta(days=1)}, "part2_tpo_consent_expired"),
        ({"withdrawn_at": NOW - timedelta(days=1), "status": "withdrawn"}, "part2_tpo_consent_withdrawn"),
        ({"purposes": frozenset({"payment"})}, "part2_tpo_consent_other_purpose"),
        ({"recipients": frozenset({"health_plans"})}, "part2_tpo_consent_other_recipient"),
    ],
)
def test_a_consent_covers_its_scope_only(changes: dict[str, object], expected: str) -> None:
    said = ConsentRecord(**{"kind": "part2_tpo", "status": "granted", "granted_at": GRANTED.granted_at} | changes)
    assert reason("treatment", part2=True, said=(said,)) == expected


def test_the_scope_is_that_of_the_consent_in_force() -> None:
    assert part2_consent_scope([GRANTED], NOW) == GRANTED
    assert part2_consent_scope([], NOW) is None


def test_six_years_back_is_the_same_day() -> None:
    assert years_before(NOW) == NOW.replace(year=2020)
    assert years_before(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2022, 2, 28, tzinfo=UTC)
