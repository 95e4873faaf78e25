"""Tasks in the chart about an intake: the problem, the remedy, references; never what stands on the form."""

from therapyflows.core.chart import Document, NewTask
from therapyflows.core.errors import TherapyFlowsError, UnusableSource
from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.model import DraftRecord


def risk_on_form(record: DraftRecord, assignee_id: str, review_url: str) -> NewTask:
    """At once, before anything else happens with the form."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.client_id,
        title="Urgent: an intake form holds answers about risk",
        text="Please read the form now and follow the practice's risk protocol; do not wait for the rest. "
        f"The form stands in the chart and at {review_url}",
        priority="urgent",
        external_id=derived_id("tsk", "intake_risk", record.id, assignee_id),
    )


def form_unusable(record: DraftRecord, error: UnusableSource) -> NewTask:
    return _task(
        record,
        ("unusable", error.code),
        "Intake form not read: the file cannot be used",
        f"{error.explanation} The original stays in the chart. Please read it for answers about risk.",
        "high",
    )


def not_permitted(document: Document, assignee_id: str, code: str) -> NewTask:
    return NewTask(
        assignee_id=assignee_id,
        client_id=document.client_id,
        title="Intake form not processed: not permitted",
        text=f"Reason: {code.replace('_', ' ')}. Please read the form in the chart, also for answers about risk, "
        "and enter it by hand.",
        priority="high",
        external_id=derived_id("tsk", "intake_not_permitted", document.id, assignee_id, code),
    )


def not_posted(record: DraftRecord, error: TherapyFlowsError) -> NewTask:
    return _task(
        record,
        ("not_posted", error.code),
        "Approved intake could not be written to the chart",
        f"Reason: {error.message} What was approved is kept in the review application.",
        "high",
    )


def record_differs(record: DraftRecord) -> NewTask:
    return _task(
        record,
        ("record_mismatch",),
        "Check this client's record: it differs from the approved intake",
        "After writing, the record was read back and differs from what you approved. Please compare the two.",
        "urgent",
    )


def given_up(record: DraftRecord, code: str) -> NewTask:
    return _task(
        record,
        ("given_up", code),
        "Intake form not processed: it could not be finished",
        f"Reason: {code.replace('_', ' ')}. Please read the form in the chart, also for answers about risk.",
        "high",
    )


def _task(record: DraftRecord, matter: tuple[str, ...], title: str, text: str, priority: str) -> NewTask:
    return NewTask.model_validate(
        {
            "assignee_id": record.clinician_id,
            "client_id": record.client_id,
            "title": title,
            "text": text,
            "priority": priority,
            "external_id": derived_id("tsk", "intake", record.id, *matter),
        }
    )
