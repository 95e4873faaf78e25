"""Who and what made a draft, as the audit trail tells it: the run, each call of a language model, what was redacted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.ports import AuditTrail
from therapyflows.governance.audit.model import Action, ChainedEntry

CALL = "model_calls/"
"""How the trail names a call of a model."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a language model."""

    id: str
    at: datetime
    model: str
    purpose: str
    prompt: str
    outcome: str
    left: bool
    """False: a rule refused it before anything was sent."""
    redacted: bool
    covered_by_baa: bool
    seconds: float
    prompt_tokens: int
    output_tokens: int
    replaced: Mapping[str, int]
    """How many identifiers of each type were replaced by tokens."""


@dataclass(frozen=True, slots=True)
class Making:
    calls: tuple[Call, ...]
    took: timedelta | None
    """From when the work began to the machine's draft."""

    @property
    def replaced(self) -> dict[str, int]:
        """Over all calls; the most frequent first."""
        total: Counter[str] = Counter()
        for call in self.calls:
            total.update(call.replaced)
        return dict(total.most_common())

    @property
    def tokens(self) -> int:
        return sum(call.prompt_tokens + call.output_tokens for call in self.calls)

    @property
    def seconds(self) -> float:
        return round(sum(call.seconds for call in self.calls), 1)


def making_of(audit: AuditTrail, record: DraftRecord) -> Making:
    """What the trail knows about how this draft was made."""
    found = [
        entry
        for action in (Action.MODEL_CALLED, Action.MODEL_REFUSED)
        for entry in audit.search(client_id=record.client_id, action=action)
        if _is_of(entry, record)
    ]
    stored = audit.search(client_id=record.client_id, resource=f"draft/{record.id}", action=Action.DRAFT_STORED)
    took = stored[0].at - record.created_at if stored else None
    return Making(tuple(_call(entry) for entry in sorted(found, key=lambda entry: entry.seq)), took)


def _is_of(found: ChainedEntry, record: DraftRecord) -> bool:
    entry = found.entry
    if not entry.resource.startswith(CALL) or entry.details.get("appointment_id") != record.appointment_id:
        return False
    return record.flow_run_id is None or entry.flow_run_id in (None, record.flow_run_id)


def _call(found: ChainedEntry) -> Call:
    told = found.entry.details
    return Call(
        id=found.entry.resource.removeprefix(CALL),
        at=found.at,
        model=f"{told.get('provider', '')}:{told.get('model', '')}",
        purpose=str(told.get("purpose", "")),
        prompt=f"{told.get('prompt_id', '')}/{told.get('prompt_version', '')}",
        outcome=found.entry.outcome,
        left=found.entry.action is Action.MODEL_CALLED,
        redacted=bool(told.get("redacted", False)),
        covered_by_baa=bool(told.get("covered_by_baa", False)),
        seconds=float(told.get("seconds", 0.0)),
        prompt_tokens=int(told.get("prompt_tokens", 0)),
        output_tokens=int(told.get("output_tokens", 0)),
        replaced=dict(_counts(str(told.get("replaced_types", "")))),
    )


def _counts(listed: str) -> Iterable[tuple[str, int]]:
    """``DATE:3,CLIENT_NAME:12`` as the recorder writes it; what it left out for length (``+4``) is not counted."""
    for part in listed.split(","):
        name, _, count = part.rpartition(":")
        if name and count.isdigit():
            yield name, int(count)
