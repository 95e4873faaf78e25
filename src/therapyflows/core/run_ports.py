"""What every run is given that prepares a draft, waits for its reviewer and writes to the chart, whatever its use case.

A use case adds its own ports in a subclass beside its steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts, Ehr, OwnWrites, Recordings
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.access.cosign import CosignRules
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.policy import Periods, retain_until


class ReviewPolicy(Protocol):
    """What the practice decided about drafts of any kind."""

    @property
    def retention(self) -> Periods: ...
    @property
    def review_within(self) -> timedelta: ...
    @property
    def cosign(self) -> CosignRules: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPorts:
    ehr: Ehr
    drafts: Drafts
    decisions: Decisions
    contents: Contents
    recordings: Recordings
    own_writes: OwnWrites
    audit: AuditTrail
    policy: ReviewPolicy
    actor: Actor
    clock: Callable[[], datetime]
    flow_run_id: str | None = None

    @property
    def eraser(self) -> Eraser:
        """Deletes in the name of this run."""
        return Eraser(self.contents, self.recordings, self.audit, self.actor, self.flow_run_id)

    def keep_until(self, kind: str) -> datetime | None:
        """When something of this kind that is stored now must be deleted."""
        return retain_until(kind, self.clock(), self.policy.retention)

    def record(
        self,
        action: Action,
        resource: str,
        *,
        client_id: str | None = None,
        outcome: str = "ok",
        digest: str | None = None,
        **details: str | int | float | bool,
    ) -> None:
        """One entry of the audit trail by this run."""
        self.audit.append(
            AuditEntry(
                action=action,
                actor=self.actor,
                resource=resource,
                client_id=client_id,
                flow_run_id=self.flow_run_id,
                outcome=outcome,
                sent_digest=digest,
                details=details,
            )
        )

    def record_once(
        self,
        action: Action,
        resource: str,
        *,
        client_id: str,
        outcome: str = "ok",
        digest: str | None = None,
        **details: str | int | float | bool,
    ) -> None:
        """The same for a step that tells the trail before the row: repeated after a crash, the entry stands once."""
        told = self.audit.search(client_id=client_id, resource=resource)
        if not any(found.entry.action == action for found in told):
            self.record(action, resource, client_id=client_id, outcome=outcome, digest=digest, **details)
