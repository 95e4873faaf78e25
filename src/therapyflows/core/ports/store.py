"""What is kept: contents, recordings, drafts, decisions."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, Protocol

from therapyflows.core.drafts.cosignature import Cosignatures, SentBack
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState
from therapyflows.core.operations.model import ReviewFigures

ContentKind = Literal[
    "transcript", "intake_upload", "intake_form", "page_image", "page_words", "draft", "edited_draft",
    "approved_draft", "reason", "prompt", "completion", "unfinished_words", "words_key", "snippet", "waveform",
    "evidence", "emergency_words", "cosign_comment", "disclosure", "quality", "style_pairs", "style_profile",
    "guidance", "proposal",
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

    def hand_over(self, from_client: str, to_client: str) -> int:
        """Put everything of one owner under another's key, all or nothing; returns how many.

        Keys of the first are destroyed: for who was no client yet and is one now.
        """

    def delete(self, content_id: str) -> str | None:
        """Delete; returns the digest of the ciphertext for the proof.

        Deleting again returns it again, until ``deletion_recorded``; from then on None, as for an unknown id.
        """

    def deletion_recorded(self, content_id: str) -> None:
        """The proof of the deletion stands in the audit trail."""

    def due_for_deletion(self, now: datetime) -> list[tuple[str, str, str]]:
        """(content id, client id, kind) whose retention period has ended and whose proof is not recorded yet.

        Not what a draft names that has not ended yet: the texts of machine and reviewer, and what was approved.
        """


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

    def in_state(
        self, states: Sequence[DraftState], *, updated_before: datetime | None = None
    ) -> list[DraftRecord]: ...


class Decisions(Protocol):
    @property
    def cosignatures(self) -> Cosignatures:
        """Of supervisors, under those approvals that need one."""

    def record(
        self,
        decision: Decision,
        figures: ReviewFigures | None = None,
        *,
        version: int | None = None,
        cosignature: bool = False,
    ) -> Decision:
        """Insert, with what was counted of it; a second decision on the same draft raises Conflict.

        ``version``: of the draft that was decided on; Conflict (``draft_changed``) when it has another one now.
        ``cosignature``: it waits for one, from the moment in which it stands.  The same id again is the same decision.
        """

    def for_draft(self, draft_id: str) -> Decision | None: ...
    def approval_of(self, draft_id: str) -> Decision | None:
        """The approval that stands, or else the one that was undone or taken back last."""

    def carry_out(self, decision: Decision, *, to: DraftState) -> None:
        """Move its draft from review to ``to`` while the decision stands, both or neither.

        Raises Conflict when the draft is not in review (any more) or the decision was undone.
        """

    def release_due(self, now: datetime) -> int:
        """Let go every decision whose ``held_until`` has passed: from here on none of them can be undone.

        Returns how many.
        """

    def unfinished(self, *, before: datetime) -> list[Decision]:
        """Decisions from before then whose drafts are still in review: a crash came between the two."""

    def to_wake(self) -> list[tuple[Decision, DraftRecord]]:
        """Decisions that were let go and whose runs are not known to be over, with their drafts."""

    def runs_over(self, decision_ids: Collection[str], at: datetime) -> None:
        """The runs of these decisions need no waking any more."""

    def undo(self, decision: Decision, *, code: str) -> None:
        """Void a decision that is still held and put its draft back into review, both or neither.

        Harmless when it was voided before.  Raises Conflict: ``too_late`` when it was let go, ``draft_closed`` when the
        draft ended meanwhile.
        """

    def undone(self, *, before: datetime, code: str) -> list[Decision]:
        """Decisions voided with this code before then, of which the rest of the work (``undone_settled``) is open."""

    def undone_settled(self, decision_id: str) -> None:
        """Trail and contents tell of the undoing, too."""

    def take_back(
        self, decision: Decision, *, code: str, deadline: datetime, sent_back: SentBack | None = None
    ) -> None:
        """Void the decision and put its approved draft back into review until ``deadline``, both or neither.

        ``code`` says why and becomes the draft's ``failure_code``.  Harmless when it was taken back before; raises
        Conflict when the draft is not approved (any more).  ``sent_back``: by a supervisor, instead of a
        co-signature that waits; Conflict (``cosigned_already``) when none does; the rest of the work is open then
        (``undone``, ``undone_settled``).
        """

    def redrafted(self, decision: Decision, *, code: str, deadline: datetime, **columns: object) -> None:
        """Void a wish for another draft, name that in the row and put it into review, all or nothing.

        Harmless when it was done before; raises Conflict when the draft is not being prepared (any more).
        """

    def redrafts(self, draft_id: str) -> int:
        """How often the draft was made anew."""


class OwnWrites(Protocol):
    """Ids of EHR objects that we created, so that the events they cause start nothing."""

    def add(self, resource: str, object_id: str) -> None: ...
    def contains(self, resource: str, object_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class DraftChange:
    """A step from one working copy of a draft to the next."""

    draft_id: str
    before_id: str
    """Content id of the copy before; the machine's draft at first."""
    after_id: str
    before_transcript_id: str | None
    after_transcript_id: str | None
    change: str
    """A code: ``statement_edit``, ``speakers_swapped``, ..."""
    changed_by: str


class DraftHistory(Protocol):
    """The steps of each draft, in the order in which they were made."""

    def add(self, change: DraftChange) -> int:
        """Returns the number of the step."""

    def withdraw(self, step: int) -> None:
        """The step with this number was not taken after all."""

    def leading_to(self, draft_id: str, after_id: str) -> DraftChange | None:
        """The newest step to this copy: what undoing takes back."""

    def leading_from(self, draft_id: str, before_id: str) -> DraftChange | None:
        """The newest step from this copy: what was undone, while nothing else was done since."""

    def forget_before(self, draft_id: str, keep: int) -> set[str]:
        """Forget all but the newest ``keep`` steps; returns the content ids that only those named."""
