"""The tables, typed.  ``migrations/`` creates them; a test compares the two.

Clear text in the database: ids, states, times, counts and digests.  Content stands in ``ciphertext`` columns only.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, always UTC and always aware; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigCount = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime, str: String, bytes: LargeBinary, int: BigCount}  # noqa: RUF012


class PracticeKeyRow(Table):
    """Which practice key wraps the data keys now.  One row; the key itself is never here."""

    __tablename__ = "practice_key"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[str]
    set_at: Mapped[datetime]


class DataKeyRow(Table):
    """A client's data key, wrapped by the practice key.  ``wrapped`` None: shredded."""

    __tablename__ = "data_keys"
    __table_args__ = (UniqueConstraint("client_id", "version", name="uq_data_keys_client_id_version"),)
    key_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    version: Mapped[int]
    wrapped: Mapped[bytes | None]
    wrapped_by: Mapped[str]
    created_at: Mapped[datetime]
    shredded_at: Mapped[datetime | None]


class ContentRow(Table):
    """A piece of content.  ``ciphertext`` None: deleted; the digest stays as the proof."""

    __tablename__ = "contents"
    __table_args__ = (Index("ix_contents_retain_until", "retain_until"), Index("ix_contents_client_id", "client_id"))
    content_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    draft_id: Mapped[str | None]
    kind: Mapped[str]
    key_id: Mapped[str]
    ciphertext: Mapped[bytes | None]
    digest: Mapped[str]
    stored_at: Mapped[datetime]
    retain_until: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    proof_recorded_at: Mapped[datetime | None]


class RecordingRow(Table):
    """A recording; its chunks lie in ``file_name``, its own key here, wrapped by the client's.  None: deleted."""

    __tablename__ = "recordings"
    __table_args__ = (
        Index("ix_recordings_retain_until", "retain_until"),
        Index("ix_recordings_client_id", "client_id"),
    )
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    key_id: Mapped[str]
    wrapped_file_key: Mapped[bytes | None]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    """Length in clear."""
    digest: Mapped[str]
    stored_at: Mapped[datetime]
    retain_until: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    proof_recorded_at: Mapped[datetime | None]


class DraftRow(Table):
    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("workflow", "appointment_id", "source_ref", name="uq_drafts_workflow_appointment_source"),
        Index("ix_drafts_state_updated_at", "state", "updated_at"),
        Index("ix_drafts_appointment_id", "appointment_id"),
        Index("ix_drafts_state_client_id", "state", "client_id"),
        Index("ix_drafts_state_clinician_id", "state", "clinician_id"),
        Index("ix_drafts_created_at", "created_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    workflow: Mapped[str]
    client_id: Mapped[str]
    clinician_id: Mapped[str]
    appointment_id: Mapped[str]
    source_ref: Mapped[str]
    format: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    flow_run_id: Mapped[str | None]
    recording_id: Mapped[str | None]
    transcript_id: Mapped[str | None]
    draft_content_id: Mapped[str | None]
    edited_content_id: Mapped[str | None]
    ehr_note_id: Mapped[str | None]
    approved_digest: Mapped[str | None]
    failure_code: Mapped[str | None]
    reminders_sent: Mapped[int]
    part2: Mapped[bool] = mapped_column(server_default=false())
    session_at: Mapped[datetime | None]
    held_by: Mapped[str | None]


class QueueFactsRow(Table):
    """What a row of the queue shows of a waiting draft: counts and a mark, so that nothing is decrypted for a list."""

    __tablename__ = "queue_facts"
    draft_id: Mapped[str] = mapped_column(primary_key=True)
    made_of: Mapped[str]
    """Ids of the contents it was counted from."""
    urgent: Mapped[bool]
    open_points: Mapped[int]
    counts: Mapped[str]
    """JSON: badge to number."""


class SnoozeRow(Table):
    """Somebody does not want to see a draft before a time.  Others see it."""

    __tablename__ = "snoozes"
    draft_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]


