"""Tasks in the chart about a draft that waits, whatever workflow made it: constants and references only."""

from therapyflows.core.chart import NewTask
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.ids import derived_id

WHAT_WAITS = {"session-note": "session note", "intake": "client intake"}
"""What the draft of each workflow is, in a person's words."""


def what_waits(record: DraftRecord) -> str:
    return WHAT_WAITS.get(record.workflow, record.workflow.replace("-", " "))


_BY_HAND = {
    "session-note": "Please write the note by hand; your practice administrator can help.",
    "intake": "Please read the form itself, also for answers about risk.",
}


def given_up(record: DraftRecord, code: str) -> NewTask:
    """The clinician learns that this draft needs doing by hand, because trying again will not help."""
    return NewTask(
        assignee_id=record.clinician_id,
        client_id=record.chart_client_id,
        title=f"A {what_waits(record)} could not be finished",
        text=f"Reason: {code.replace('_', ' ')}. Nothing was filed. {_BY_HAND[record.workflow]}",
        priority="high",
        external_id=derived_id("tsk", "given_up", record.id, code),
    )


def decide_again(record: DraftRecord, assignee_id: str, decision_id: str) -> NewTask:
    """Somebody who may decide learns that an approval did not count."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.chart_client_id,
        title=f"An approved {what_waits(record)} needs a new decision",
        text="Whoever approved it may no longer decide for this client, so it was not filed and waits again.",
        priority="high",
        external_id=derived_id("tsk", "decide_again", decision_id, assignee_id),
    )


def handed_over(record: DraftRecord, assignee_id: str) -> NewTask:
    """A colleague has the draft now."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.chart_client_id,
        title=f"A {what_waits(record)} draft was handed over to you",
        text="Please review it in the review application; undecided drafts expire without being filed.",
        external_id=derived_id("tsk", "handed_over", record.id, str(record.version), assignee_id),
    )


def cosign_asked(record: DraftRecord, assignee_id: str, decision_id: str, round_: int) -> NewTask:
    """A supervisor is to answer for an approval."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.chart_client_id,
        title=f"A {what_waits(record)} waits for a co-signature",
        text="Please read and co-sign it, or send it back, in the review application. It is not filed before.",
        priority="high" if round_ else "normal",
        external_id=derived_id("tsk", "cosign", decision_id, assignee_id, str(round_)),
    )


def cosign_sent_back(record: DraftRecord, assignee_id: str, decision_id: str) -> NewTask:
    """Whoever approved learns that the supervisor wants something changed."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.chart_client_id,
        title=f"Your supervisor sent a {what_waits(record)} back to you",
        text="What has to be changed stands beside the draft in the review application. Nothing was filed.",
        priority="high",
        external_id=derived_id("tsk", "cosign_sent_back", decision_id, assignee_id),
    )


def draft_waits(record: DraftRecord, assignee_id: str, *, round_: int, escalated: bool) -> NewTask:
    """A reminder that a draft waits for review, or its escalation to a supervisor."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.chart_client_id,
        title=f"A {what_waits(record)} draft waits for review" + (" (escalated)" if escalated else ""),
        text="Please review it in the review application; undecided drafts expire without being filed.",
        priority="high" if escalated else "normal",
        external_id=derived_id("tsk", "waiting", record.id, assignee_id, str(round_)),
    )
