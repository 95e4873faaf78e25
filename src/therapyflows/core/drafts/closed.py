"""A draft may be closed while a step works on it (consent withdrawn, superseded): then nothing of the step stays."""

from collections.abc import Callable

from therapyflows.core.consent_change.cascade import shred_draft
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Refused
from therapyflows.core.run_ports import RunPorts

CLOSED = "draft_closed"


def require_open(record: DraftRecord) -> None:
    """Raise Refused when nothing more is to be made for this draft."""
    if record.state.is_final:
        raise _closed(record)


def name_in_row(
    ports: RunPorts,
    record: DraftRecord,
    *,
    tell: Callable[[], None],
    **columns: str,
) -> None:
    """Tell the audit trail of stored content and name it in the draft's row.

    When the draft was closed meanwhile, whatever was made for it is erased again, with proof, also what a model was
    sent and answered on the way; and Refused is raised.
    """
    tell()
    try:
        ports.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.PREPARING, **columns)
    except Conflict:
        raise closed_meanwhile(ports, record) from None


def closed_meanwhile(ports: RunPorts, record: DraftRecord) -> Refused:
    """Erase again whatever was made for the draft, with proof; what is returned is to be raised."""
    shred_draft(ports.eraser, ports.decisions, record, CLOSED)
    return _closed(record)


def _closed(record: DraftRecord) -> Refused:
    return Refused(CLOSED, "The draft was closed meanwhile.", draft=record.id)
