"""Entries as rows of the table ``audit_entries`` and back, and how rows are found."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, func, select, type_coerce
from sqlalchemy.orm import Session

from therapyflows.governance.audit import chain
from therapyflows.governance.audit.line import compose_line
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry
from therapyflows.integrations.store._tables import AuditRow, columns_of


def tail_of(session: Session) -> tuple[int, str, datetime | None]:
    """Sequence number, hash and time of the last entry."""
    last = session.execute(
        select(AuditRow.seq, AuditRow.hash, AuditRow.at).order_by(AuditRow.seq.desc()).limit(1)
    ).first()
    return (last.seq, last.hash, last.at) if last is not None else (0, chain.GENESIS, None)


def to_row(chained: ChainedEntry) -> dict[str, object]:
    entry = chained.entry
    return {
        "seq": chained.seq,
        "at": chained.at,
        "action": str(entry.action),
        "actor_kind": entry.actor.kind,
        "actor_id": entry.actor.id,
        "actor_role": entry.actor.role,
        "resource": entry.resource,
        "client_id": entry.client_id,
        "flow_run_id": entry.flow_run_id,
        "request_id": entry.request_id,
        "outcome": entry.outcome,
        "sent_digest": entry.sent_digest,
        "received_digest": entry.received_digest,
        "details": chain.canonical(dict(entry.details)).decode(),
        "prev_hash": chained.prev_hash,
        "hash": chained.hash,
    }


def from_row(row: AuditRow) -> ChainedEntry:
    values = columns_of(row)
    seq, at, prev_hash, last = (values.pop(name) for name in ("seq", "at", "prev_hash", "hash"))
    actor = Actor(values.pop("actor_kind"), values.pop("actor_id"), values.pop("actor_role"))
    action, details = Action(values.pop("action")), json.loads(values.pop("details"))
    return ChainedEntry(seq, at, AuditEntry(action=action, actor=actor, details=details, **values), prev_hash, last)


_ORDER = (
    "action",
    "actor_kind",
    "actor_id",
    "actor_role",
    "resource",
    "client_id",
    "flow_run_id",
    "request_id",
    "outcome",
    "sent_digest",
    "received_digest",
    "details",
    "prev_hash",
    "hash",
)


def lines_after(session: Session, seq: int, limit: int, *, is_sqlite: bool) -> list[tuple[int, bytes]]:
    """(sequence number, line of an export) of the next entries, whatever somebody may have put into the columns."""
    columns = (AuditRow.seq, _time_text(is_sqlite), *(getattr(AuditRow, name) for name in _ORDER))
    query = select(*columns).where(AuditRow.seq > seq).order_by(AuditRow.seq).limit(limit)
    return [(row[0], _line(row)) for row in session.execute(query)]


def _time_text(is_sqlite: bool) -> ColumnElement[str]:
    """The time in the canonical form, made by the database: also of a value that is no time."""
    if is_sqlite:
        return func.replace(type_coerce(AuditRow.at, String), " ", "T") + "Z"
    return func.to_char(func.timezone("UTC", AuditRow.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def _line(row: Sequence[object]) -> bytes:
    try:
        return compose_line(*row)  # type: ignore[arg-type]  # what is no text fails, and is then unreadable
    except (TypeError, UnicodeEncodeError):
        return b"\n"


def find(
    *,
    client_id: str | None,
    actor_id: str | None,
    flow_run_id: str | None,
    resource: str | None,
    action: str | None,
    after_seq: int,
    before_seq: int | None,
    newest_first: bool,
    limit: int,
) -> Select[AuditRow]:
    """The query for entries that match; every condition has an index that also gives the order."""
    wanted = {
        AuditRow.client_id: client_id,
        AuditRow.actor_id: actor_id,
        AuditRow.flow_run_id: flow_run_id,
        AuditRow.resource: resource,
        AuditRow.action: action,
    }
    query = select(AuditRow).where(AuditRow.seq > after_seq)
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if before_seq is not None:
        query = query.where(AuditRow.seq < before_seq)
    return query.order_by(AuditRow.seq.desc() if newest_first else AuditRow.seq).limit(limit)


def first_seq_since(session: Session, since: datetime) -> int | None:
    """The first entry at or after this time; times never fall along the trail."""
    query = select(AuditRow.seq).where(AuditRow.at >= since).order_by(AuditRow.at, AuditRow.seq).limit(1)
    return session.scalar(query)
