"""Who may do what with a session note.  The table below is the whole policy; the EHR's roles and caseloads feed it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, get_args

Deed = Literal["view_queue", "view", "edit", "approve", "reject", "play", "swap_speakers", "start_run", "view_audit"]
"""``play``: listen to the recording.  ``start_run``: have a note drafted."""

DEEDS: tuple[Deed, ...] = get_args(Deed)

ROLES = ("Clinician", "Supervisor", "Billing Manager", "Scheduler", "Practice Administrator")


class Relation(StrEnum):
    """How a person stands to the client of a note."""

    OWN = "own"
    """The client is on the person's caseload."""
    SUPERVISED = "supervised"
    """The person supervises the clinician whose note it is."""
    NONE = "none"


_NEVER: frozenset[Relation] = frozenset()
_OWN = frozenset({Relation.OWN})
_RESPONSIBLE = frozenset({Relation.OWN, Relation.SUPERVISED})
_ANY = frozenset(Relation)

# fmt: off
_TABLE: dict[Deed, tuple[frozenset[Relation], ...]] = {
    #                 Clinician  Supervisor    Billing M.  Scheduler  Administrator
    "view_queue":    (_ANY,      _ANY,         _NEVER,     _NEVER,    _NEVER),  # the queue lists own drafts only
    "view":          (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "edit":          (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "approve":       (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "reject":        (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "play":          (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "swap_speakers": (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "start_run":     (_OWN,      _RESPONSIBLE, _NEVER,     _NEVER,    _NEVER),
    "view_audit":    (_NEVER,    _NEVER,       _NEVER,     _NEVER,    _ANY),    # holds ids, no clinical content
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the EHR as the policy sees them.  Role names that are not in ``ROLES`` give no rights."""

    user_id: str
    roles: frozenset[str]
    caseload: frozenset[str] = field(default=frozenset())
    """Client ids."""
    supervises: frozenset[str] = field(default=frozenset())
    """User ids of clinicians."""
    active: bool = True
    ai_opt_out: bool = False


@dataclass(frozen=True, slots=True)
class AccessDecision:
    allowed: bool
    reason: str
    """A constant: ``allowed_own_client``, ``allowed_supervised_client``, ``allowed_by_role``, ``person_inactive``,
    ``person_opted_out_of_ai``, ``role_not_permitted``, ``client_not_assigned``."""


def decide(person: Person, deed: Deed, *, client_id: str | None, clinician_id: str | None) -> AccessDecision:
    """Whether the person may do this.  ``clinician_id``: whose draft; both ids None for queue and trail."""
    if not person.active:
        return AccessDecision(False, "person_inactive")
    if deed == "start_run" and person.ai_opt_out:
        return AccessDecision(False, "person_opted_out_of_ai")
    rights = [relations for role, relations in zip(ROLES, _TABLE[deed], strict=True) if role in person.roles]
    if not any(rights):
        return AccessDecision(False, "role_not_permitted")
    relations = _relations(person, client_id, clinician_id)
    for relation, reason in _REASONS.items():
        if relation in relations and any(relation in right for right in rights):
            return AccessDecision(True, reason)
    return AccessDecision(False, "client_not_assigned")


_REASONS = {
    Relation.OWN: "allowed_own_client",
    Relation.SUPERVISED: "allowed_supervised_client",
    Relation.NONE: "allowed_by_role",
}


def _relations(person: Person, client_id: str | None, clinician_id: str | None) -> set[Relation]:
    """Everything that holds; NONE always does, and gives only what needs no relation."""
    found = {Relation.NONE}
    if client_id is not None and client_id in person.caseload:
        found.add(Relation.OWN)
    if clinician_id is not None and clinician_id in person.supervises:
        found.add(Relation.SUPERVISED)
    return found
