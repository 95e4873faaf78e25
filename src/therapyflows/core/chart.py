"""Objects of the chart as the product sees them, whatever EHR they come from.

Field names follow the EHR contract (``clientId`` on the wire, ``client_id`` here).  Unknown fields are ignored: an EHR
may send more than we read.  All values are frozen.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class ChartObject(BaseModel):
    """Base of what is read from the EHR."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Role(StrEnum):
    CLINICIAN = "Clinician"
    SUPERVISOR = "Supervisor"
    BILLING_MANAGER = "Billing Manager"
    SCHEDULER = "Scheduler"
    PRACTICE_ADMINISTRATOR = "Practice Administrator"


class User(ChartObject):
    id: str
    name: str
    email: str | None = None
    credential: str | None = None
    """Licence as printed after the name, e.g. ``LCSW``."""
    npi: str | None = None
    roles: tuple[Role, ...]
    caseload: tuple[str, ...] = ()
    """Client ids assigned to this person."""
    supervises: tuple[str, ...] = ()
    """User ids whose clients this supervisor is responsible for."""
    ai_opt_out: bool = False
    ai_opt_out_workflows: tuple[str, ...] = ()
    """Workflows that this person does not take part in, e.g. ``session-note``; ``ai_opt_out`` means all."""
    active: bool = True


class ConsentKind(StrEnum):
    RECORDING = "recording"
    AI_PROCESSING = "ai_processing"
    TELEHEALTH = "telehealth"
    PART2_TPO = "part2_tpo"


class Consent(ChartObject):
    """A consent as the chart holds it.  ``statement`` is the wording the client agreed to, to be copied verbatim."""

    id: str
    kind: ConsentKind
    status: Literal["offered", "granted", "declined", "withdrawn", "expired"]
    statement: str
    offered_at: datetime | None = None
    granted_at: datetime | None = None
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    purposes: tuple[str, ...] | None = None
    """Of a Part 2 consent: what it is for.  None: all treatment, payment and health care operations."""
    recipients: tuple[str, ...] | None = None
    """Of a Part 2 consent: classes of recipients.  None: all of 42 CFR 2.31(a)(4)(ii)."""


class Contact(ChartObject):
    name: str
    relationship: str
    phone: str | None = None


class InsurancePolicy(ChartObject):
    payer: str
    member_id: str
    group_number: str | None = None


class Client(ChartObject):
    id: str
    first_name: str
    last_name: str
    preferred_name: str | None = None
    pronouns: str | None = None
    birth_date: date | None = None
    mrn: str | None = None
    email: str | None = None
    phone: str | None = None
    address_line: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    employer: str | None = None
    contacts: tuple[Contact, ...] = ()
    insurance: tuple[InsurancePolicy, ...] = ()
    assigned_clinicians: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    part2_program: bool = False
    ai_opt_out: bool = False
    external_id: str | None = None
    ai_opt_out_workflows: tuple[str, ...] = ()
    """Workflows that the client does not want AI in; ``ai_opt_out`` means all."""
    etag: str | None = None
    updated_at: datetime | None = None


class NewClient(ChartObject):
    """A client to be registered."""

    first_name: str
    last_name: str
    preferred_name: str | None = None
    pronouns: str | None = None
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    address_line: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    employer: str | None = None
    contacts: tuple[Contact, ...] = ()
    insurance: tuple[InsurancePolicy, ...] = ()
    assigned_clinicians: tuple[str, ...] = ()
    external_id: str


class ClientChanges(ChartObject):
    """What changes in a client's record: the fields that were set, and no others."""

    first_name: str | None = None
    last_name: str | None = None
    preferred_name: str | None = None
    pronouns: str | None = None
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    address_line: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    employer: str | None = None
    contacts: tuple[Contact, ...] | None = None
    insurance: tuple[InsurancePolicy, ...] | None = None

    def stand_in(self, client: Client) -> bool:
        """Whether the record holds every change."""
        return all(getattr(client, name) == getattr(self, name) for name in self.model_fields_set)


class SessionFields(ChartObject):
    """What the clinician typed into the appointment itself."""

    notes: str | None = None
    mood_rating: int | None = None
    interventions: str | None = None
    homework: str | None = None


