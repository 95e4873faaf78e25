"""A draft may be closed while a step works on it (consent withdrawn, superseded): then nothing of the step stays."""

from collections.abc import Callable

from therapyflows.core.consent_change.cascade import shred_draft
from therapyflows.core.errors import Conflict, Refused
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note.model import DraftRecord, DraftState

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
        shred_draft(ports.eraser, ports.decisions, record, CLOSED)
        raise _closed(record) from None


def _closed(record: DraftRecord) -> Refused:
    return Refused(CLOSED, "The draft was closed meanwhile.", draft=record.id)
