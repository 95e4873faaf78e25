"""Every port of the product: what the core needs from the outside, one small Protocol each.

The composition root (``therapyflows.app.wiring``) decides which adapter stands behind which port.
Ports that go over a network are async; the store and the recognizer are synchronous and are called in a thread where an
event loop must not be blocked.
"""

import hmac
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from therapyflows.core.chart import (
    Appointment,
    Assessment,
    Client,
    ClientChanges,
    Document,
    EhrChange,
    NewAssessment,
    NewClient,
    NewMessage,
    NewProgressNote,
    NewTask,
    Note,
    Subscription,
    TreatmentPlan,
    User,
)
from therapyflows.core.prompt import Prompt
from therapyflows.core.session_note.model import Decision, DraftRecord, DraftState, Transcript
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.access.emergency import Verdict as EmergencyVerdict
from therapyflows.governance.audit.findings import VerificationReport
from therapyflows.governance.audit.model import Action, AuditEntry, ChainedEntry
from therapyflows.governance.evidence.model import Judgement, Segment
from therapyflows.governance.phi.leaving import Place

T = TypeVar("T", bound=BaseModel)
V = TypeVar("V")


# --- the chart ----------------------------------------------------------------------------------------------------


class Ehr(Protocol):
    """The chart.  Raises NotFound, Refused, Conflict, Invalid, Transient, UnknownOutcome; never a vendor's error."""

    async def get_client(self, client_id: str) -> Client: ...
    def list_clients(self) -> AsyncIterator[Client]: ...
    async def create_client(self, client: NewClient) -> Client:
        """Register the client once (external id)."""

    async def update_client(self, client_id: str, changes: ClientChanges, *, etag: str) -> Client:
        """Change the record that was read under this etag; what stands there already is not written again.

        Raises Conflict when somebody else changed the record since.
        """

    async def get_user(self, user_id: str) -> User: ...
    def list_users(self) -> AsyncIterator[User]: ...
    async def get_appointment(self, appointment_id: str) -> Appointment: ...
    async def get_document(self, document_id: str) -> Document: ...
    def list_documents(self, client_id: str) -> AsyncIterator[Document]: ...
    async def download_document(self, document: Document, into: BinaryIO) -> None:
        """Stream the content into ``into``; raises Transient when length or sha256 differ from the document's."""

    async def get_note(self, note_id: str) -> Note: ...
    def list_notes(self, client_id: str, *, since: datetime | None = None) -> AsyncIterator[Note]: ...
    async def find_note(self, client_id: str, external_id: str) -> Note | None: ...
    async def create_progress_note(self, note: NewProgressNote) -> Note:
        """Create the Draft once: looked up by external id first and after every unknown outcome."""

    def list_treatment_plans(self, client_id: str) -> AsyncIterator[TreatmentPlan]: ...
    def list_assessments(self, client_id: str) -> AsyncIterator[Assessment]: ...
    async def create_assessment(self, assessment: NewAssessment) -> Assessment:
        """File the measure once (external id)."""

    async def create_message(self, message: NewMessage) -> str:
        """Write the message once (external id); returns its id."""

    async def create_task(self, task: NewTask) -> str:
        """Create the task once (external id); returns its id."""

    def changes_since(self, since: datetime) -> AsyncIterator[EhrChange]:
        """Appointments, documents and clients changed since then, oldest first: what a scheduled sync compares."""

    async def list_subscriptions(self) -> list[Subscription]: ...
    async def subscribe(self, url: str, event_types: Sequence[str], secret: str) -> Subscription: ...


# --- sign-in ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignInStart:
    """What the review app keeps in the person's session between ``begin`` and ``finish``; used once.

    ``dataclasses.asdict`` turns it into something a session can hold.
    """

    url: str
    """Where to send the browser."""
    state: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    fresh_since: float | None = None
    """Seconds since 1970: the person must have entered the password after that; None: at any time."""

    def matches(self, returned_state: str | None) -> bool:
        """Whether the state that came back is ours (constant time).  Check it before ``finish``."""
        return returned_state is not None and hmac.compare_digest(self.state.encode(), returned_state.encode())


class SignIn(Protocol):
    """Signing a person in at the EHR.  Implemented by ``integrations/oidc.py``."""

    async def begin(self, redirect_uri: str, *, fresh: bool = False) -> SignInStart:
        """Start one sign-in; ``fresh`` asks for the password again.  Raises Transient when the EHR does not answer."""

    async def finish(self, *, code: str, start: SignInStart, redirect_uri: str) -> str:
        """The verified user id.  Raises Refused (the answer is not valid for this sign-in), Transient."""

    def logout_url(self, post_logout_redirect_uri: str | None = None) -> str | None:
        """Where to send the browser to end the session at the EHR; None when it names no such place (yet)."""


