"""Values of the intake form: every field with where it stands on the page and how sure the reading is.

A field is read, absent or unreadable.  Absent means that nothing stands there: nothing is ever filled in for it, and an
answer that is not given is not "no" and not zero.  Everything here is frozen and serializes with pydantic's
TypeAdapter (``INTAKE_FORM`` below), because that is how it lies, encrypted, in the store.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from therapyflows.core.notices import Notice

T = TypeVar("T")


class Method(StrEnum):
    """How a value was found."""

    WEB_FORM = "web_form"
    FORM_FIELD = "form_field"
    """A field of a fillable PDF."""
    LAYOUT_RULE = "layout_rule"
    """Label and value on a page with a text layer."""
    OCR = "ocr"
    """Label and value on the image of a page."""
    MODEL = "model"
    PERSON = "person"
    """Set by the reviewer."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page in page units: 0..1 from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)  # no slots: `Extracted[str]()` notes its type on the value
class Extracted(Generic[T]):
    """One field.  ``Extracted()`` is a field that is absent."""

    value: T | None = None
    unreadable: bool = False
    """Something stands there and could not be read; ``value`` is None."""
    confidence: float = 0.0
    """0..1; for OCR the recognizer's own, lowered where the layout leaves doubt."""
    method: Method | None = None
    raw: str = ""
    """The text as it stands on the page."""
    page: int | None = None
    """From 1; None for a web form."""
    box: Box | None = None

    @property
    def absent(self) -> bool:
        return self.value is None and not self.unreadable


Text = Extracted[str]
Day = Extracted[date]
Number = Extracted[int]


def _nothing() -> Extracted[T]:
    return Extracted()


