"""CPT from actual minutes.  Where minutes are missing nothing is guessed: not from the schedule, not from the
recording."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.chart import Appointment
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import CodeProposal

MINUTES_MISSING = Notice(
    "cpt_minutes_missing", "No CPT code: the appointment has no actual minutes. Record start and stop."
)
TOO_SHORT = Notice("cpt_too_short", "No CPT code: the recorded minutes are below the shortest billable session.")
LONG_SESSION = Notice("cpt_document_length", "90837: the note should say why more than 52 minutes were needed.")
FAMILY_PRESENCE = Notice("cpt_family_presence", "Family session: confirm that the client was present (else 90846).")
CRISIS_CONTENT = Notice(
    "cpt_document_crisis", "Crisis code: the note must show the crisis, its urgency and the disposition."
)
_ADVICE = {"90837": LONG_SESSION, "90847": FAMILY_PRESENCE, "90839": CRISIS_CONTENT}


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    data = yaml.safe_load((files("therapyflows.core.rules") / "cpt_time_rules.yaml").read_text("utf-8"))
    return dict(data)


def propose_cpt(appointment: Appointment | None) -> tuple[tuple[CodeProposal, ...], tuple[Notice, ...]]:
    """The codes that the recorded minutes and the session type give, and what the clinician must still see to.

    No appointment gives nothing at all; an appointment without minutes gives the notice ``cpt_minutes_missing``.
    """
    if appointment is None:
        return (), ()
    minutes = appointment.actual_minutes
    if minutes is None:
        return (), (MINUTES_MISSING,)
    proposals = tuple(_codes(appointment.session_type, minutes))
    if not proposals:
        return (), (TOO_SHORT,)
    return proposals, tuple(_ADVICE[p.code] for p in proposals if p.code in _ADVICE)


def codes_for(session_type: str, minutes: int) -> frozenset[str]:
    """Every code that these minutes of this kind of session give."""
    return frozenset(proposal.code for proposal in _codes(session_type, minutes))


def bands_of(code: str) -> tuple[str, ...]:
    """The minutes that a timed code takes, e.g. ``38-52``; empty for a code that the table does not know."""
    rules = [rule for kind in _rules()["session_types"].values() for rule in kind if rule["code"] == code]
    add_on = _rules()["crisis_add_on"]
    found = [_band(rule) for rule in rules] + ([f"more than {add_on['after']}"] if code == add_on["code"] else [])
    return tuple(dict.fromkeys(found))


def _band(rule: Mapping[str, Any]) -> str:
    return f"{rule['from']}-{rule['to']}" if "to" in rule else f"{rule['from']} or more"


def _codes(session_type: str, minutes: int) -> Iterator[CodeProposal]:
    rules: Sequence[Mapping[str, Any]] = _rules()["session_types"][session_type]
    for rule in rules:
        if rule["from"] <= minutes <= rule.get("to", minutes):
            yield CodeProposal("cpt", rule["code"], rule["label"], _reason(rule, minutes, session_type))
    if session_type == "crisis":
        yield from _crisis_add_ons(minutes)


def _reason(rule: Mapping[str, Any], minutes: int, session_type: str) -> str:
    return f"{minutes} recorded minutes, {session_type} session; the code takes {_band(rule)} minutes"


def _crisis_add_ons(minutes: int) -> Iterator[CodeProposal]:
    """One proposal per started block of 30 minutes beyond 74."""
    rule = _rules()["crisis_add_on"]
    beyond = max(minutes - rule["after"], 0)
    blocks = min(-(-beyond // rule["block"]), rule["at_most"])
    for number in range(1, blocks + 1):
        reason = f"block {number} of {blocks} beyond {rule['after']} of {minutes} recorded minutes"
        yield CodeProposal("cpt", rule["code"], rule["label"], reason)