class ReviewSessions(Protocol):
    """Which sign-ins to the review application still count.  Raises Transient."""

    def begin(self, session_id: str, user_id: str, *, at: datetime, ends_at: datetime) -> None: ...
    def is_open(self, session_id: str) -> bool:
        """Whether it was begun here and not ended; its times are the caller's to judge."""

    def end(self, session_id: str, *, at: datetime, code: str) -> bool:
        """End it for good; False when it had ended before."""

    def end_all(self, user_id: str, *, at: datetime, code: str) -> int:
        """End every session of this person; how many."""


class EmergencyAccesses(Protocol):
    """Uses of emergency access, each kept for good."""

    def open(self, access: EmergencyAccess) -> EmergencyAccess: ...
    def get(self, access_id: str) -> EmergencyAccess:
        """Raises NotFound."""

    def open_for(self, user_id: str, now: datetime) -> list[EmergencyAccess]:
        """What this person has open at this moment."""

    def unreviewed(self) -> list[EmergencyAccess]:
        """What nobody judged yet, oldest first."""

    def reviewed(self, limit: int = 50) -> list[EmergencyAccess]:
        """What was judged, the latest first."""

    def update(self, access_id: str, **changes: object) -> EmergencyAccess: ...
    def review(
        self, access_id: str, *, by: str, at: datetime, verdict: EmergencyVerdict, comment_content_id: str
    ) -> EmergencyAccess:
        """Record the verdict; raises Conflict when one stands."""


# --- speech -------------------------------------------------------------------------------------------------------


class Recognizer(Protocol):
    """Speech to a transcript with speakers and word times."""

    def transcribe(
        self,
        source: Path | BinaryIO,
        *,
        dictation: bool = False,
        expected_minutes: float | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        """Transcribe a file or a seekable stream.  ``dictation`` means one speaker, the therapist.

        ``expected_minutes`` is the appointment's length: a much shorter recording gets a warning.
        ``on_progress`` is called with 0..1.  Raises UnusableSource for everything in the failure table.
        """


# --- language model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelInfo:
    provider: str
    model: str
    on_device: bool
    covered_by_baa: bool
    context_tokens: int

    @property
    def place(self) -> Place:
        """Where its text goes; a model on this machine needs no agreement."""
        if self.on_device:
            return Place.ON_DEVICE
        return Place.COVERED_BY_BAA if self.covered_by_baa else Place.ELSEWHERE


@dataclass(frozen=True, slots=True)
class Completion(Generic[V]):
    value: V
    prompt_tokens: int
    output_tokens: int
    model: str


class LanguageModel(Protocol):
    """One structured-output call.  Raises Transient, ModelOutputInvalid, ContextOverflow, Refused."""

    @property
    def info(self) -> ModelInfo: ...
    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]: ...
    def count_tokens(self, text: str) -> int:
        """Tokens of the text for this model, or a safe over-estimate."""


class Judge(Protocol):
    """A second opinion on statements, beside the checker; a language model behind the PHI boundary, or anybody else.

    Raises Transient, ModelOutputInvalid, ContextOverflow, Refused.
    """

    async def judge(self, statements: Mapping[str, str], source: Sequence[Segment]) -> Mapping[str, Judgement]:
        """Texts by statement id, and the numbered lines of the source; judgements by statement id.

        A statement that it has no opinion on is left out.
        """


# --- store --------------------------------------------------------------------------------------------------------

