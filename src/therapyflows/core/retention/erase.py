"""Delete one thing, prove it, note that the proof stands: killed between any two of these, repeating finishes it.

The proof is an entry of the audit trail with the digest of the ciphertext that was destroyed.  It is looked for before
it is written, so that it stands exactly once however often the work was interrupted.
"""

from dataclasses import dataclass

from therapyflows.core.ports import AuditTrail, Contents, Recordings
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.kinds import RECORDING


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases contents and recordings in the name of one actor."""

    contents: Contents
    recordings: Recordings
    audit: AuditTrail
    actor: Actor
    flow_run_id: str | None = None

    def erase(self, kind: str, object_id: str, *, client_id: str, reason: str) -> bool:
        """Delete it and prove it; ``kind`` as in ``content_kinds.yaml``, ``reason`` a constant.

        False when there was nothing (left) to erase.
        """
        part = self.recordings if kind == RECORDING else self.contents
        digest = part.delete(object_id)
        if digest is None:
            return False
        resource = f"{'recording' if kind == RECORDING else 'content'}/{object_id}"
        details = {"kind": kind, "ciphertext_digest": digest, "reason": reason}
        if not self._is_proved(resource, client_id, digest):
            self.audit.append(
                AuditEntry(Action.CONTENT_DELETED, self.actor, resource, client_id, self.flow_run_id, details=details)
            )
        part.deletion_recorded(object_id)
        return True

    def _is_proved(self, resource: str, client_id: str, digest: str) -> bool:
        told = self.audit.search(client_id=client_id, resource=resource)
        return any(
            found.entry.action == Action.CONTENT_DELETED and found.entry.details.get("ciphertext_digest") == digest
            for found in told
        )
