"""Delete what has reached the end of its retention period, and prove it.  Knows ports, not Prefect or SQL.

For each thing: delete it, append the proof (the digest of the ciphertext that was destroyed) to the audit trail, record
that the proof stands.  The store remembers the digest of what it deleted and lists it as due until that record is made.
So whoever kills this between any two steps loses nothing: the next round finds the thing again, deletes nothing, and
appends the proof.  At worst a proof stands twice; it is never missing.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from therapyflows.core.ports import AuditTrail, Contents, Recordings
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

log = structlog.get_logger()

RETENTION_ENDED = "retention_ended"


class Store(Protocol):
    @property
    def contents(self) -> Contents: ...
    @property
    def recordings(self) -> Recordings: ...
    @property
    def audit(self) -> AuditTrail: ...


def delete_due(store: Store, now: datetime, *, actor: Actor, flow_run_id: str | None = None) -> Mapping[str, int]:
    """One round; returns how many of each kind were deleted (``recording``, ``transcript``, ``prompt``, ...)."""
    deleted: Counter[str] = Counter()

    def prove(kind: str, resource: str, client_id: str, digest: str) -> None:
        details = {"kind": kind, "ciphertext_digest": digest, "reason": RETENTION_ENDED}
        store.audit.append(AuditEntry(Action.CONTENT_DELETED, actor, resource, client_id, flow_run_id, details=details))
        deleted[kind] += 1

    for recording_id, client_id in store.recordings.due_for_deletion(now):
        if (digest := store.recordings.delete(recording_id)) is not None:
            prove("recording", f"recording/{recording_id}", client_id, digest)
            store.recordings.deletion_recorded(recording_id)
    for content_id, client_id, kind in store.contents.due_for_deletion(now):
        if (digest := store.contents.delete(content_id)) is not None:
            prove(kind, f"content/{content_id}", client_id, digest)
            store.contents.deletion_recorded(content_id)
    swept = store.recordings.sweep_orphans()
    log.info("retention_round_done", deleted=sum(deleted.values()), orphans=swept, flow_run_id=flow_run_id)
    return dict(deleted)