@dataclass(frozen=True, slots=True)
class Demographics:
    first_name: Extracted[str] = field(default_factory=_nothing)
    middle_name: Extracted[str] = field(default_factory=_nothing)
    last_name: Extracted[str] = field(default_factory=_nothing)
    preferred_name: Extracted[str] = field(default_factory=_nothing)
    pronouns: Extracted[str] = field(default_factory=_nothing)
    birth_date: Extracted[date] = field(default_factory=_nothing)
    sex: Extracted[str] = field(default_factory=_nothing)
    gender_identity: Extracted[str] = field(default_factory=_nothing)
    marital_status: Extracted[str] = field(default_factory=_nothing)
    race_ethnicity: Extracted[str] = field(default_factory=_nothing)
    language: Extracted[str] = field(default_factory=_nothing)
    employer: Extracted[str] = field(default_factory=_nothing)
    occupation: Extracted[str] = field(default_factory=_nothing)
    school: Extracted[str] = field(default_factory=_nothing)
    referred_by: Extracted[str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class ContactDetails:
    address_line: Extracted[str] = field(default_factory=_nothing)
    city: Extracted[str] = field(default_factory=_nothing)
    state: Extracted[str] = field(default_factory=_nothing)
    """Two letters."""
    postal_code: Extracted[str] = field(default_factory=_nothing)
    """``12345`` or ``12345-6789``."""
    phone: Extracted[str] = field(default_factory=_nothing)
    """The number that the form does not call home, mobile or work.  All numbers: ``(555) 123-4567``."""
    mobile_phone: Extracted[str] = field(default_factory=_nothing)
    home_phone: Extracted[str] = field(default_factory=_nothing)
    work_phone: Extracted[str] = field(default_factory=_nothing)
    email: Extracted[str] = field(default_factory=_nothing)
    preferred_contact: Extracted[str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class RelatedPerson:
    """An emergency contact, or the parent or guardian of a minor."""

    name: Extracted[str] = field(default_factory=_nothing)
    relationship: Extracted[str] = field(default_factory=_nothing)
    phone: Extracted[str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Policy:
    payer: Extracted[str] = field(default_factory=_nothing)
    member_id: Extracted[str] = field(default_factory=_nothing)
    """Exactly as printed: letters, digits, dashes."""
    group_number: Extracted[str] = field(default_factory=_nothing)
    subscriber_name: Extracted[str] = field(default_factory=_nothing)
    subscriber_birth_date: Extracted[date] = field(default_factory=_nothing)
    subscriber_relationship: Extracted[str] = field(default_factory=_nothing)
    """Of the client to the subscriber: self, spouse, child, other."""


@dataclass(frozen=True, slots=True)
class Insurance:
    primary: Policy = field(default_factory=Policy)
    secondary: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Presenting:
    problem: Extracted[str] = field(default_factory=_nothing)
    onset: Extracted[str] = field(default_factory=_nothing)
    """Since when, in the client's words."""
    symptoms: Extracted[str] = field(default_factory=_nothing)
    """Symptoms ticked in a list, as printed, separated by commas."""
    goals: Extracted[str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class History:
    """What the client wrote, and the labels of what was ticked, separated by commas."""

    medical: Extracted[str] = field(default_factory=_nothing)
    psychiatric: Extracted[str] = field(default_factory=_nothing)
    family: Extracted[str] = field(default_factory=_nothing)
    substance: Extracted[str] = field(default_factory=_nothing)
    trauma: Extracted[str] = field(default_factory=_nothing)
    prior_counseling: Extracted[bool] = field(default_factory=_nothing)
    prior_hospitalization: Extracted[bool] = field(default_factory=_nothing)
    """Psychiatric hospitalization."""


@dataclass(frozen=True, slots=True)
class Medication:
    name: Extracted[str] = field(default_factory=_nothing)
    dose: Extracted[str] = field(default_factory=_nothing)
    frequency: Extracted[str] = field(default_factory=_nothing)
    prescriber: Extracted[str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class RiskAnswers:
    """Answers to yes/no questions; an absent one was not answered (or not asked), which is not "no"."""

    suicidal_thoughts: Extracted[bool] = field(default_factory=_nothing)
    suicide_plan: Extracted[bool] = field(default_factory=_nothing)
    suicide_attempt: Extracted[bool] = field(default_factory=_nothing)
    self_harm: Extracted[bool] = field(default_factory=_nothing)
    harm_to_others: Extracted[bool] = field(default_factory=_nothing)
    abuse: Extracted[bool] = field(default_factory=_nothing)
    """Abuse, neglect or violence against the client, now or before."""
    weapons_access: Extracted[bool] = field(default_factory=_nothing)
    safe_at_home: Extracted[bool] = field(default_factory=_nothing)
    details: Extracted[str] = field(default_factory=_nothing)


class ConsentTopic(StrEnum):
    TREATMENT = "treatment"
    PRIVACY_PRACTICES = "privacy_practices"
    TELEHEALTH = "telehealth"
    RELEASE_OF_INFORMATION = "release_of_information"
    FINANCIAL = "financial"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """A consent on the form.  ``topics`` in the order printed: one signature may stand under several."""

    topics: tuple[ConsentTopic, ...]
    agreed: Extracted[bool] = field(default_factory=_nothing)
    """The box beside it, where there is one."""
    signature: Extracted[str] = field(default_factory=_nothing)
    """The typed or legible name; a drawn signature that cannot be read is unreadable, an empty line absent."""
    printed_name: Extracted[str] = field(default_factory=_nothing)
    signed_on: Extracted[date] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class MeasureAnswers:
    """A measure on the form: the answers item by item, and the total as the form states it (never computed)."""

    measure: str
    """``phq9`` or ``gad7``: a key of ``core/measures``."""
    items: tuple[Extracted[int], ...]
    stated_total: Extracted[int] = field(default_factory=_nothing)
    difficulty: Extracted[int] = field(default_factory=_nothing)
    """The question after the items, 0..3, not scored."""

    @property
    def present(self) -> bool:
        return not (self.stated_total.absent and all(item.absent for item in self.items))


def unanswered(measure: str, count: int) -> MeasureAnswers:
    """A measure of so many items of which none is answered."""
    return MeasureAnswers(measure, tuple(Extracted[int]() for _ in range(count)))


class FormSource(StrEnum):
    WEB_FORM = "web_form"
    FILLABLE_PDF = "fillable_pdf"
    TEXT_PDF = "text_pdf"
    SCAN = "scan"
    """A scanned PDF or a photo."""


@dataclass(frozen=True, slots=True)
class IntakeForm:
    """All that stands on one client's intake form."""

    source: FormSource
    page_count: int = 0
    demographics: Demographics = field(default_factory=Demographics)
    contact: ContactDetails = field(default_factory=ContactDetails)
    emergency_contact: RelatedPerson = field(default_factory=RelatedPerson)
    guardian: RelatedPerson = field(default_factory=RelatedPerson)
    insurance: Insurance = field(default_factory=Insurance)
    presenting: Presenting = field(default_factory=Presenting)
    history: History = field(default_factory=History)
    medications: tuple[Medication, ...] = ()
    takes_no_medications: Extracted[bool] = field(default_factory=_nothing)
    """True where the form says so ("none"); absent says nothing."""
    allergies: Extracted[str] = field(default_factory=_nothing)
    risk: RiskAnswers = field(default_factory=RiskAnswers)
    consents: tuple[SignedConsent, ...] = ()
    phq9: MeasureAnswers = field(default_factory=lambda: unanswered("phq9", 9))
    gad7: MeasureAnswers = field(default_factory=lambda: unanswered("gad7", 7))
    completed_on: Extracted[date] = field(default_factory=_nothing)
    warnings: tuple[Notice, ...] = ()


INTAKE_FORM = TypeAdapter(IntakeForm)
