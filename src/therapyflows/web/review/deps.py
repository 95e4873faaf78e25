"""What the review application is given: ports and a few values, nothing else reaches the outside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from therapyflows.core.chart import Appointment, Client, User
from therapyflows.core.intake.draft import QualityFinding, RiskFlag
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.ports import (
    AuditTrail,
    Contents,
    Decisions,
    Drafts,
    EmergencyAccesses,
    Recordings,
    ReviewSessions,
    Runs,
    SignIn,
)
from therapyflows.core.session_note.model import Draft, DraftRecord, SessionContext, Transcript
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.retention.policy import Periods


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ReviewDeps:
    sign_in: SignIn
    users: Callable[[str], Awaitable[User]]
    """The person behind a user id, with roles and caseload; the wiring may cache it for a minute or so."""
    ehr_client: Callable[[str], Awaitable[Client]]
    """For the display name.  Raises NotFound, Transient."""
    appointments: Callable[[str], Awaitable[Appointment]]
    """For the date of the session.  Raises NotFound, Transient."""
    chart: Callable[[DraftRecord], Awaitable[SessionContext]]
    """What the draft is compared with: appointment, plan, measures.  Raises what the EHR does."""
    drafts: Drafts
    decisions: Decisions
    contents: Contents
    recordings: Recordings
    audit: AuditTrail
    runs: Runs
    review_sessions: ReviewSessions
    emergencies: EmergencyAccesses
    tell_emergency: Callable[[EmergencyAccess], Awaitable[None]]
    """Tell everybody who has to know of an emergency access; whatever keeps it from that, ``review-watch`` makes up."""
    swap_speakers: Callable[[Transcript], Transcript]
    recheck: Callable[[Draft, Transcript], Draft]
    """Grade every statement again against this transcript; synchronous, called in a thread."""
    recheck_intake: Callable[[IntakeForm, Client], tuple[tuple[QualityFinding, ...], tuple[RiskFlag, ...]]]
    """Findings and risk flags of a corrected form in this client's chart; synchronous, called in a thread."""
    session_key: bytes = field(repr=False)
    base_url: str
    """Where people reach the application; its origin is the only one that may post to it."""
    prefect_ui_url: str | None = None
    clock: Callable[[], datetime] = _now
    idle_timeout: timedelta = timedelta(minutes=15)
    session_lifetime: timedelta = timedelta(hours=8)
    confirmed_for: timedelta = timedelta(minutes=10)
    """How long a password that was entered again is enough for what asks for it."""
    emergency_lasts: timedelta = timedelta(hours=2)
    lockout_after: int = 5
    lockout_at_most: timedelta = timedelta(minutes=15)
    retention: Periods = field(default_factory=Periods)
    """How long a corrected transcript, a working copy and an approved draft are kept."""
    sweep_every: timedelta = timedelta(seconds=5)
