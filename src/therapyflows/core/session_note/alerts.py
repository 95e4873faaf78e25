"""Tasks in the chart that tell a person what the product could not do.

The text names the problem and the remedy, both constants, and references; never clinical content.
"""

from therapyflows.core.chart import Appointment, NewTask
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import TherapyFlowsError, UnusableSource
from therapyflows.core.ids import derived_id


def source_unusable(appointment: Appointment, source_ref: str, error: UnusableSource) -> NewTask:
    """The clinician learns that no draft was made, why, and what to do."""
    return _task(
        appointment,
        matter=("unusable", source_ref, error.code),
        title="Session note not drafted: the source cannot be used",
        text=f"{error.explanation} The original stays in the chart.",
        priority="high",
    )


def not_permitted(appointment: Appointment, code: str) -> NewTask:
    """The clinician learns that policy forbids a draft."""
    return _task(
        appointment,
        matter=("not_permitted", code),
        title="Session note not drafted: not permitted",
        text=f"Reason: {code.replace('_', ' ')}. Please write the note by hand, or correct the record.",
        priority="normal",
    )


def psychotherapy_note(appointment: Appointment, document_id: str) -> NewTask:
    """The clinician learns that a psychotherapy note was not read."""
    return _task(
        appointment,
        matter=("psychotherapy_note", document_id),
        title="Session note not drafted: the source is a psychotherapy note",
        text="Psychotherapy notes are kept apart (45 CFR 164.501) and are read by no machine. Upload a recording, a "
        "dictation or a transcript of the session, or write the note by hand.",
        priority="normal",
    )


def note_differs(appointment: Appointment, note_id: str) -> NewTask:
    """The clinician is asked to compare at once: the chart does not hold what was approved."""
    return _task(
        appointment,
        matter=("note_mismatch", note_id),
        title="Check this draft note: it differs from what you approved",
        text="After posting, the note was read back and differs from the approved text. "
        "Please compare it with the approved version in the review application before signing.",
        priority="urgent",
    )


def posting_refused(appointment: Appointment, draft_id: str, error: TherapyFlowsError) -> NewTask:
    """An approved note could not be filed; the approved text is kept in the review application."""
    return _task(
        appointment,
        matter=("posting_refused", draft_id, error.code),
        title="Approved note could not be filed",
        text=f"Reason: {error.message} The approved text is kept in the review application.",
        priority="high",
    )


def correct_and_decide_again(record: DraftRecord, assignee_id: str, decision_id: str) -> NewTask:
    """Whoever approved a note learns that it contradicts the chart."""
    return NewTask(
        assignee_id=assignee_id,
        client_id=record.client_id,
        title="An approved session note contradicts the chart",
        text="It was not filed. The review application shows what disagrees: correct the note or the chart and approve "
        "again, or say why the note may stand.",
        priority="high",
        external_id=derived_id("tsk", "correct_and_decide_again", decision_id, assignee_id),
    )


def operations_alert(assignee_id: str, resource: str, reason: str) -> NewTask:
    """The practice administrator learns that something needs an operator."""
    return NewTask(
        assignee_id=assignee_id,
        title="TherapyFlows needs attention",
        text=f"Reason: {reason.replace('_', ' ')}. Reference: {resource}. "
        "See `therapyflows status` and the run in the Prefect UI.",
        priority="urgent",
        external_id=derived_id("tsk", "operations", assignee_id, resource, reason),
    )


def _task(appointment: Appointment, *, matter: tuple[str, ...], title: str, text: str, priority: str) -> NewTask:
    """``matter``: what makes it another task, so that a second trouble with the same session is told, too."""
    return NewTask.model_validate(
        {
            "assignee_id": appointment.clinician_id,
            "client_id": appointment.client_id,
            "title": title,
            "text": text,
            "priority": priority,
            "external_id": derived_id("tsk", appointment.id, *matter),
        }
    )
