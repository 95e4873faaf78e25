"""A finished draft enters its reviewer's queue."""

from contextlib import suppress

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Conflict
from therapyflows.core.run_ports import RunPorts
from therapyflows.governance.audit.model import Action


async def submit_for_review(ports: RunPorts, draft_id: str) -> None:
    """Put the draft into its reviewer's queue.  Called again, it changes nothing.

    A draft that is to be made anew is not ready: whoever makes it puts it into the queue.
    """
    if ports.decisions.for_draft(draft_id) is None:
        with suppress(Conflict):  # submitted by an earlier try, or closed meanwhile
            ports.drafts.move(
                draft_id,
                expected=[DraftState.PREPARING],
                to=DraftState.IN_REVIEW,
                deadline=ports.clock() + ports.policy.review_within,
                flow_run_id=ports.flow_run_id,
            )
    record = ports.drafts.get(draft_id)
    if record.deadline is not None:  # also when somebody decided before a try that was killed came to tell
        ports.record_once(
            Action.DRAFT_SUBMITTED,
            f"draft/{draft_id}",
            client_id=record.client_id,
            deadline=record.deadline.isoformat(),
        )
