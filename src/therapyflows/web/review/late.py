"""What a language model answers late: a turn was taken off the record, or a consent ended, while it was at work.

Whoever does that changes the row first and erases afterwards, and cannot see what is stored after that.  So who stored
something looks at the row once more: either the eraser saw it, or this does.
"""

from therapyflows.core.consent_change.cascade import shred_draft
from therapyflows.core.drafts.closed import CLOSED
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Conflict
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Actor
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.turns import erase_what_came_late


def require_unchanged_source(deps: ReviewDeps, asked: desk.OpenDraft, by: Actor) -> None:
    """Raises Conflict when the draft's transcript is not the one that was asked about, or the draft was closed.

    Then what was sent, answered and proposed of what is withheld now is erased, with proof.
    """
    record = deps.drafts.get(asked.record.id)
    if record.state is DraftState.CANCELLED:
        eraser = Eraser(deps.contents, deps.recordings, deps.audit, by, record.flow_run_id)
        shred_draft(eraser, deps.decisions, record, CLOSED)
    desk.editable(deps, record, None)
    if record.transcript_id == asked.record.transcript_id:
        return
    now, before = desk.open_draft(deps, record).transcript, asked.transcript
    if now is None or before is None or now.withheld_ids - before.withheld_ids:
        erase_what_came_late(deps, record, by)
    raise Conflict("transcript_changed", "The transcript was changed meanwhile. Nothing was changed; ask again.")
