"""What the steps are given: the practice's policy and the ports."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from therapyflows.core.ports import (
    AuditTrail,
    Contents,
    Decisions,
    Drafts,
    Ehr,
    OwnWrites,
    Recognizer,
    Recordings,
)
from therapyflows.core.retention.erase import Eraser
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.policy import Periods, retain_until

Drafter = Callable[[Transcript, SessionContext, Template], Awaitable[Draft]]
"""Turns a transcript into a draft, by a language model or by the evidence drafter; never fails for want of a model."""


@dataclass(frozen=True, slots=True)
class NotePolicy:
    """What the practice decided about its notes."""

    note_format: str = "soap"
    retention: Periods = field(default_factory=Periods)
    review_within: timedelta = timedelta(days=14)
    review_base_url: str = "http://127.0.0.1:4280"
    model_leaves_machine: bool = False

    def review_url(self, draft_id: str) -> str:
        """Where the reviewer finds the draft; an id, nothing else."""
        return f"{self.review_base_url}/drafts/{draft_id}"


@dataclass(frozen=True, slots=True)
class SessionNotePorts:
    """Everything the steps reach the world through."""

    ehr: Ehr
    drafts: Drafts
    decisions: Decisions
    contents: Contents
    recordings: Recordings
    own_writes: OwnWrites
    audit: AuditTrail
    recognizer: Callable[[], Recognizer]
    """Loads the model at the first call, because most runs of a flow (every wake-up) need none."""
    read_transcript: Callable[[bytes, str], Transcript]
    """Parses an uploaded transcript (content, file name)."""
    drafter: Drafter
    policy: NotePolicy
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
