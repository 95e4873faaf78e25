"""The triggers that keep the trail append-only, and whether they still stand as the migrations put them."""

import re

from sqlalchemy import text
from sqlalchemy.orm import Session

_REFUSAL = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
_NO_REPLACE_SQLITE = (
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_entries "
    "WHEN EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq) "
)
_IN_ORDER_SQLITE = (
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit_entries "
    "WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_entries) "
    "OR NEW.prev_hash <> COALESCE((SELECT hash FROM audit_entries WHERE seq = NEW.seq - 1), printf('%064d', 0)) "
)
SQLITE = {
    "audit_no_update": f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entries {_REFUSAL}",
    "audit_no_delete": f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entries {_REFUSAL}",
    "audit_no_replace": _NO_REPLACE_SQLITE + _REFUSAL,
    "audit_in_order": _IN_ORDER_SQLITE + _REFUSAL,
}

_REFUSE = "BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END"
_CHECK_ORDER = (
    "DECLARE last audit_entries; BEGIN "
    "SELECT * INTO last FROM audit_entries ORDER BY seq DESC LIMIT 1; "
    "IF NEW.seq <> COALESCE(last.seq, 0) + 1 OR NEW.prev_hash <> COALESCE(last.hash, repeat('0', 64)) "
    "THEN RAISE EXCEPTION 'the audit trail is append-only'; END IF; RETURN NEW; END"
)
POSTGRESQL = {
    "audit_no_change": ("DELETE OR UPDATE", "ROW", _REFUSE),
    "audit_no_truncate": ("TRUNCATE", "STATEMENT", _REFUSE),
    "audit_in_order": ("INSERT", "ROW", _CHECK_ORDER),
}

_FIND_SQLITE = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'")
_FIND_POSTGRESQL = text(
    "SELECT tgname AS name, tgenabled = 'A' AS enabled, pg_get_triggerdef(t.oid) AS definition, prosrc AS body "
    "FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid "
    "WHERE tgrelid = to_regclass('audit_entries') AND NOT tgisinternal"
)


def broken_guards(session: Session, *, is_sqlite: bool) -> list[str]:
    """Names of triggers that are missing, switched off, changed, or not ours."""
    return _broken_on_sqlite(session) if is_sqlite else _broken_on_postgresql(session)


def _broken_on_sqlite(session: Session) -> list[str]:
    found = {row.name: row.sql for row in session.execute(_FIND_SQLITE)}
    return sorted(name for name in SQLITE.keys() | found.keys() if found.get(name) != SQLITE.get(name))


def _broken_on_postgresql(session: Session) -> list[str]:
    rows = {row.name: row for row in session.execute(_FIND_POSTGRESQL)}
    return sorted(name for name in POSTGRESQL.keys() | rows.keys() if not _stands(name, rows.get(name)))


def _stands(name: str, row: object) -> bool:
    if row is None or name not in POSTGRESQL:
        return False
    when, each, body = POSTGRESQL[name]
    enabled, found, source = row.enabled, row.definition, row.body  # type: ignore[attr-defined]  # a result row
    wanted = rf"CREATE TRIGGER {name} BEFORE {when} ON \S+ FOR EACH {each} EXECUTE FUNCTION \S+"
    return enabled and re.fullmatch(wanted, found) is not None and source.strip() == body