class Appointment(ChartObject):
    id: str
    client_id: str
    clinician_id: str
    service_code: str | None = None
    start: datetime
    end: datetime
    actual_minutes: int | None = None
    """Face-to-face minutes as the clinician recorded them; None means unknown and nothing may be guessed from it."""
    modality: Literal["in_person", "video", "audio"] = "in_person"
    place_of_service: str | None = None
    status: Literal["scheduled", "completed", "cancelled", "no_show"] = "scheduled"
    session_type: Literal["intake", "individual", "family", "group", "crisis"] = "individual"
    session_fields: SessionFields | None = None
    updated_at: datetime | None = None


class NoteStatus(StrEnum):
    DRAFT = "Draft"
    SIGNED = "Signed"
    AMENDED = "Amended"


class NoteSection(ChartObject):
    name: str
    text: str


class Note(ChartObject):
    id: str
    client_id: str
    appointment_id: str | None = None
    clinician_id: str
    type: str = "progress_note"
    format: str | None = None
    draft_content: tuple[NoteSection, ...] = ()
    diagnosis_codes: tuple[str, ...] = ()
    service_code: str | None = None
    status: NoteStatus
    external_id: str | None = None
    etag: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NewProgressNote(ChartObject):
    """A note to be created as an unlocked Draft.  ``external_id`` is derived from our draft id."""

    client_id: str
    appointment_id: str
    clinician_id: str
    format: str
    draft_content: tuple[NoteSection, ...]
    diagnosis_codes: tuple[str, ...] = ()
    service_code: str | None = None
    external_id: str


class PlanGoal(ChartObject):
    id: str
    text: str
    objectives: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()


class TreatmentPlan(ChartObject):
    id: str
    client_id: str
    status: Literal["Draft", "Active"]
    diagnosis_codes: tuple[str, ...] = ()
    goals: tuple[PlanGoal, ...] = ()
    start: date | None = None
    review_date: date | None = None
    etag: str | None = None
    updated_at: datetime | None = None


class NewAssessment(ChartObject):
    """A scored measure to be filed.  ``answers`` in item order; None is unanswered, never zero."""

    client_id: str
    measure: str
    """Its printed name, e.g. ``PHQ-9``."""
    version: str | None = None
    answers: tuple[int | None, ...]
    score: int | None = None
    severity: str | None = None
    narrative: str | None = None
    administered_at: datetime | None = None
    external_id: str


class Assessment(ChartObject):
    id: str
    client_id: str
    measure: str
    version: str | None = None
    answers: tuple[int | None, ...]
    score: int | None = None
    severity: str | None = None
    narrative: str | None = None
    administered_at: datetime | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NewMessage(ChartObject):
    """A secure message to the client.  A Draft waits for a person to send it."""

    client_id: str
    subject: str | None = None
    body: str
    status: Literal["Draft", "Sent"] = "Draft"
    external_id: str


class NewStaffMessage(ChartObject):
    """A message to one user of the EHR; no client reads it.  ``body`` names what to do and references."""

    to_id: str
    client_id: str | None = None
    """Whom it is about."""
    subject: str
    body: str
    external_id: str


class DocumentKind(StrEnum):
    RECORDING = "recording"
    DICTATION = "dictation"
    TRANSCRIPT = "transcript"
    INTAKE_FORM = "intake_form"
    LETTER = "letter"
    PSYCHOTHERAPY_NOTE = "psychotherapy_note"
    """45 CFR 164.501: kept apart from the record; never read by any model."""
    OTHER = "other"


class Document(ChartObject):
    id: str
    client_id: str
    appointment_id: str | None = None
    kind: DocumentKind
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    external_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NewDocument(ChartObject):
    """A document to be filed in a client's chart."""

    client_id: str
    kind: DocumentKind
    file_name: str
    content_type: str
    external_id: str


class NewTask(ChartObject):
    """A to-do or alert for one user of the EHR.  ``text`` names what to do and references, not clinical content."""

    assignee_id: str
    client_id: str | None = None
    title: str
    text: str
    priority: Literal["normal", "high", "urgent"] = "normal"
    external_id: str


class Task(ChartObject):
    """A to-do as it stands in the EHR, whoever made it."""

    id: str
    assignee_id: str
    client_id: str | None = None
    title: str
    text: str = ""
    priority: Literal["normal", "high", "urgent"] = "normal"
    status: Literal["open", "done"] = "open"
    external_id: str | None = None
    created_at: datetime | None = None


class Subscription(ChartObject):
    id: str
    url: str
    event_types: tuple[str, ...]
    secret: str | None = None


class EhrChange(ChartObject):
    """One changed object as a scheduled sync sees it."""

    resource: str
    id: str
    client_id: str | None = None
    updated_at: datetime
    data: dict[str, Any] = {}
