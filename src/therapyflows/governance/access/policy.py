"""Who may do what with whose material.  The table in ``policy.yaml`` is the whole policy; roles come from the EHR.

Whatever the table does not list is refused: a role, a deed or a workflow that it does not know gives nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Literal, get_args

import yaml

Deed = Literal[
    "view_queue", "view", "edit", "approve", "reject", "snooze", "hand_over", "cosign", "approve_batch",
    "play", "swap_speakers", "start_run", "retry_run",
    "view_appointments", "view_session_prep", "view_client_page", "manage_consent", "shred_content", "disclose",
    "view_disclosures", "view_quality", "view_audit", "export_audit", "verify_audit", "break_glass",
    "review_break_glass", "view_operations", "view_attention", "train", "manage_style", "keep_snippets",
    "keep_practice_snippets", "redraft",
]  # fmt: skip
"""``manage_style``: one's own wording of notes.
``view_appointments``: one's own and those of whom one supervises.  ``view_session_prep``: the page before a session.
``play``: listen to the recording.  ``start_run``: have it drafted.  ``cosign``: answer for an approval by somebody
supervised.  ``break_glass``: open emergency access."""

DEEDS: tuple[Deed, ...] = get_args(Deed)

ROLES = ("Clinician", "Supervisor", "Billing Manager", "Scheduler", "Practice Administrator")

PRACTICE = "practice"
"""The workflow of deeds that belong to none."""


PROSPECT = "prospect:"
"""What the id of somebody begins with who is no client yet and stands in no chart: ``prospect:<id of the form>``."""


def is_prospect(client_id: str) -> bool:
    return client_id.startswith(PROSPECT)


class Relation(StrEnum):
    """How a person stands to the client concerned."""

    OWN = "own"
    """The client is on the person's caseload; who is no client yet belongs to the clinician who takes them on."""
    SUPERVISED = "supervised"
    """The person supervises the clinician whose draft it is."""
    EMERGENCY = "emergency"
    """The person has emergency access to the client, open at this moment."""
    NONE = "none"


_WORDS = {"own": Relation.OWN, "sup": Relation.SUPERVISED, "emg": Relation.EMERGENCY}
_REASONS = {
    Relation.OWN: "allowed_own_client",
    Relation.SUPERVISED: "allowed_supervised_client",
    Relation.NONE: "allowed_by_role",
    Relation.EMERGENCY: "allowed_emergency",  # last: only who has no other right acts by it
}
_OPTED_OUT_OF = ("start_run", "retry_run")


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the EHR as the policy sees them.  Role names that are not in ``ROLES`` give no rights."""

    user_id: str
    roles: frozenset[str]
    caseload: frozenset[str] = field(default=frozenset())
    """Client ids."""
    supervises: frozenset[str] = field(default=frozenset())
    """User ids of clinicians."""
    emergency: frozenset[str] = field(default=frozenset())
    """Client ids to which emergency access is open right now (``emergency.py``)."""
    active: bool = True
    ai_opt_out: bool = False


@dataclass(frozen=True, slots=True)
class AccessDecision:
    allowed: bool
    reason: str
    """A constant: ``allowed_own_client``, ``allowed_supervised_client``, ``allowed_by_role``, ``allowed_emergency``,
    ``person_inactive``, ``person_opted_out_of_ai``, ``role_not_permitted``, ``client_not_assigned``,
    ``not_in_policy``."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The table as read."""

    in_force: str
    workflows: Mapping[str, tuple[str, ...]]
    """Workflow to the kinds of rows that hold for it."""
    rows: Mapping[tuple[str, str], Mapping[str, frozenset[Relation]]]
    """(kind, deed) to what each role needs."""

    def row(self, workflow: str, deed: str) -> Mapping[str, frozenset[Relation]] | None:
        """What each role needs for this; None when the table knows no such thing."""
        for kind in self.workflows.get(workflow, ()):
            if (kind, deed) in self.rows:
                return self.rows[kind, deed]
        return None


