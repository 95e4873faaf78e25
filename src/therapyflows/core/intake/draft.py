"""Values of an intake draft: the form as read and corrected, and what a reviewer settles before it counts."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter

from therapyflows.core.intake.duplicates import DuplicateCandidate
from therapyflows.core.intake.model import IntakeForm


class RiskLevel(StrEnum):
    URGENT = "urgent"
    """A person must see it today; a task is made before anything else happens with the form."""
    ATTENTION = "attention"
    """To be looked at in the review: unanswered, unreadable, or history."""


@dataclass(frozen=True, slots=True)
class RiskFlag:
    code: str
    """A constant, e.g. ``phq9_item9``, ``text_suicide``."""
    level: RiskLevel
    path: str
    """The field of the form, e.g. ``phq9.items.8``."""


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """A data check that the form fails.  ``fields`` are paths or beginnings of paths."""

    key: str
    blocks: bool
    """Nothing is posted until a person has corrected the form or settled this with a reason."""
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A blocking finding that a person let stand on purpose."""

    key: str
    reason: str = field(repr=False)
    """The person's own words: content."""


@dataclass(frozen=True, slots=True)
class WelcomeMessage:
    """The message that the client gets, from the practice's template; empty when the reviewer wants none."""

    subject: str = field(repr=False)
    body: str = field(repr=False)


SamePerson = Literal["unanswered", "somebody_else", "same_person"]


@dataclass(frozen=True, slots=True)
class IntakeDraft:
    form: IntakeForm
    findings: tuple[QualityFinding, ...] = ()
    checks_version: str = ""
    risks: tuple[RiskFlag, ...] = ()
    duplicates: tuple[DuplicateCandidate, ...] = ()
    same_person: SamePerson = "unanswered"
    """The reviewer's answer to ``duplicates``."""
    same_person_as: str | None = None
    """Of somebody who stands in no chart yet: the client whom the reviewer knows them to be."""
    prospective: bool = False
    """The person stands in no chart yet: approving registers them, or changes ``same_person_as``."""
    settled: tuple[Settled, ...] = ()
    accepted: tuple[str, ...] = ()
    """Paths that the reviewer has compared with the page and accepted, or confirmed as unreadable."""
    welcome: WelcomeMessage = field(default_factory=lambda: WelcomeMessage("", ""))
    welcome_is_own: bool = False
    """The reviewer changed the template's words."""
    welcome_outdated: bool = False
    """The client's name was corrected after that."""


INTAKE_DRAFT = TypeAdapter(IntakeDraft)
