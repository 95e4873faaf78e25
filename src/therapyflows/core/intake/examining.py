"""What a form comes to beside the chart: failed checks, risk, whose form it is, who is a client already, the welcome.

Asked when the form was read, and again whenever a reviewer corrects a value.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from therapyflows.core.chart import Client
from therapyflows.core.drafts.consent import client_of
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.intake.draft import QualityFinding, RiskFlag, WelcomeMessage
from therapyflows.core.intake.duplicates import DuplicateCandidate, Identity, compare, find_duplicates
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.intake.record import identity_of_client, identity_of_form
from therapyflows.core.intake.risk import risk_flags
from therapyflows.core.intake.welcome import WelcomeTemplate, welcome_message
from therapyflows.core.ports import Ehr

CheckForm = Callable[[IntakeForm, date], tuple[str, tuple[QualityFinding, ...]]]
"""Version of the suite and what the form fails; synchronous, slow the first time."""

ANOTHER_CLIENT = QualityFinding(
    key="another_clients_form",
    blocks=True,
    message="The person on the form is not the client in whose chart it was filed: compare name and birth date, "
    "and move the form if it belongs to somebody else.",
    fields=("demographics.first_name", "demographics.last_name", "demographics.birth_date"),
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What of the chart a form is compared with."""

    client: Client | None
    """In whose chart it stands; None for somebody who stands in none yet."""
    clinician: str
    """The name under which the welcome is written."""
    others: tuple[Identity, ...] = field(default=(), repr=False)
    """Every client of the practice."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The practice's own part of the welcome."""

    template: WelcomeTemplate
    practice_name: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What a form comes to."""

    findings: tuple[QualityFinding, ...]
    risks: tuple[RiskFlag, ...]
    duplicates: tuple[DuplicateCandidate, ...] = ()
    welcome: WelcomeMessage = field(default_factory=lambda: WelcomeMessage("", ""))
    """From the practice's template, to the name that stands on the form."""
    checks_version: str = ""


async def read_beside(ehr: Ehr, record: DraftRecord) -> Beside:
    """Raises NotFound, Transient."""
    client, clinician = await client_of(ehr, record), await ehr.get_user(record.clinician_id)
    others = [identity_of_client(other) async for other in ehr.list_clients()]
    return Beside(client, clinician.name, tuple(others))


def examine(form: IntakeForm, beside: Beside, *, check: CheckForm, greeting: Greeting, today: date) -> Examined:
    """Synchronous, because the checks are slow: called in a thread."""
    version, findings = check(form, today)
    client = beside.client
    return Examined(
        findings=(*(whose_form(form, client) if client else ()), *findings),
        risks=risk_flags(form, today),
        duplicates=tuple(find_duplicates(identity_of_form(form, client.id if client else ""), beside.others)),
        welcome=welcome_message(greeting.template, form, clinician=beside.clinician, practice=greeting.practice_name),
        checks_version=version,
    )


def whose_form(form: IntakeForm, client: Client) -> tuple[QualityFinding, ...]:
    """A finding when name and birth date speak against the client in whose chart the form stands.

    A record that knows too little of the client says nothing either way.
    """
    compared = compare(identity_of_form(form, ""), identity_of_client(client))
    naming = {"first_name", "last_name", "birth_date"}
    against = naming & set(compared.differs)
    return (ANOTHER_CLIENT,) if len(against) >= 2 or "birth_date" in against else ()
