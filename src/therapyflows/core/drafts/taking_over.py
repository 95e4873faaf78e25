"""A draft whose run died goes on in another run."""

from datetime import timedelta

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict
from therapyflows.core.run_ports import RunPorts

LEASE = timedelta(seconds=60)
"""A run that has not touched its draft for this long is taken for dead."""


def take_over(ports: RunPorts, record: DraftRecord) -> DraftRecord | None:
    """Take a draft whose run died; leave one that is finished, waits for review, or whose run still touches it."""
    stale = ports.clock() - record.updated_at > LEASE
    if record.state not in (DraftState.PREPARING, DraftState.APPROVED) or not stale:
        return None
    try:
        return ports.drafts.update(record.id, version=record.version, flow_run_id=ports.flow_run_id)
    except Conflict:
        return None