ContentKind = Literal[
    "transcript", "intake_form", "page_image", "draft", "edited_draft", "approved_draft", "reason", "prompt",
    "completion", "evidence", "emergency_words", "disclosure",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A content or a recording as the store lists it: no content."""

    id: str
    client_id: str
    kind: str
    """A ``ContentKind``, or ``recording``."""
    draft_id: str | None
    """None: of no draft, or stored by a version that did not note it."""
    digest: str
    """Of the ciphertext."""
    stored_at: datetime
    retain_until: datetime | None
    deleted_at: datetime | None
    proof_recorded_at: datetime | None

    @property
    def resource(self) -> str:
        """Its name in the audit trail."""
        return f"recording/{self.id}" if self.kind == "recording" else f"content/{self.id}"

    @property
    def is_settled(self) -> bool:
        """Deleted, and the proof of that stands in the trail."""
        return self.proof_recorded_at is not None


class Contents(Protocol):
    """Encrypted pieces of content, each under its client's data key."""

    def put(
        self,
        client_id: str,
        kind: ContentKind,
        value: bytes,
        *,
        content_id: str,
        retain_until: datetime | None = None,
        draft_id: str | None = None,
    ) -> str:
        """Store and return ``content_id``.  Putting the same id again replaces the value.

        ``draft_id``: what it was made for, so that it is found when the client's consent ends.
        """

    def of_client(self, client_id: str) -> list[StoredItem]:
        """Everything ever stored of this client, oldest first; deleted items too."""

    def get(self, content_id: str) -> bytes:
        """Raises NotFound (code ``content_deleted`` when it was deleted or shredded)."""

    def delete(self, content_id: str) -> str | None:
        """Delete; returns the digest of the ciphertext for the proof.

        Deleting again returns it again, until ``deletion_recorded``; from then on None, as for an unknown id.
        """

    def deletion_recorded(self, content_id: str) -> None:
        """The proof of the deletion stands in the audit trail."""

    def due_for_deletion(self, now: datetime) -> list[tuple[str, str, str]]:
        """(content id, client id, kind) whose retention period has ended and whose proof is not recorded yet."""


class Recordings(Protocol):
    """Recordings, encrypted at rest in chunks, readable from any offset."""

    def writer(
        self, client_id: str, recording_id: str, content_type: str, *, retain_until: datetime
    ) -> AbstractContextManager[BinaryIO]:
        """A stream to write clear bytes into; they are encrypted on the way to the disk.

        The recording exists once the block ends without an exception; an exception discards it.  Writing the same id
        again replaces it.
        """

    def open(self, recording_id: str) -> AbstractContextManager[BinaryIO]:
        """A seekable stream of the clear bytes; nothing unencrypted touches the disk.  Raises NotFound."""

    def size(self, recording_id: str) -> int: ...
    def content_type(self, recording_id: str) -> str: ...
    def read(self, recording_id: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Clear bytes [start, end).  Raises NotFound."""

    def delete(self, recording_id: str) -> str | None:
        """As for contents."""

    def deletion_recorded(self, recording_id: str) -> None: ...
    def of_client(self, client_id: str) -> list[StoredItem]:
        """As for contents; ``draft_id`` is not known here."""

    def due_for_deletion(self, now: datetime) -> list[tuple[str, str]]:
        """(recording id, client id) whose retention period has ended and whose proof is not recorded yet."""

    def sweep_orphans(self) -> int:
        """Remove files that a crash left without a recording; returns how many."""


class Drafts(Protocol):
    """Rows of drafts on their way; no content."""

    def claim(self, record: DraftRecord) -> DraftRecord:
        """Insert, or return the row that already stands for the same workflow, appointment and source."""

    def get(self, draft_id: str) -> DraftRecord: ...
    def update(self, draft_id: str, *, version: int | None = None, **changes: object) -> DraftRecord:
        """Change columns; raises Conflict when ``version`` is given and is not the row's."""

    def move(self, draft_id: str, *, expected: Sequence[DraftState], to: DraftState, **changes: object) -> DraftRecord:
        """Compare-and-set of the state; raises Conflict when the state is none of ``expected``."""

    def for_appointment(self, appointment_id: str) -> list[DraftRecord]: ...
    def for_client(self, client_id: str) -> list[DraftRecord]:
        """All drafts of the client in every state, oldest first: what a withdrawn consent reaches."""

    def waiting(self, *, client_ids: Sequence[str] | None, limit: int = 200) -> list[DraftRecord]:
        """Drafts in review, oldest first; ``client_ids`` None means all (service only)."""

    def in_state(
        self, states: Sequence[DraftState], *, updated_before: datetime | None = None
    ) -> list[DraftRecord]: ...


class Decisions(Protocol):
    def record(self, decision: Decision) -> Decision:
        """Insert; a second decision on the same draft raises Conflict (the same id again is the same decision)."""

    def for_draft(self, draft_id: str) -> Decision | None: ...
    def take_back(self, decision: Decision, *, code: str, deadline: datetime) -> None:
        """Void the decision and put its approved draft back into review until ``deadline``, both or neither.

        ``code`` says why and becomes the draft's ``failure_code``.  Harmless when it was taken back before; raises
        Conflict when the draft is not approved (any more).
        """


InboxState = Literal["new", "dispatched", "done", "ignored", "dead"]
"""``dispatched``: a run was started; ``done``: that run was seen to have got somewhere."""


@dataclass(frozen=True, slots=True)
class InboxEvent:
    id: str
    """The ``webhook-id``, or a derived id for an event that the sync found."""
    type: str
    object_id: str
    client_id: str | None
    occurred_at: datetime
    received_at: datetime
    origin: Literal["webhook", "sync"]
    state: InboxState
    attempts: int
    appointment_id: str | None = None
    flow_run_id: str | None = None
    reason: str | None = None


class Inbox(Protocol):
    def store(self, event: InboxEvent) -> bool:
        """Durably store; False when the id is known already."""

    def store_many(self, events: Sequence[InboxEvent], entries: Sequence[AuditEntry]) -> list[bool]:
        """Durably store all in one transaction, each new row together with its audit entry (same position).

        False for an id that is known already, also when it stands twice in ``events``; its entry is not written.
        """

    def known(
        self,
        event_type: str,
        object_id: str,
        *,
        since: datetime | None = None,
        origin: Literal["webhook", "sync"] | None = None,
    ) -> bool:
        """Whether an event of this type is stored for this object, whatever its id and state.

        ``since`` counts only events that occurred then or later; ``origin`` only those that came this way.
        """

    def to_check(self, *, received_before: datetime, limit: int = 200) -> list[InboxEvent]:
        """Events in state ``dispatched``, oldest first."""

    def next_batch(self, limit: int, *, lease: timedelta) -> list[InboxEvent]:
        """New events, each leased to this caller so that two dispatchers do not take the same one."""

    def mark(
        self,
        event_id: str,
        state: InboxState,
        *,
        flow_run_id: str | None = None,
        reason: str | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Set the state; ``entry`` goes into the trail in the same transaction, only if the state was another."""

    def retry_later(self, event_id: str, *, after: timedelta) -> None:
        """Give the lease back; ``next_batch`` (which counts attempts) yields the event again after that time."""

    def counts(self) -> Mapping[str, int]: ...
    def cursor(self, name: str) -> datetime | None: ...
    def set_cursor(self, name: str, at: datetime) -> None: ...


class OwnWrites(Protocol):
    """Ids of EHR objects that we created, so that the events they cause start nothing."""

    def add(self, resource: str, object_id: str) -> None: ...
    def contains(self, resource: str, object_id: str) -> bool: ...


# --- audit --------------------------------------------------------------------------------------------------------


class AuditTrail(Protocol):
    """Append-only, hash-chained."""

    def append(self, entry: AuditEntry) -> int:
        """Store durably; returns the sequence number."""

    def search(
        self,
        *,
        client_id: str | None = None,
        actor_id: str | None = None,
        flow_run_id: str | None = None,
        resource: str | None = None,
        action: Action | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after_seq: int = 0,
        before_seq: int | None = None,
        newest_first: bool = False,
        limit: int = 1000,
    ) -> list[ChainedEntry]:
        """Entries that match everything that is given; ``until`` and ``before_seq`` are not included themselves."""

    def verify(self, on_progress: Callable[[int], None]) -> VerificationReport:
        """Verify the whole trail; hears now and then how many entries were verified."""

    def export_lines(self) -> Iterator[bytes]:
        """The lines of an export: first a signed checkpoint, then every entry up to it."""


# --- orchestrator -------------------------------------------------------------------------------------------------


class Runs(Protocol):
    """Starts and wakes flow runs.  Implemented by ``integrations/prefect_runs.py``."""

    async def start(self, deployment: str, parameters: Mapping[str, str | None], *, idempotency_key: str) -> str:
        """Create the run (or find the one with this key) and return its id."""

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        """Wake a suspended run; harmless when it is awake already.  Raises NotFound, Transient."""

    async def restart(self, flow_run_id: str) -> None:
        """Schedule a run again that crashed; its finished steps are not repeated.  Raises NotFound, Transient."""

    async def unfinished(self, deployment: str) -> Mapping[str, str]:
        """Our runs that are ``PENDING``, ``RUNNING`` or ``CRASHED``, by id: where a dead process may hide."""

    async def cancel(self, flow_run_id: str) -> None: ...
    async def state_of(self, flow_run_id: str) -> str:
        """Prefect's state type, e.g. ``RUNNING``, ``PAUSED``, ``COMPLETED``.  Raises NotFound."""