def decide(
    person: Person, deed: Deed, *, workflow: str, client_id: str | None, clinician_id: str | None
) -> AccessDecision:
    """Whether the person may do this.

    ``workflow`` is the draft's, or :data:`PRACTICE`; ``clinician_id`` says whose draft it is.  Both ids are None for
    what concerns no one client (queue, trail).
    """
    if not person.active:
        return AccessDecision(False, "person_inactive")
    row = load_policy().row(workflow, deed)
    if row is None:
        return AccessDecision(False, "not_in_policy")
    if deed in _OPTED_OUT_OF and person.ai_opt_out:
        return AccessDecision(False, "person_opted_out_of_ai")
    needed = reach(person, deed, workflow)
    if not needed:
        return AccessDecision(False, "role_not_permitted")
    held = _relations(person, client_id, clinician_id)
    for relation, reason in _REASONS.items():
        if relation in held & needed:
            return AccessDecision(True, reason)
    return AccessDecision(False, "client_not_assigned")


def reach(person: Person, deed: Deed, workflow: str) -> frozenset[Relation]:
    """The relations by which this person's roles may do it, for lists of many clients; empty: not at all."""
    row = load_policy().row(workflow, deed) if person.active else None
    return frozenset[Relation]().union(*((row or {}).get(role, frozenset()) for role in person.roles))


def decide_for_client(
    person: Person, deed: Deed, *, client_id: str, clinician_ids: Iterable[str], workflow: str = PRACTICE
) -> AccessDecision:
    """The same for what concerns a client and no one draft; ``clinician_ids``: everybody the client is assigned to."""
    answers = [
        decide(person, deed, workflow=workflow, client_id=client_id, clinician_id=clinician_id)
        for clinician_id in (None, *clinician_ids)
    ]
    return next((answer for answer in answers if answer.allowed), answers[0])


def _relations(person: Person, client_id: str | None, clinician_id: str | None) -> frozenset[Relation]:
    """Everything that holds; NONE always does, and gives only what needs no relation."""
    found = {Relation.NONE}
    if client_id is not None and client_id in person.caseload:
        found.add(Relation.OWN)
    if client_id is not None and is_prospect(client_id) and clinician_id == person.user_id:
        found.add(Relation.OWN)
    if clinician_id is not None and clinician_id in person.supervises:
        found.add(Relation.SUPERVISED)
    if client_id is not None and client_id in person.emergency:
        found.add(Relation.EMERGENCY)
    return frozenset(found)


@lru_cache(maxsize=1)
def load_policy() -> Policy:
    """The table of ``policy.yaml``."""
    return read_policy((files(__package__) / "policy.yaml").read_text("utf-8"))


def read_policy(text: str) -> Policy:
    """Parse a policy file.  Raises ValueError for a table that is not what the product knows."""
    data = yaml.safe_load(text)
    head, *lines = data["table"].splitlines()
    if tuple(name.strip() for name in head.split("|")[1:]) != ROLES:
        raise ValueError("the columns of the policy are not the roles of the EHR")
    rows = dict(_row(line) for line in lines)
    workflows = {name: tuple(kinds) for name, kinds in data["workflows"].items()}
    if len(rows) != len(lines) or {kind for kind, _ in rows} != {k for kinds in workflows.values() for k in kinds}:
        raise ValueError("a row of the policy stands twice, or a kind of row belongs to no workflow")
    return Policy(str(data["in_force"]), workflows, rows)


def _row(line: str) -> tuple[tuple[str, str], dict[str, frozenset[Relation]]]:
    label, *cells = line.split("|")
    kind, deed = label.split()
    if deed not in DEEDS or len(cells) != len(ROLES):
        raise ValueError(f"not a row of the policy: {kind} {deed}")
    return (kind, deed), {role: _needed(cell.strip()) for role, cell in zip(ROLES, cells, strict=True)}


def _needed(cell: str) -> frozenset[Relation]:
    """``any`` holds for everybody, because everybody has at least the relation NONE."""
    if cell in ("-", "any"):
        return frozenset({Relation.NONE}) if cell == "any" else frozenset()
    return frozenset(_WORDS[word] for word in cell.split())
