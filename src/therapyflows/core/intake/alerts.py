"""Tasks in the chart about an intake: the problem, the remedy, references; never what stands on the form."""

from therapyflows.core.chart import NewStaffMessage, NewTask
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import TherapyFlowsError, UnusableSource
from therapyflows.core.ids import derived_id


def risk_on_form(record: DraftRecord, assignee_id: str, review_url: str) -> NewTask:
    """At once, before anything else happens with the form."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.chart_client_id,
        title="Urgent: an intake form holds answers about risk",
        text="Please read the form now and follow the practice's risk protocol; do not wait for the rest. "
        f"{_where(record, review_url)}",
        priority="urgent",
        external_id=derived_id("tsk", "intake_risk", record.id, assignee_id),
    )


def risk_message(record: DraftRecord, review_url: str) -> NewStaffMessage:
    """The same to the responsible clinician as a message: a pointer, because a message may be read over a shoulder."""
    return NewStaffMessage(
        to_id=record.clinician_id,
        client_id=record.chart_client_id,
        subject="Please read a new intake form now",
        body=f"You have an urgent task about this client's intake form. {_where(record, review_url)}",
        external_id=derived_id("tsm", "intake_risk", record.id),
    )


def form_unusable(record: DraftRecord, error: UnusableSource) -> NewTask:
    return _task(
        record,
        ("unusable", error.code),
        "Intake form not read: the file cannot be used",
        f"{error.explanation} The original stays {_original(record)}. Please read it for answers about risk.",
        "high",
    )


def not_permitted(document_id: str, client_id: str | None, assignee_id: str, code: str) -> NewTask:
    return NewTask(
        assignee_id=assignee_id,
        client_id=client_id,
        title="Intake form not processed: not permitted",
        text=f"Reason: {code.replace('_', ' ')}. Please read the form itself, also for answers about risk, "
        "and enter it by hand.",
        priority="high",
        external_id=derived_id("tsk", "intake_not_permitted", document_id, assignee_id, code),
    )


def not_posted(record: DraftRecord, error: TherapyFlowsError) -> NewTask:
    return _task(
        record,
        ("not_posted", error.code),
        "Approved intake could not be written to the chart",
        f"Reason: {error.message} What was approved is kept in the review application.",
        "high",
    )


def duplicate_found(record: DraftRecord, decision_id: str) -> NewTask:
    return _task(
        record,
        ("duplicate_found_late", decision_id),
        "A new client may have a record already",
        "Somebody like the person on an intake form that you approved has been registered since. Nothing was written; "
        "please answer in the review application whether it is the same person.",
        "high",
    )


def two_records(record: DraftRecord) -> NewTask:
    return _task(
        record,
        ("registered_twice",),
        "A new client may have two records now",
        "While the client of an intake form that you approved was registered, somebody like them was registered too. "
        "Please compare the two records in the EHR, and merge them if they are one person's.",
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


def _where(record: DraftRecord, review_url: str) -> str:
    chart = "" if record.is_prospect else "in the chart and "
    return f"The form stands {chart}at {review_url}"


def _original(record: DraftRecord) -> str:
    return "with whoever handed it in" if record.is_prospect else "in the chart"


def _task(record: DraftRecord, matter: tuple[str, ...], title: str, text: str, priority: str) -> NewTask:
    return NewTask.model_validate(
        {
            "assignee_id": record.clinician_id,
            "client_id": record.chart_client_id,
            "title": title,
            "text": text,
            "priority": priority,
            "external_id": derived_id("tsk", "intake", record.id, *matter),
        }
    )
