"""One row per intake form: the values that checks look at, and the rules over several fields.

A rule is True, False or None; None where a field that it needs is absent, because nothing is known then.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import Extracted, FormSource, IntakeForm, MeasureAnswers, Policy
from therapyflows.core.intake.record import phone_of
from therapyflows.core.people import age_on

if TYPE_CHECKING:
    import pandas as pd

ADULT = 18
"""Age of majority in years; three states set another (AL, NE 19; MS 21) [state law, for the practice to settle]."""


def intake_frame(forms: Sequence[IntakeForm], today: date) -> "pd.DataFrame":
    """The frame; columns are always the same, also for no form at all."""
    import pandas as pd

    rows = [{**_values(form, today), **_rules(form, today)} for form in forms]
    columns = list({**_values(_BLANK, today), **_rules(_BLANK, today)})
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _values(form: IntakeForm, today: date) -> dict[str, Any]:
    who, contact = form.demographics, form.contact
    names = [part for part in (who.first_name.value, who.last_name.value) if part]
    birth_date = who.birth_date.value
    return {
        "first_name": who.first_name.value,
        "last_name": who.last_name.value,
        "full_name": " ".join(names) or None,
        "birth_date": birth_date.isoformat() if birth_date else None,
        "age": age_on(birth_date, today) if birth_date else None,
        "sex": who.sex.value,
        "source": form.source.value,
        "address_line": contact.address_line.value,
        "state": contact.state.value,
        "postal_code": contact.postal_code.value,
        "phone": phone_of(form),
        "email": contact.email.value,
        "emergency_name": form.emergency_contact.name.value,
        "payer": form.insurance.primary.payer.value,
        "presenting_problem": form.presenting.problem.value,
        "phq9_total": _total(form.phq9),
        "gad7_total": _total(form.gad7),
        "unreadable": sum(found.unreadable for _, found in walk(form)),
    }


def _rules(form: IntakeForm, today: date) -> dict[str, bool | None]:
    return {
        "reachable_ok": bool(phone_of(form) or form.contact.email.value),
        "guardian_ok": _guardian(form, today),
        "zip_state_ok": _zip_in_state(form.contact.postal_code.value, form.contact.state.value),
        "emergency_reachable_ok": _emergency_reachable(form),
        "member_id_given_ok": _given_with(form.insurance.primary.payer, form.insurance.primary.member_id),
        "member_id_shape_ok": _member_id(form.insurance.primary),
        "secondary_member_id_shape_ok": _member_id(form.insurance.secondary),
        "subscriber_ok": _subscriber(form.insurance.primary),
        "npi_ok": _npis(form),
        "consent_signed_ok": _all(not consent.signature.absent for consent in form.consents),
        "consent_dated_ok": _all(not c.signed_on.absent for c in form.consents if not c.signature.absent),
        "signed_in_order_ok": _dates_in_order(form, today),
        **_measure("phq9", form.phq9),
        **_measure("gad7", form.gad7),
        "item9_answered_ok": None if not form.phq9.present else form.phq9.items[8].value is not None,
        "risk_answers_agree_ok": _risk_agrees(form),
        "medications_agree_ok": None if form.takes_no_medications.value is not True else not form.medications,
    }


# --- the rules ---


def _all(answers: Any) -> bool | None:
    known = list(answers)
    return all(known) if known else None


def _guardian(form: IntakeForm, today: date) -> bool | None:
    birth_date = form.demographics.birth_date.value
    if birth_date is None or age_on(birth_date, today) >= ADULT:
        return None
    return form.guardian.name.value is not None


def _given_with(first: Extracted[str], second: Extracted[str]) -> bool | None:
    return None if first.value is None else not second.absent


def _emergency_reachable(form: IntakeForm) -> bool | None:
    contact = form.emergency_contact
    if contact.name.value is None:
        return None
    return contact.phone.value is not None and contact.phone.value != phone_of(form)


def _zip_in_state(postal_code: str | None, state: str | None) -> bool | None:
    prefixes = _table("zip_by_state")["prefixes"]
    if postal_code is None or state not in prefixes or not re.match(r"\d{5}", postal_code):
        return None
    return any(_within(postal_code[:3], str(span)) for span in prefixes[state])


def _within(prefix: str, span: str) -> bool:
    first, _, last = span.partition("-")
    return first <= prefix <= (last or first)


def _member_id(policy: Policy) -> bool | None:
    if policy.payer.value is None or policy.member_id.value is None:
        return None
    written = re.sub(r"[\s-]", "", policy.member_id.value).upper()
    for row in _table("member_ids")["payers"]:
        if re.search(row["payer"], policy.payer.value, re.IGNORECASE):
            return re.fullmatch(row["member_id"], written) is not None
    return None


def _subscriber(policy: Policy) -> bool | None:
    relationship = policy.subscriber_relationship.value
    if relationship is None or relationship.casefold() == "self":
        return None
    return not policy.subscriber_name.absent and not policy.subscriber_birth_date.absent


_NPI = re.compile(r"\bNPI\W{0,4}(\d{10})\b", re.IGNORECASE)


def _npis(form: IntakeForm) -> bool | None:
    written = [form.demographics.referred_by.value, *(drug.prescriber.value for drug in form.medications)]
    return _all(is_npi(number) for text in written if text for number in _NPI.findall(text))


def is_npi(number: str) -> bool:
    """Ten digits, the first 1 or 2, that pass the Luhn check behind the prefix 80840 (45 CFR 162.406)."""
    if not re.fullmatch(r"[12]\d{9}", number):
        return False
    digits = [int(digit) for digit in reversed(f"80840{number}")]
    return sum(sum(divmod(2 * d, 10)) if place % 2 else d for place, d in enumerate(digits)) % 10 == 0


def _dates_in_order(form: IntakeForm, today: date) -> bool | None:
    written = [form.completed_on.value, *(consent.signed_on.value for consent in form.consents)]
    first = form.demographics.birth_date.value or date.min
    return _all(first <= day <= today for day in written if day is not None)


def _measure(key: str, answers: MeasureAnswers) -> dict[str, bool | None]:
    """Range, total and completeness of a measure that was begun."""
    given = [item.value for item in answers.items if item.value is not None]
    missing = len(answers.items) - len(given)
    stated = answers.stated_total.value
    return {
        f"{key}_items_ok": _all(0 <= value <= 3 for value in given),
        f"{key}_total_ok": None if stated is None or not given else 0 <= stated - sum(given) <= 3 * missing,
        f"{key}_complete_ok": missing == 0 if answers.present else None,
    }


def _total(answers: MeasureAnswers) -> int | None:
    given = [item.value for item in answers.items if item.value is not None]
    return sum(given) if len(given) == len(answers.items) else answers.stated_total.value


def _risk_agrees(form: IntakeForm) -> bool | None:
    """False when "no thoughts" stands beside a positive item 9, or a plan beside "no thoughts"."""
    thoughts, item9 = form.risk.suicidal_thoughts.value, form.phq9.items[8].value
    if thoughts is None:
        return None
    return not (thoughts is False and ((item9 or 0) > 0 or form.risk.suicide_plan.value is True))


@lru_cache(maxsize=4)
def _table(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((files("therapyflows.core.rules") / f"{name}.yaml").read_text("utf-8"))
    return loaded


@lru_cache(maxsize=1)
def payers() -> Mapping[str, re.Pattern[str]]:
    """The payers that we know, by a fixed name, and how they are written."""
    return {row["name"]: re.compile(row["payer"], re.IGNORECASE) for row in _table("member_ids")["payers"]}


def states() -> list[str]:
    """Two-letter codes of the US Postal Service."""
    return sorted(_table("zip_by_state")["prefixes"])


_BLANK = IntakeForm(source=FormSource.WEB_FORM)
