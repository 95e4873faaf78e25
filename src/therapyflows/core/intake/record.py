"""From a verified intake form to what is written into the chart: the client's record, scored measures.

Only what stands on the form is written.  An absent or unreadable field changes nothing, and what the chart holds
already is never emptied.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from typing import Any

from therapyflows.core.chart import Client, ClientChanges, Contact, InsurancePolicy, NewAssessment, NewClient
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.ids import derived_id
from therapyflows.core.intake.duplicates import Identity
from therapyflows.core.intake.model import IntakeForm, MeasureAnswers, Policy, RelatedPerson
from therapyflows.core.measures.catalogue import measure_named
from therapyflows.core.measures.model import Score
from therapyflows.core.measures.scoring import score

EMERGENCY = "emergency contact"
GUARDIAN = "parent or guardian"


def phone_of(form: IntakeForm) -> str | None:
    """The number under which the client is reached first."""
    contact = form.contact
    numbers = (contact.phone, contact.mobile_phone, contact.home_phone, contact.work_phone)
    return next((number.value for number in numbers if number.value), None)


def changes_of(form: IntakeForm, client: Client) -> ClientChanges:
    """What the form says and the record does not hold; may be nothing at all."""
    wanted = {
        **_plain_values(form),
        "contacts": _merged_contacts(client.contacts, _contacts(form)),
        "insurance": _merged_insurance(client.insurance, _policies(form)),
    }
    changed = {name: value for name, value in wanted.items() if value and value != getattr(client, name)}
    return ClientChanges.model_validate(changed)


def new_client_of(form: IntakeForm, record: DraftRecord) -> NewClient:
    """The person as they are registered, for the clinician whose intake it is."""
    stated = {name: value for name, value in _plain_values(form).items() if value}
    return NewClient(
        **stated,
        contacts=_contacts(form),
        insurance=_policies(form),
        assigned_clinicians=(record.clinician_id,),
        external_id=derived_id("tfc", record.id),
    )


def identity_of_form(form: IntakeForm, client_id: str) -> Identity:
    """The person on the form, for the search for duplicates; ``client_id`` is the record that the form belongs to."""
    values = _plain_values(form)
    return Identity(
        client_id=client_id,
        birth_date=form.demographics.birth_date.value,
        phone=phone_of(form) or "",
        member_id=form.insurance.primary.member_id.value or "",
        **{name: values[name] or "" for name in _COMPARED},
    )


def identity_of_client(client: Client) -> Identity:
    return Identity(
        client_id=client.id,
        birth_date=client.birth_date,
        phone=client.phone or "",
        member_id=client.insurance[0].member_id if client.insurance else "",
        record_number=client.mrn or "",
        **{name: getattr(client, name) or "" for name in _COMPARED},
    )


_COMPARED = ("first_name", "last_name", "preferred_name", "email", "address_line", "postal_code")


def scores_of(form: IntakeForm) -> Iterator[tuple[MeasureAnswers, Score]]:
    """Each measure that was begun, scored from its items; the total that the form states is not used."""
    for answers in (form.phq9, form.gad7):
        if answers.present:
            given = [item.value for item in answers.items]
            yield answers, score(measure_named(answers.measure), given)


def assessments_of(form: IntakeForm, *, client_id: str, draft_id: str) -> tuple[NewAssessment, ...]:
    """The measures as they are filed; unanswered items stay unanswered."""
    day = form.completed_on.value
    return tuple(
        NewAssessment(
            client_id=client_id,
            measure=measure_named(answers.measure).title,
            answers=tuple(item.value for item in answers.items),
            score=scored.total,
            severity=scored.band,
            narrative=narrative_of(scored),
            administered_at=datetime.combine(day, time(12), UTC) if day else None,
            external_id=derived_id("tfa", draft_id, answers.measure),
        )
        for answers, scored in scores_of(form)
    )


def narrative_of(scored: Score) -> str:
    """Total, band and what was critical or missing, in a few fixed words."""
    title = measure_named(scored.measure).title
    total = f"{title} total {scored.total}" if scored.total is not None else f"{title} incomplete, no total"
    band = f" ({scored.band})" if scored.band else ""
    prorated = ", prorated for missing items" if scored.prorated else ""
    said = [c.message for c in scored.critical] + [w.message for w in scored.warnings]
    return " ".join([f"{total}{band}{prorated}.", *(line if line.endswith(".") else f"{line}." for line in said)])


# --- parts ---


def _plain_values(form: IntakeForm) -> dict[str, Any]:
    who, contact = form.demographics, form.contact
    return {
        "first_name": who.first_name.value,
        "last_name": who.last_name.value,
        "preferred_name": who.preferred_name.value,
        "pronouns": who.pronouns.value,
        "birth_date": who.birth_date.value,
        "email": contact.email.value,
        "phone": phone_of(form),
        "address_line": contact.address_line.value,
        "city": contact.city.value,
        "state": contact.state.value,
        "postal_code": contact.postal_code.value,
        "employer": who.employer.value,
    }


def _contacts(form: IntakeForm) -> tuple[Contact, ...]:
    named = ((form.emergency_contact, EMERGENCY), (form.guardian, GUARDIAN))
    return tuple(_contact(person, role) for person, role in named if person.name.value)


def _contact(person: RelatedPerson, role: str) -> Contact:
    relation = person.relationship.value
    return Contact(
        name=person.name.value or "",
        relationship=f"{role} ({relation})" if relation else role,
        phone=person.phone.value,
    )


def _policies(form: IntakeForm) -> tuple[InsurancePolicy, ...]:
    stated = (form.insurance.primary, form.insurance.secondary)
    return tuple(_policy(policy) for policy in stated if policy.payer.value and policy.member_id.value)


def _policy(policy: Policy) -> InsurancePolicy:
    return InsurancePolicy(
        payer=policy.payer.value or "",
        member_id=policy.member_id.value or "",
        group_number=policy.group_number.value,
    )


def _merged_contacts(known: tuple[Contact, ...], stated: Iterable[Contact]) -> tuple[Contact, ...]:
    """Those on the form replace their namesakes; the others stay."""
    by_name = {contact.name.casefold(): contact for contact in known}
    by_name.update({contact.name.casefold(): contact for contact in stated})
    return tuple(by_name.values())


def _merged_insurance(
    known: tuple[InsurancePolicy, ...], stated: tuple[InsurancePolicy, ...]
) -> tuple[InsurancePolicy, ...]:
    """Those on the form come first, in their order; policies of other payers stay behind them."""
    payers = {policy.payer.casefold() for policy in stated}
    return (*stated, *(policy for policy in known if policy.payer.casefold() not in payers))
