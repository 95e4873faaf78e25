"""What is known of a disclosure.  The names in it are kept encrypted; the audit trail holds ids, codes and a digest."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class DisclosureRequest:
    client_id: str
    recipient: str
    """Name, and address where known, of who receives it (45 CFR 164.528(b)(2)(ii))."""
    purpose: str
    """A code of ``governance/disclosure/purposes.yaml``."""
    authority: str | None
    """The order, request or authorization, named so that it can be found again."""
    requested_by: str
    """User id of the EHR."""


@dataclass(frozen=True, slots=True)
class DisclosureRecord:
    """As kept for the client's accounting."""

    id: str
    client_id: str
    made_at: datetime
    recipient: str
    purpose: str
    what: tuple[str, ...]
    """What was disclosed, in words for the accounting."""
    authority: str | None
    requested_by: str
    part2: bool
    consent_ids: tuple[str, ...] = ()
    """The consents in force that it rests on."""


RECORD = TypeAdapter(DisclosureRecord)


@dataclass(frozen=True, slots=True)
class AccountedDisclosure:
    """A line of an accounting."""

    seq: int
    """Of the entry in the audit trail."""
    record: DisclosureRecord
    accountable: bool
    """Whether the law has the accounting list it."""
    delivered: bool
    """False: it was told as made, and then the handing over failed."""


@dataclass(frozen=True, slots=True)
class AssociateUse:
    """Calls of a language model away from this machine: a business associate's work, not an accountable disclosure."""

    provider: str
    model: str
    calls: int
    redacted_calls: int
    covered_by_baa: bool
    """Of every call; one that was not must have gone without identifiers."""
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Accounting:
    client_id: str
    since: datetime
    until: datetime
    disclosures: tuple[AccountedDisclosure, ...]
    unreadable: tuple[int, ...]
    """Sequence numbers of disclosures whose record cannot be read or is not the one that was noted."""
    associates: tuple[AssociateUse, ...]
