"""Whether a client's consents and everybody's opt-outs allow a use.  In doubt the answer is no.

A consent counts from ``granted_at`` until it expires or is withdrawn; the latest word of the client wins
(``states.py``).  Rules: no recording is processed without a recording consent; nothing is drafted by AI without an AI
consent; material of a substance-use program (42 CFR Part 2) goes to a model off the machine only with a Part 2 consent
that covers it (``part2.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from therapyflows.governance.consent.part2 import Purpose, Recipient, part2_objection
from therapyflows.governance.consent.states import ConsentRecord, Status, standing

__all__ = ["WORKFLOWS", "ConsentCheck", "ConsentRecord", "Kind", "OptOut", "Use", "check", "use_allowed"]

Kind = Literal["recording", "ai_processing", "telehealth", "part2_tpo"]

WORKFLOWS: Mapping[str, tuple[Kind, ...]] = {
    "session-note": ("ai_processing",),
    "intake": (),
}
"""The consents that every run of a workflow needs; what its material needs besides is in :func:`use_allowed`."""

STOPPED_BY_REFUSAL: Mapping[str, tuple[Kind, ...]] = {"intake": ("ai_processing",)}
"""Consents of which an absent one stops nothing and a refused one does.

An intake form is filled in before anybody could ask for consent, and it is read by rules on the practice's machine, not
by a language model.  A client who has said no is not read by a machine at all.
"""


@dataclass(frozen=True, slots=True)
class OptOut:
    """What somebody does not take part in."""

    everything: bool = False
    workflows: frozenset[str] = field(default=frozenset())

    def covers(self, workflow: str) -> bool:
        return self.everything or workflow in self.workflows


@dataclass(frozen=True, slots=True)
class Use:
    """What is to be done with which material."""

    workflow: str
    source_is_recording: bool = False
    part2: bool = False
    """The client is of a Part 2 program."""
    leaves_machine: bool = False
    """Text goes to a language model that is not on this machine."""
    by_model: bool = False
    """A language model reads the material, wherever it runs: then what a refusal would stop needs a consent."""


@dataclass(frozen=True, slots=True)
class ConsentCheck:
    allowed: bool
    reason: str
    """A constant: ``allowed``, ``client_opted_out``, ``clinician_opted_out``, ``workflow_unknown``, or
    ``<kind>_consent_<why>`` with why one of ``missing``, ``offered``, ``declined``, ``withdrawn``, ``expired``,
    ``not_yet_valid``, ``undated``, ``other_purpose``, ``other_recipient``."""

    @property
    def is_taken_back(self) -> bool:
        """The client took back what was given, or refused it: what it covered is to be deleted, not only stopped."""
        return self.reason.endswith(("_withdrawn", "_declined"))


NOBODY = OptOut()


def use_allowed(
    use: Use,
    records: Iterable[ConsentRecord],
    *,
    client: OptOut = NOBODY,
    clinician: OptOut = NOBODY,
    now: datetime,
) -> ConsentCheck:
    """Whether the use is allowed; names the first thing that stands against it."""
    if use.workflow not in WORKFLOWS:
        return ConsentCheck(False, "workflow_unknown")
    if client.covers(use.workflow):
        return ConsentCheck(False, "client_opted_out")
    if clinician.covers(use.workflow):
        return ConsentCheck(False, "clinician_opted_out")
    known = tuple(records)
    needed: tuple[Kind, ...] = ("recording",) if use.source_is_recording else ()
    for kind in (*needed, *WORKFLOWS[use.workflow]):
        if not (found := check(kind, known, now)).allowed:
            return found
    for kind in STOPPED_BY_REFUSAL.get(use.workflow, ()):
        refused = check(kind, known, now)
        if refused.is_taken_back or ((use.leaves_machine or use.by_model) and not refused.allowed):
            return refused
    if use.part2 and use.leaves_machine:
        against = part2_objection(known, now, purpose=Purpose.TREATMENT, recipient=Recipient.PROGRAM_HELPERS)
        return ConsentCheck(against is None, against or "allowed")
    return ConsentCheck(True, "allowed")


def check(kind: Kind, records: Iterable[ConsentRecord], now: datetime) -> ConsentCheck:
    """Whether this kind of consent stands at ``now``, whatever its scope."""
    why = _objection([record for record in records if record.kind == kind], now)
    return ConsentCheck(why is None, f"{kind}_consent_{why}" if why else "allowed")


def _objection(records: list[ConsentRecord], now: datetime) -> str | None:
    found = standing(records, now)
    if found.status is Status.UNKNOWN:
        return "not_yet_valid" if records else "missing"
    if found.status is not Status.GRANTED:
        return found.status.value
    return None if found.record is not None and found.record.granted_at is not None else "undated"
