"""Forget everything of one client: the practice must, or the client belongs to somebody else.

Each content and recording is erased with proof, then the client's data keys are destroyed, so that copies of the
ciphertext in backups are unreadable too.  Notes in the chart are not touched.  Killed anywhere, repeating finishes it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from therapyflows.core.consent_change.cascade import tell_cancelled
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Conflict
from therapyflows.core.ports import Drafts
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Action, AuditEntry

CODE = "client_shredded"
_OPEN = (DraftState.PREPARING, DraftState.IN_REVIEW, DraftState.APPROVED)


class Reason(StrEnum):
    CLIENT_REQUEST = "client_request"
    COURT_ORDER = "court_order"
    WRONG_CLIENT = "wrong_client"
    END_OF_RETENTION = "end_of_retention"
    PRACTICE_CLOSES = "practice_closes"


@dataclass(frozen=True, slots=True)
class Shredded:
    """What was done now; all zero when everything was done before."""

    erased: int
    keys: int
    cancelled: tuple[str, ...]
    runs: tuple[str, ...]
    """Flow runs of drafts that were open: to be ended, they have nothing left to work on."""


def shred_client(
    drafts: Drafts, eraser: Eraser, shred_keys: Callable[[str], int], client_id: str, reason: Reason
) -> Shredded:
    """``shred_keys`` destroys the client's data keys and says how many there were."""
    cancelled, runs = _close_drafts(drafts, eraser, client_id)
    items = [*eraser.recordings.of_client(client_id), *eraser.contents.of_client(client_id)]
    erased = sum(
        eraser.erase(item.kind, item.id, client_id=client_id, reason=reason) for item in items if not item.is_settled
    )
    keys = shred_keys(client_id)
    _tell(eraser, client_id, reason, keys)
    return Shredded(erased, keys, tuple(cancelled), tuple(runs))


def _close_drafts(drafts: Drafts, eraser: Eraser, client_id: str) -> tuple[list[str], list[str]]:
    cancelled, runs = [], []
    for record in drafts.for_client(client_id):
        if record.state in _OPEN:
            with suppress(Conflict):  # ended at this moment
                drafts.move(record.id, expected=_OPEN, to=DraftState.CANCELLED, failure_code=CODE)
                cancelled.append(record.id)
        ours = record.id in cancelled or record.failure_code == CODE
        if ours:
            tell_cancelled(eraser.audit, record, CODE, actor=eraser.actor, flow_run_id=None)
        if ours and record.flow_run_id is not None:
            runs.append(record.flow_run_id)
    return cancelled, runs


def _tell(eraser: Eraser, client_id: str, reason: Reason, keys: int) -> None:
    """One entry a shredding; a repetition that found no key left tells only what a crash left untold."""
    resource = f"clients/{client_id}"
    told = eraser.audit.search(client_id=client_id, resource=resource)
    if keys == 0 and any(found.entry.action == Action.CONTENT_SHREDDED for found in told):
        return
    details = {"reason": reason.value, "keys": keys}
    eraser.audit.append(AuditEntry(Action.CONTENT_SHREDDED, eraser.actor, resource, client_id, details=details))
