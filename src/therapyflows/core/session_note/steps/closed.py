"""A draft may be closed while a step works on it (consent withdrawn, superseded): then nothing of the step stays."""

from collections.abc import Callable

from therapyflows.core.errors import Conflict, Refused
from therapyflows.core.ports import Contents, Recordings
from therapyflows.core.retention.erase import erase
from therapyflows.core.session_note.model import DraftRecord, DraftState
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.governance.audit.model import Action

CLOSED = "draft_closed"


def require_open(record: DraftRecord) -> None:
    """Raise Refused when nothing more is to be made for this draft."""
    if record.state.is_final:
        raise _closed(record)


def name_in_row(
    ports: SessionNotePorts,
    record: DraftRecord,
    *,
    stored: tuple[Contents | Recordings, str, str],
    tell: Callable[[], None],
    **columns: str,
) -> None:
    """Tell the audit trail of stored content and name it in the draft's row.

    ``stored``: where it lies, its id, its resource in the trail.  When the draft was closed meanwhile the content is
    erased again, with proof, and Refused is raised.
    """
    tell()
    try:
        ports.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.PREPARING, **columns)
    except Conflict:
        part, object_id, resource = stored
        erase(part, object_id, prove=lambda digest: _prove(ports, record, resource, digest))
        raise _closed(record) from None


def _prove(ports: SessionNotePorts, record: DraftRecord, resource: str, digest: str) -> None:
    ports.record(Action.CONTENT_DELETED, resource, client_id=record.client_id, ciphertext_digest=digest, reason=CLOSED)


def _closed(record: DraftRecord) -> Refused:
    return Refused(CLOSED, "The draft was closed meanwhile.", draft=record.id)
