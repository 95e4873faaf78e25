"""Every call of a language model: an entry of the audit trail, and what was sent and received, encrypted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from therapyflows.core.ids import derived_id, new_id
from therapyflows.governance.audit.chain import MAX_TEXT
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.phi.leaving import Place
from therapyflows.governance.retention.policy import Periods, retain_until
from therapyflows.integrations.llm.guarded import ModelCall
from therapyflows.integrations.store import Store


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what the calls are about."""

    client_id: str
    draft_id: str | None = None
    appointment_id: str | None = None


class ModelCallRecorder:
    """Records the calls of one conversation; a call that cannot be recorded does not happen."""

    def __init__(self, store: Store, actor: Actor, about: About, flow_run_id: str | None, periods: Periods) -> None:
        self._store, self._actor, self._flow_run_id, self._periods = store, actor, flow_run_id, periods
        self._client_id, self._appointment_id = about.client_id, about.appointment_id
        self._draft_id = about.draft_id

    def __call__(self, call: ModelCall) -> None:
        call_id = new_id("mdl")
        if call.sent:
            self._keep(call_id, "prompt", call.sent)
        if call.received is not None:
            self._keep(call_id, "completion", call.received)
        self._store.audit.append(
            AuditEntry(
                action=Action.MODEL_CALLED if call.left else Action.MODEL_REFUSED,
                actor=self._actor,
                resource=f"model_calls/{call_id}",
                client_id=self._client_id,
                flow_run_id=self._flow_run_id,
                outcome=call.outcome,
                sent_digest=call.sent_digest,
                received_digest=call.received_digest,
                details={
                    "provider": call.provider,
                    "model": call.model,
                    "purpose": call.purpose,
                    "prompt_id": call.prompt_id,
                    "prompt_version": call.prompt_version,
                    "fields": _listed(call.fields),
                    "place": call.place.value,
                    "covered_by_baa": call.place is Place.COVERED_BY_BAA,
                    "redacted": call.redacted,
                    "redaction": call.redaction,
                    "seconds": round(call.seconds, 2),
                    "prompt_tokens": call.prompt_tokens or 0,
                    "output_tokens": call.output_tokens or 0,
                    "replaced": sum(call.replaced.values()),
                    "replaced_types": _listed(f"{type_}:{n}" for type_, n in sorted(call.replaced.items())),
                    **({"appointment_id": self._appointment_id} if self._appointment_id else {}),
                },
            )
        )

    def _keep(self, call_id: str, kind: Literal["prompt", "completion"], value: bytes) -> None:
        self._store.contents.put(
            self._client_id,
            kind,
            value,
            content_id=derived_id("cnt", call_id, kind),
            retain_until=retain_until(kind, datetime.now(UTC), self._periods),
            draft_id=self._draft_id,
        )


def _listed(parts: Iterable[str]) -> str:
    """With commas, as long as the trail takes; how many more there are at the end."""
    kept, rest = "", list(parts)
    while rest and len(kept) + len(rest[0]) + len(",+999") <= MAX_TEXT:
        kept += ("," if kept else "") + rest.pop(0)
    return f"{kept},+{len(rest)}" if rest else kept
