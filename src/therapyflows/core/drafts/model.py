"""The row of a draft on its way, whatever workflow made it, and what a person decided on it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from therapyflows.governance.access.policy import is_prospect


class DraftState(StrEnum):
    PREPARING = "preparing"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    POSTED = "posted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    """Consent withdrawn, or superseded by a better source."""
    FAILED = "failed"
    INCIDENT = "incident"
    """What stands in the chart is not what was approved."""

    @property
    def is_final(self) -> bool:
        return self not in (DraftState.PREPARING, DraftState.IN_REVIEW, DraftState.APPROVED)


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """The row of one draft on its way: ids, state and times only, no content."""

    id: str
    workflow: str
    client_id: str
    clinician_id: str
    appointment_id: str
    source_ref: str
    """Document id, or ``session_fields``.  Unique together with workflow and appointment."""
    format: str
    state: DraftState
    version: int
    """Rises with every change of the row; writers pass the version that they read."""
    created_at: datetime
    updated_at: datetime
    deadline: datetime | None = None
    flow_run_id: str | None = None
    recording_id: str | None = None
    transcript_id: str | None = None
    draft_content_id: str | None = None
    """The draft as the machine wrote it."""
    edited_content_id: str | None = None
    """The draft as the reviewer has it now (autosave)."""
    ehr_note_id: str | None = None
    approved_digest: str | None = None
    failure_code: str | None = None
    reminders_sent: int = 0
    part2: bool = False
    """Made while the client was of a 42 CFR Part 2 program: everything made for it stays Part 2 material."""
    session_at: datetime | None = None
    """When the session began, for lists; None where there is none, or in rows from before it was kept."""
    held_by: str | None = None
    """The colleague to whom it was handed over; None: the clinician has it."""

    @property
    def holder(self) -> str:
        """Who is to decide, as far as anybody in particular is."""
        return self.held_by or self.clinician_id

    @property
    def is_prospect(self) -> bool:
        """Whether it is about somebody who stands in no chart yet."""
        return is_prospect(self.client_id)

    @property
    def chart_client_id(self) -> str | None:
        """The client as the EHR knows them."""
        return None if self.is_prospect else self.client_id


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    REDRAFT = "redraft"
    """Draft it again, with guidance: the run makes another draft and the reviewer decides on that."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided on one draft.  One per draft."""

    id: str
    draft_id: str
    verdict: Verdict
    decided_by: str
    role: str
    decided_at: datetime
    content_id: str | None
    """The approved Draft, encrypted; None for a rejection."""
    reason_code: str | None = None
    reason_content_id: str | None = None
    """The words of a rejection, encrypted."""
    edits: int | None = None
    """By how many edits the approved draft differs from the machine's.  None: a rejection, or not counted."""
    held_until: datetime | None = None
    """Until then, and until the run is let go after it, the person may undo.  None: there is nothing to undo."""

    @property
    def is_held(self) -> bool:
        """It stands, and nothing may be done on it yet."""
        return self.held_until is not None
