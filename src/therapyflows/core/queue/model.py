"""Values of the queue: where a draft lies, how urgent it is, what is asked and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.governance.access.policy import Person, Relation, load_policy, reach

PAGE_ROWS = 50
DUE_SOON = timedelta(days=2)
"""A deadline nearer than this moves a draft up."""


class Place(StrEnum):
    """Where a waiting draft lies for the person who looks."""

    WAITING = "waiting"
    SNOOZED = "snoozed"
    HANDED_OVER = "handed_over"
    """A colleague has it."""
    COSIGN = "cosign"
    """Approved by somebody whom this person supervises: waits for their co-signature."""
    UNSIGNED = "unsigned"
    """Approved, waits for the co-signature of somebody else."""


class Urgency(IntEnum):
    """What comes first.  Within each the oldest, or what is due first."""

    RISK = 0
    """It speaks of a current risk."""
    OVERDUE = 1
    DUE_SOON = 2
    SENT_BACK = 3
    """It was decided before, and the decision did not count."""
    ORDINARY = 4


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row shows of a draft's content, counted when the content changed."""

    draft_id: str
    made_of: str
    urgent: bool
    open_points: int
    counts: Mapping[str, int] = field(default_factory=dict)
    """Badge (a grade of the note, ``urgent``, ``open``) to number."""


@dataclass(frozen=True, slots=True)
class Reach:
    """In these workflows the person sees drafts of own clients, of supervised clinicians, or all."""

    workflows: tuple[str, ...]
    relations: frozenset[Relation]


@dataclass(frozen=True, slots=True)
class Asked:
    """One look at the queue."""

    person: Person
    at: datetime
    workflow: str | None = None
    """None: all that the person may see."""
    place: Place = Place.WAITING
    holder: str | None = None
    """Only what this person has to decide; None: whoever."""
    page: int = 1
    needs_cosignature: frozenset[str] = frozenset()
    """Workflows in which this person's own approvals need one."""


@dataclass(frozen=True, slots=True)
class Row:
    record: DraftRecord
    place: Place
    urgency: Urgency
    facts: Facts | None
    """None: not counted yet."""
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """So many drafts of one kind."""

    workflow: str
    place: Place
    urgency: Urgency
    holder: str
    number: int


@dataclass(frozen=True, slots=True)
class Look:
    """One page of rows, and counts over all that the person sees, whatever was asked for."""

    rows: tuple[Row, ...]
    groups: tuple[Group, ...]


def made_of(record: DraftRecord) -> str:
    """What the facts of this row are counted from; other contents, other facts."""
    return f"{record.edited_content_id or record.draft_content_id or ''}/{record.transcript_id or ''}"


def queues_of(person: Person) -> tuple[str, ...]:
    """The workflows whose queue this person may open, in the order of the policy."""
    return tuple(workflow for workflow in load_policy().workflows if reach(person, "view_queue", workflow))


def reaches_of(person: Person) -> tuple[Reach, ...]:
    """What a list may show, by the same table as each single look.  Emergency access shows nothing in lists."""
    found: dict[frozenset[Relation], list[str]] = {}
    for workflow in queues_of(person):
        found.setdefault(reach(person, "view", workflow) - {Relation.EMERGENCY}, []).append(workflow)
    return tuple(Reach(tuple(workflows), relations) for relations, workflows in found.items() if relations)
