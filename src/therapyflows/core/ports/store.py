"""What is kept: contents, recordings, drafts, decisions."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, Protocol

from therapyflows.core.session_note.model import Decision, DraftRecord, DraftState

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


class OwnWrites(Protocol):
    """Ids of EHR objects that we created, so that the events they cause start nothing."""

    def add(self, resource: str, object_id: str) -> None: ...
    def contains(self, resource: str, object_id: str) -> bool: ...
