"""What a client's chart knows that names or locates somebody: the input of the PHI boundary."""

from collections.abc import Iterator

from therapyflows.core.chart import Client, Contact, InsurancePolicy, User
from therapyflows.governance.phi import ChartIdentifiers, Identifier, IdentifierType


def chart_identifiers(client: Client, clinician: User | None = None) -> ChartIdentifiers:
    """Every identifier of the client, of the people around the client, and of the clinician."""
    found = [*_client(client)]
    for number, contact in enumerate(client.contacts, start=1):
        found += _contact(contact, f"contact-{number}")
    for policy in client.insurance:
        found += _policy(policy)
    if clinician is not None:
        found += _clinician(clinician)
    return ChartIdentifiers(tuple(i for i in found if i.value.strip()))


def _client(client: Client) -> Iterator[Identifier]:
    for name in (client.first_name, client.last_name, client.preferred_name):
        yield Identifier(IdentifierType.CLIENT, name or "", "client")
    values = (
        (IdentifierType.DATE, client.birth_date.isoformat() if client.birth_date else None),
        (IdentifierType.RECORD_NUMBER, client.mrn),
        (IdentifierType.EMAIL, client.email),
        (IdentifierType.PHONE, client.phone),
        (IdentifierType.ADDRESS, client.address_line),
        (IdentifierType.LOCATION, client.city),
        (IdentifierType.ZIP, client.postal_code),
        (IdentifierType.EMPLOYER, client.employer),
    )
    for type_, value in values:
        yield Identifier(type_, value or "")


def _contact(contact: Contact, entity: str) -> Iterator[Identifier]:
    yield Identifier(IdentifierType.CLIENT_CONTACT, contact.name, entity, contact.relationship)
    yield Identifier(IdentifierType.PHONE, contact.phone or "")


def _policy(policy: InsurancePolicy) -> Iterator[Identifier]:
    yield Identifier(IdentifierType.MEMBER_NUMBER, policy.member_id)
    yield Identifier(IdentifierType.MEMBER_NUMBER, policy.group_number or "")


def _clinician(clinician: User) -> Iterator[Identifier]:
    yield Identifier(IdentifierType.CLINICIAN, clinician.name, "clinician")
    yield Identifier(IdentifierType.EMAIL, clinician.email or "")
    yield Identifier(IdentifierType.ACCOUNT_NUMBER, clinician.npi or "")
