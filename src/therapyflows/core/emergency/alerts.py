"""Tasks in the chart about emergency access: constants and references, never a reason's words."""

from therapyflows.core.chart import NewTask
from therapyflows.core.ids import derived_id
from therapyflows.governance.access.emergency import EmergencyAccess


def emergency_used(access: EmergencyAccess, assignee_id: str) -> NewTask:
    """An administrator or the responsible clinician learns of it at once."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=access.client_id,
        title="Emergency access to a client's drafts was used",
        text=f"Reference: {access.id}. A practice administrator has to judge it in the review application.",
        priority="urgent",
        external_id=derived_id("tsk", "emergency", access.id, assignee_id),
    )


def review_overdue(access: EmergencyAccess, assignee_id: str, round_: int) -> NewTask:
    """An administrator is reminded that nobody judged it."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=access.client_id,
        title="An emergency access was not judged yet",
        text=f"Reference: {access.id}. Please judge it in the review application.",
        priority="high",
        external_id=derived_id("tsk", "emergency_review", access.id, assignee_id, str(round_)),
    )
