"""First schema: keys, contents, recordings, drafts, decisions, inbox, own writes, audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def text(name: str, *, null: bool = False, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=null, primary_key=key)


def time(name: str, *, null: bool = False) -> "sa.Column[object]":
    return sa.Column(name, TIME, nullable=null)


def number(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, nullable=False, primary_key=key, autoincrement=False)


def secret(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def upgrade() -> None:
    create_keys()
    create_content()
    create_drafts()
    create_inbox()
    create_audit()
    protect_audit()


def create_keys() -> None:
    op.create_table("practice_key", number("id", key=True), text("key_id"), time("set_at"))
    op.create_table(
        "data_keys",
        text("key_id", key=True),
        text("client_id"),
        number("version"),
        secret("wrapped"),
        text("wrapped_by"),
        time("created_at"),
        time("shredded_at", null=True),
        sa.UniqueConstraint("client_id", "version", name="uq_data_keys_client_id_version"),
    )


def create_content() -> None:
    op.create_table(
        "contents",
        text("content_id", key=True),
        text("client_id"),
        text("kind"),
        text("key_id"),
        secret("ciphertext"),
        text("digest"),
        time("stored_at"),
        time("retain_until", null=True),
        time("deleted_at", null=True),
        time("proof_recorded_at", null=True),
    )
    op.create_table(
        "recordings",
        text("recording_id", key=True),
        text("client_id"),
        text("key_id"),
        secret("wrapped_file_key"),
        text("file_name"),
        text("content_type"),
        number("size_bytes"),
        text("digest"),
        time("stored_at"),
        time("retain_until"),
        time("deleted_at", null=True),
        time("proof_recorded_at", null=True),
    )
    for table in ("contents", "recordings"):
        op.create_index(f"ix_{table}_retain_until", table, ["retain_until"])
        op.create_index(f"ix_{table}_client_id", table, ["client_id"])


def create_drafts() -> None:
    references = ("flow_run_id", "recording_id", "transcript_id", "draft_content_id", "edited_content_id")
    outcomes = ("ehr_note_id", "approved_digest", "failure_code")
    op.create_table(
        "drafts",
        text("id", key=True),
        *(text(name) for name in ("workflow", "client_id", "clinician_id", "appointment_id", "source_ref")),
        text("format"),
        text("state"),
        number("version"),
        time("created_at"),
        time("updated_at"),
        time("deadline", null=True),
        *(text(name, null=True) for name in references + outcomes),
        number("reminders_sent"),
        sa.UniqueConstraint("workflow", "appointment_id", "source_ref", name="uq_drafts_workflow_appointment_source"),
    )
    op.create_index("ix_drafts_state_updated_at", "drafts", ["state", "updated_at"])
    op.create_index("ix_drafts_appointment_id", "drafts", ["appointment_id"])
    op.create_table(
        "decisions",
        text("id", key=True),
        *(text(name) for name in ("draft_id", "verdict", "decided_by", "role")),
        time("decided_at"),
        *(text(name, null=True) for name in ("content_id", "reason_code", "reason_content_id")),
        sa.UniqueConstraint("draft_id", name="uq_decisions_draft_id"),
    )


def create_inbox() -> None:
    op.create_table(
        "inbox",
        text("id", key=True),
        text("type"),
        text("object_id"),
        text("client_id", null=True),
        time("occurred_at"),
        time("received_at"),
        text("origin"),
        text("state"),
        number("attempts"),
        *(text(name, null=True) for name in ("appointment_id", "flow_run_id", "reason")),
        time("available_at"),
    )
    op.create_index("ix_inbox_state_available_at", "inbox", ["state", "available_at"])
    op.create_index("ix_inbox_type_object_id", "inbox", ["type", "object_id"])
    op.create_table("cursors", text("name", key=True), time("at"))
    op.create_table("own_writes", text("resource", key=True), text("object_id", key=True), time("written_at"))


def create_audit() -> None:
    op.create_table(
        "audit_entries",
        number("seq", key=True),
        time("at"),
        *(text(name) for name in ("action", "actor_kind", "actor_id")),
        text("actor_role", null=True),
        text("resource"),
        *(text(name, null=True) for name in ("client_id", "flow_run_id", "request_id")),
        text("outcome"),
        *(text(name, null=True) for name in ("sent_digest", "received_digest")),
        *(text(name) for name in ("details", "prev_hash", "hash")),
    )
    for column in ("client_id", "actor_id", "flow_run_id", "resource"):
        op.create_index(f"ix_audit_entries_{column}", "audit_entries", [column])


def protect_audit() -> None:
    """The trail only grows: the database itself refuses everything else."""
    statements = SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS
    for statement in statements:
        op.execute(statement)


SQLITE_GUARDS = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    # INSERT OR REPLACE removes a row without firing the DELETE trigger.
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_entries "
    "WHEN EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
)

POSTGRESQL_GUARDS = (
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_entries "
    "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)