class DecisionRow(Table):
    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("draft_id", name="uq_decisions_draft_id"),
        Index("ix_decisions_held_until", "held_until"),
        Index("ix_decisions_run_over_at", "run_over_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str]
    verdict: Mapped[str]
    decided_by: Mapped[str]
    role: Mapped[str]
    decided_at: Mapped[datetime]
    content_id: Mapped[str | None]
    reason_code: Mapped[str | None]
    reason_content_id: Mapped[str | None]
    edits: Mapped[int | None]
    held_until: Mapped[datetime | None]
    """Whoever clears this first wins: the person who undoes, or the sweep that lets the run go."""
    run_over_at: Mapped[datetime | None]
    """When it was noted that its run needs no waking (any more)."""


class VoidDecisionRow(Table):
    """A decision that was undone, or taken back because it might not be carried out."""

    __tablename__ = "void_decisions"
    __table_args__ = (Index("ix_void_decisions_void_code_settled_at", "void_code", "settled_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str]
    verdict: Mapped[str]
    decided_by: Mapped[str]
    role: Mapped[str]
    decided_at: Mapped[datetime]
    content_id: Mapped[str | None]
    reason_code: Mapped[str | None]
    reason_content_id: Mapped[str | None]
    edits: Mapped[int | None]
    voided_at: Mapped[datetime]
    void_code: Mapped[str]
    settled_at: Mapped[datetime | None]
    """When trail and contents told of it, too."""


class ReviewFiguresRow(Table):
    """A decision in numbers, as ``core.operations.model.ReviewFigures`` says; gone when the decision is voided."""

    __tablename__ = "review_figures"
    __table_args__ = (
        Index("ix_review_figures_decided_at", "decided_at"),
        Index("ix_review_figures_decided_by_decided_at", "decided_by", "decided_at"),
    )
    decision_id: Mapped[str] = mapped_column(primary_key=True)
    workflow: Mapped[str]
    clinician_id: Mapped[str]
    decided_by: Mapped[str]
    verdict: Mapped[str]
    decided_at: Mapped[datetime]
    waited_s: Mapped[int]
    statements: Mapped[int]
    words: Mapped[int]
    edits: Mapped[int | None]
    active_s: Mapped[int | None]
    unseen: Mapped[int | None]


class AttentionRow(Table):
    """How long somebody had a draft before them, and which of its lines stood on the screen."""

    __tablename__ = "review_attention"
    draft_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    active_s: Mapped[int]
    seen: Mapped[str]
    """Ids of statements, with blanks between."""
    last_at: Mapped[datetime]


class TrainingAttemptRow(Table):
    """Somebody at an exercise.  Exercises are files of the product: nothing here is about a client."""

    __tablename__ = "training_attempts"
    __table_args__ = (Index("ix_training_attempts_user_id_begun_at", "user_id", "begun_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    exercise: Mapped[str]
    seed: Mapped[int]
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    marked: Mapped[str]
    """Keys of lines of the exercise, with blanks between."""
    errors: Mapped[int]
    found: Mapped[int]
    false_alarms: Mapped[int]


class DraftChangeRow(Table):
    """A step from one working copy of a draft to the next: what can be undone, and whose it was."""

    __tablename__ = "draft_changes"
    __table_args__ = (Index("ix_draft_changes_draft_id_id", "draft_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[str]
    before_id: Mapped[str]
    after_id: Mapped[str]
    before_transcript_id: Mapped[str | None]
    after_transcript_id: Mapped[str | None]
    change: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class CosignatureRow(Table):
    """Under an approval that needs a supervisor's; it says nothing once the approval is gone."""

    __tablename__ = "cosignatures"
    __table_args__ = (
        Index("ix_cosignatures_state_asked_at", "state", "asked_at"),
        Index("ix_cosignatures_draft_id", "draft_id"),
    )
    decision_id: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    reminders_sent: Mapped[int]
    signed_by: Mapped[str | None]
    role: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    comment_content_id: Mapped[str | None]


class EmergencyAccessRow(Table):
    """One use of emergency access; the words of reason and judgement are contents."""

    __tablename__ = "emergency_accesses"
    __table_args__ = (
        Index("ix_emergency_accesses_user_id_expires_at", "user_id", "expires_at"),
        Index("ix_emergency_accesses_reviewed_at", "reviewed_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    role: Mapped[str]
    client_id: Mapped[str]
    reason_code: Mapped[str]
    words_content_id: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    notified_at: Mapped[datetime | None]
    reminders_sent: Mapped[int]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None]
    verdict: Mapped[str | None]
    comment_content_id: Mapped[str | None]


class ReviewSessionRow(Table):
    """A sign-in to the review application.  The cookie holds the session; this row says whether it still counts."""

    __tablename__ = "review_sessions"
    __table_args__ = (Index("ix_review_sessions_user_id", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """At the latest."""
    ended_at: Mapped[datetime | None]
    end_code: Mapped[str | None]


class InboxRow(Table):
    """An event.  While ``new`` it may be taken from ``available_at`` on: a lease and a delay both push that forward."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_state_available_at", "state", "available_at"),
        Index("ix_inbox_type_object_id", "type", "object_id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_id: Mapped[str]
    client_id: Mapped[str | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    origin: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    appointment_id: Mapped[str | None]
    flow_run_id: Mapped[str | None]
    reason: Mapped[str | None]
    available_at: Mapped[datetime]


class CursorRow(Table):
    """How far a scheduled sync has come."""

    __tablename__ = "cursors"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class OwnWriteRow(Table):
    __tablename__ = "own_writes"
    resource: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]


class TourSeenRow(Table):
    __tablename__ = "tours_seen"
    user_id: Mapped[str] = mapped_column(primary_key=True)
    tour: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class AuditRow(Table):
    """The trail.  Triggers refuse UPDATE, DELETE, TRUNCATE, overwriting, and what does not continue the chain."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_client_id_seq", "client_id", "seq"),
        Index("ix_audit_entries_actor_id_seq", "actor_id", "seq"),
        Index("ix_audit_entries_flow_run_id_seq", "flow_run_id", "seq"),
        Index("ix_audit_entries_resource_seq", "resource", "seq"),
        Index("ix_audit_entries_action_seq", "action", "seq"),
        Index("ix_audit_entries_at_seq", "at", "seq"),
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    actor_role: Mapped[str | None]
    resource: Mapped[str]
    client_id: Mapped[str | None]
    flow_run_id: Mapped[str | None]
    request_id: Mapped[str | None]
    outcome: Mapped[str]
    sent_digest: Mapped[str | None]
    received_digest: Mapped[str | None]
    details: Mapped[str]
    """Canonical JSON."""
    prev_hash: Mapped[str]
    hash: Mapped[str]


def columns_of(row: Table) -> dict[str, Any]:
    """The row as plain values."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
