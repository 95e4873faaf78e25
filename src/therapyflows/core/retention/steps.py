"""Delete what has reached the end of its retention period, and prove it.  Knows ports, not Prefect or SQL.

The store remembers the digest of what it deleted and lists it as due until the proof is recorded.  So whoever kills
this between any two steps loses nothing: the next round finds the thing again and finishes it.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from therapyflows.core.ports import AuditTrail, Contents, Recordings
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.retention.kinds import RECORDING

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
    eraser = Eraser(store.contents, store.recordings, store.audit, actor, flow_run_id)
    due = [(RECORDING, *found) for found in store.recordings.due_for_deletion(now)]
    due += [(kind, content_id, client_id) for content_id, client_id, kind in store.contents.due_for_deletion(now)]
    deleted: Counter[str] = Counter()
    for kind, object_id, client_id in due:
        deleted[kind] += eraser.erase(kind, object_id, client_id=client_id, reason=RETENTION_ENDED)
    swept = store.recordings.sweep_orphans()
    log.info("retention_round_done", deleted=sum(deleted.values()), orphans=swept, flow_run_id=flow_run_id)
    return {kind: count for kind, count in deleted.items() if count}
