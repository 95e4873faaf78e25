"""What an identifier is, where one was found, and what a text without them looks like."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol


class IdentifierType(StrEnum):
    """Kinds of identifiers; the value is the name of the token that stands for one."""

    CLIENT = "CLIENT"
    CLIENT_CONTACT = "CLIENT_CONTACT"
    """A relative, partner, friend or emergency contact named in the chart."""
    CLINICIAN = "CLINICIAN"
    PERSON = "PERSON"
    """A name that the chart does not know."""
    PHONE = "PHONE"
    FAX = "FAX"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    LOCATION = "LOCATION"
    """Smaller than a state: county, city, town."""
    ZIP = "ZIP"
    FACILITY = "FACILITY"
    """A hospital, clinic, pharmacy, church: it says where somebody was."""
    EMPLOYER = "EMPLOYER"
    SCHOOL = "SCHOOL"
    ORGANIZATION = "ORGANIZATION"
    """A company or group that the chart does not know."""
    DATE = "DATE"
    """More than a year: a day, or a month with its year."""
    AGE = "AGE"
    """Over 89, as HIPAA's Safe Harbor asks (45 CFR 164.514(b)(2)(i)(C))."""
    SSN = "SSN"
    RECORD_NUMBER = "RECORD_NUMBER"
    MEMBER_NUMBER = "MEMBER_NUMBER"
    ACCOUNT_NUMBER = "ACCOUNT_NUMBER"
    LICENSE_NUMBER = "LICENSE_NUMBER"
    """Of a licence, certificate or passport."""
    VEHICLE_ID = "VEHICLE_ID"
    """A plate or a vehicle identification number."""
    DEVICE_ID = "DEVICE_ID"
    """A serial number, also of an implant, or a network card's address."""
    URL = "URL"
    IP = "IP"
    BIOMETRIC_ID = "BIOMETRIC_ID"
    """The number of a stored finger or voice print.  The prints themselves are not text."""
    PHOTO = "PHOTO"
    """A picture in the text (``data:image/...``).  Pictures in files never reach a text."""
    OTHER_ID = "OTHER_ID"
    """Any other number or code that belongs to one person: a case, a claim, a user name."""
    LITERAL = "LITERAL"
    """Not an identifier: text of the source that looks like one of our tokens."""


SINGULAR = frozenset({IdentifierType.CLIENT, IdentifierType.CLINICIAN})
"""Types of which a chart has one, so that the token needs no number."""

NAMES = frozenset(
    {IdentifierType.CLIENT, IdentifierType.CLIENT_CONTACT, IdentifierType.CLINICIAN, IdentifierType.PERSON}
)
NUMBERS = frozenset(
    {IdentifierType.PHONE, IdentifierType.FAX, IdentifierType.SSN, IdentifierType.RECORD_NUMBER,
     IdentifierType.MEMBER_NUMBER, IdentifierType.ACCOUNT_NUMBER, IdentifierType.LICENSE_NUMBER,
     IdentifierType.VEHICLE_ID, IdentifierType.DEVICE_ID, IdentifierType.BIOMETRIC_ID, IdentifierType.OTHER_ID,
     IdentifierType.ZIP}
)  # fmt: skip
PHRASES = frozenset(
    {IdentifierType.ADDRESS, IdentifierType.LOCATION, IdentifierType.FACILITY, IdentifierType.EMPLOYER,
     IdentifierType.SCHOOL, IdentifierType.ORGANIZATION, IdentifierType.AGE, IdentifierType.IP,
     IdentifierType.PHOTO}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identifier:
    """One value that the chart knows."""

    type: IdentifierType
    value: str = field(repr=False)
    entity: str = ""
    """Who or what it belongs to, e.g. ``contact-1``: values of one entity share a token.  The value when empty."""
    relationship: str = ""
    """Of a contact: what the person is to the client, as the chart says it (``mother``)."""

    @property
    def key(self) -> str:
        return self.entity or self.value.casefold()


@dataclass(frozen=True, slots=True)
class ChartIdentifiers:
    """Everything in one client's chart that names or locates somebody."""

    identifiers: tuple[Identifier, ...] = ()

    def of(self, *types: IdentifierType) -> tuple[Identifier, ...]:
        """Those of these types, of all types without any; values without a letter or digit identify nobody."""
        searchable = (i for i in self.identifiers if any(char.isalnum() for char in i.value))
        return tuple(i for i in searchable if not types or i.type in types)


class Source(IntEnum):
    """How sure a detector is; the lowest wins where two disagree about the type."""

    PLACEHOLDER = 0
    CHART = 1
    PATTERN = 2
    LANGUAGE_MODEL = 3


@dataclass(frozen=True, slots=True)
class Detection:
    """An identifier found at [start, end)."""

    start: int
    end: int
    type: IdentifierType
    entity: str = field(default="", repr=False)
    """Who it belongs to, when the chart says so."""
    source: Source = Source.PATTERN


class Detector(Protocol):
    """Finds identifiers in a text.  One file each in ``detectors/``; a registry lists them."""

    def detect(self, text: str) -> Iterable[Detection]: ...


@dataclass(frozen=True, slots=True)
class Replaced:
    """An identifier at [start, end) of the original text, in characters, and the token that stands for it."""

    start: int
    end: int
    type: IdentifierType
    token: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text in which tokens stand for identifiers, and what each token stands for."""

    text: str
    token_map: Mapping[str, str] = field(repr=False)
    counts: Mapping[str, int]
    """Replacements in this text by identifier type."""
    spans: tuple[Replaced, ...] = ()
    """What was replaced, in the order of the text."""
