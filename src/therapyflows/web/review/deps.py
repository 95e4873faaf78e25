"""What the review application is given: ports and a few values, nothing else reaches the outside."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Protocol

from therapyflows.core.chart import Appointment, Client, NewTask, User
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.drafts.reasons import Reasons, default_reasons
from therapyflows.core.drafts.retrying import RetryPorts
from therapyflows.core.drafts.undoing import UndoPorts
from therapyflows.core.intake.review import Recheck as IntakeRecheck
from therapyflows.core.ports import (
    AttentionBook,
    AuditTrail,
    Contents,
    Decisions,
    DraftHistory,
    Drafts,
    EmergencyAccesses,
    Figures,
    LanguageModel,
    Recordings,
    ReviewQueue,
    ReviewSessions,
    Runs,
    SignIn,
    Tours,
    TrainingBook,
)
from therapyflows.core.session_note.model import Draft, SessionContext, Transcript
from therapyflows.core.session_note.waveform import Waveform
from therapyflows.core.session_prep.reading import ChartReads
from therapyflows.governance.access.cosign import CosignRules
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.retention.policy import Periods
from therapyflows.web.review.client_words import ClientWords, english


def _now() -> datetime:
    return datetime.now(UTC)


class Rewriting(Protocol):
    """The practice's language model for other words, behind the PHI boundary and consent."""

    async def is_permitted(self, record: DraftRecord) -> bool: ...
    async def model(self, record: DraftRecord, actor: Actor) -> LanguageModel: ...


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
    chart_reads: ChartReads
    """The chart of a client and the appointments of a clinician, for the page before a session."""
    drafts: Drafts
    history: DraftHistory
    decisions: Decisions
    queue: ReviewQueue
    contents: Contents
    recordings: Recordings
    audit: AuditTrail
    runs: Runs
    review_sessions: ReviewSessions
    emergencies: EmergencyAccesses
    figures: Figures
    attention: AttentionBook
    training: TrainingBook
    tours: Tours
    colleagues: Callable[[], Awaitable[tuple[User, ...]]]
    """Everybody who is active in the EHR; may be as old as roles may be."""
    cosign: CosignRules
    """Whose approvals need a co-signature."""
    create_task: Callable[[NewTask], Awaitable[object]]
    """A task in the EHR, once by its external id.  Raises Transient."""
    tell_emergency: Callable[[EmergencyAccess], Awaitable[None]]
    """Tell everybody who has to know of an emergency access; whatever keeps it from that, ``review-watch`` makes up."""
    waveform: Callable[[BinaryIO], Waveform]
    """How loud a recording is over its time; synchronous and slow, called in a thread of its own."""
    swap_speakers: Callable[[Transcript], Transcript]
    recheck: Callable[[Draft, Transcript], Draft]
    """Grade every statement again against this transcript; synchronous, called in a thread."""
    recheck_intake: Callable[[DraftRecord], Awaitable[IntakeRecheck]]
    """Reads what this intake is compared with; what comes back examines a corrected form, in a thread."""
    session_key: bytes = field(repr=False)
    base_url: str
    """Where people reach the application; its origin is the only one that may post to it."""
    rewriting: Rewriting | None = None
    """None: no language model is set up."""
    prefect_ui_url: str | None = None
    clock: Callable[[], datetime] = _now
    idle_timeout: timedelta = timedelta(minutes=15)
    session_lifetime: timedelta = timedelta(hours=8)
    confirmed_for: timedelta = timedelta(minutes=10)
    """How long a password that was entered again is enough for what asks for it."""
    emergency_lasts: timedelta = timedelta(hours=2)
    lockout_after: int = 5
    lockout_at_most: timedelta = timedelta(minutes=15)
    client_words: ClientWords = field(default_factory=english)
    practice_name: str = "our practice"
    practice_contact: str = ""
    """As the page for clients names them."""
    retention: Periods = field(default_factory=Periods)
    """How long a corrected transcript, a working copy and an approved draft are kept."""
    chart_part_s: float = 6
    """How long the page before a session waits for one part of the chart."""
    sweep_every: timedelta = timedelta(seconds=5)
    names_within: timedelta = timedelta(milliseconds=60)
    """How long a queue waits for names that are not known yet; what comes later is filled in."""
    undo_for: timedelta = timedelta(seconds=10)
    """How long a decision can be undone before its run is woken."""
    confirm_approval: bool = False
    """Whether the password is asked for again before an approval."""
    training_for: frozenset[str] | None = frozenset()
    """Ids of people in training mode; None: everybody."""
    review_within: timedelta = timedelta(days=14)
    """How long a draft waits before it expires; one that a supervisor sent back waits as long again."""
    reasons: Mapping[str, Reasons] = field(default_factory=default_reasons)
    """Why a draft may be rejected, by workflow."""
    ehr_note_url: str = ""
    """Address of a note in the EHR, with ``{note_id}`` and, where it needs them, ``{client_id}`` and
    ``{appointment_id}``; empty: no link."""

    @property
    def retrying(self) -> RetryPorts:
        """What trying a failed draft again needs."""
        return RetryPorts(self.drafts, self.decisions, self.runs, self.audit)

    @property
    def undoing(self) -> UndoPorts:
        """What undoing a decision needs."""
        return UndoPorts(self.decisions, self.drafts, self.contents, self.recordings, self.audit)
