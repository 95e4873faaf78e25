"""Audit trail: indexes that also give the order, and entries that are taken only where the chain goes on."""

from alembic import op

revision = "0005"
down_revision = "0004"

SEARCHED = ("client_id", "actor_id", "flow_run_id", "resource", "action", "at")
INDEXED_BEFORE = ("client_id", "actor_id", "flow_run_id", "resource")


def upgrade() -> None:
    for column in INDEXED_BEFORE:
        op.drop_index(f"ix_audit_entries_{column}", "audit_entries")
    for column in SEARCHED:
        op.create_index(f"ix_audit_entries_{column}_seq", "audit_entries", [column, "seq"])
    statements = SQLITE_ORDER if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_ORDER
    for statement in statements:
        op.execute(statement)


SQLITE_ORDER = (
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit_entries "
    "WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_entries) "
    "OR NEW.prev_hash <> COALESCE((SELECT hash FROM audit_entries WHERE seq = NEW.seq - 1), printf('%064d', 0)) "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
)

POSTGRESQL_ORDER = (
    "CREATE FUNCTION audit_check_order() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "DECLARE last audit_entries; BEGIN "
    "SELECT * INTO last FROM audit_entries ORDER BY seq DESC LIMIT 1; "
    "IF NEW.seq <> COALESCE(last.seq, 0) + 1 OR NEW.prev_hash <> COALESCE(last.hash, repeat('0', 64)) "
    "THEN RAISE EXCEPTION 'the audit trail is append-only'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_check_order()",
    # Also while a session calls itself a replica, which switches ordinary triggers off.
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_no_change",
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_no_truncate",
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_in_order",
)
