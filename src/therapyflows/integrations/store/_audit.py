"""The audit trail in the database: appended one after the other across all processes, checkpointed, exported.

The rules (what an entry may hold, how it is chained, how a trail is verified) stand in ``governance/audit``.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog
from sqlalchemy import ColumnElement, insert, select, text
from sqlalchemy.orm import Session

from therapyflows.core.errors import Invalid
from therapyflows.governance.audit import chain, checkpoint
from therapyflows.governance.audit.checkpoint import Checkpoint, Signer
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry
from therapyflows.governance.audit.verify import VerificationReport, verify_trail
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._group_commit import GroupCommit
from therapyflows.integrations.store._tables import AuditRow, columns_of

CHECKPOINT_FILE = "audit-checkpoints.jsonl"
PAGE = 2000
"""Entries read at a time while exporting and verifying."""

OLD_CHECKPOINT_S = 600
"""How long the end of a busy trail may go without a checkpoint."""

log = structlog.get_logger()

_APPEND_LOCK = 0x7E4A_0001
"""PostgreSQL advisory lock that makes appenders queue up; any constant of ours."""


class SqlAuditTrail:
    """The port ``AuditTrail``, and what operators and auditors need beside it."""

    def __init__(self, db: Database, signer: Signer, folder: Path, every: int, now: Callable[[], datetime]) -> None:
        self._db, self._signer, self._every, self._now = db, signer, every, now
        self.checkpoint_path = folder / CHECKPOINT_FILE
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._group: GroupCommit[Sequence[AuditEntry], list[int]] = GroupCommit(self._commit)

    @property
    def public_key(self) -> bytes:
        """32 bytes, raw Ed25519: give it to the auditor."""
        return self._signer.public_key

    def append(self, entry: AuditEntry) -> int:
        return self.append_many([entry])[0]

    def append_many(self, entries: Sequence[AuditEntry]) -> list[int]:
        """Append all or none, in order; returns their sequence numbers.

        Raises Invalid (``audit_entry_unfit``) for an entry with anything long or unprintable in it.
        """
        _check(entries)
        return self._group.submit(entries) if entries else []

    @contextmanager
    def transaction(self) -> Iterator[tuple[Session, Callable[[Sequence[AuditEntry]], list[int]]]]:
        """A write transaction and a function that appends to the trail within it: both happen or neither.

        Call the function after the other writes, once: it makes all appenders wait until the transaction ends.
        """
        appended: list[ChainedEntry] = []

        def report(entries: Sequence[AuditEntry]) -> list[int]:
            _check(entries)
            chained = self._append_in(session, entries) if entries else []
            appended.extend(chained)
            return [entry.seq for entry in chained]

        with self._db.write() as session:
            yield session, report
        self._checkpoint_if_due(appended)

    def search(
        self,
        *,
        client_id: str | None = None,
        actor_id: str | None = None,
        flow_run_id: str | None = None,
        resource: str | None = None,
        after_seq: int = 0,
        limit: int = 1000,
    ) -> list[ChainedEntry]:
        wanted = {
            AuditRow.client_id: client_id,
            AuditRow.actor_id: actor_id,
            AuditRow.flow_run_id: flow_run_id,
            AuditRow.resource: resource,
        }
        where = [column == value for column, value in wanted.items() if value is not None]
        return self._page(after_seq, limit, *where)

    def entries(self) -> Iterator[ChainedEntry]:
        """The whole trail in order, a page at a time."""
        after_seq = 0
        while page := self._page(after_seq, PAGE):
            yield from page
            after_seq = page[-1].seq

    def checkpoint(self) -> Checkpoint:
        """Sign the trail as it stands now and write that to the checkpoint folder."""
        with self._db.read() as session:
            seq, last_hash = _tail(session)
        signed = self._signer.checkpoint(seq, last_hash, self._now())
        self._write_checkpoint(signed)
        return signed

    def export(self, target: Path | BinaryIO) -> int:
        """Write the trail as JSON lines, a signed checkpoint first; returns the number of entries."""
        if isinstance(target, Path):
            with target.open("wb") as stream:
                return self.export(stream)
        header = self.checkpoint()
        target.write(checkpoint.to_line(header) + b"\n")
        for entry in self.entries():
            if entry.seq > header.seq:
                break
            target.write(chain.to_line(entry) + b"\n")
        return header.seq

    def verify(self) -> VerificationReport:
        """Verify the trail in the database against the checkpoints in the folder."""
        return verify_trail(self.entries(), self.checkpoint_path, self.public_key)

    # --- inside ---

    def _commit(self, batches: Sequence[Sequence[AuditEntry]]) -> list[list[int]]:
        with self.transaction() as (_, report):
            numbers = iter(report([entry for batch in batches for entry in batch]))
        return [[next(numbers) for _ in batch] for batch in batches]

    def _append_in(self, session: Session, entries: Sequence[AuditEntry]) -> list[ChainedEntry]:
        if not self._db.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})
        last_seq, prev_hash = _tail(session)
        at, chained = self._now(), []
        for seq, entry in enumerate(entries, start=last_seq + 1):
            chained.append(chain.link(seq, at, entry, prev_hash))
            prev_hash = chained[-1].hash
        session.execute(insert(AuditRow), [_row(entry) for entry in chained])
        return chained

    def _checkpoint_if_due(self, appended: Sequence[ChainedEntry]) -> None:
        """After the first entry, every so many, and when the newest checkpoint is old.

        The entries stand already: a crash or a full disk here delays the checkpoint and must not fail the caller.
        """
        if not appended:
            return
        first, last = appended[0], appended[-1]
        if (first.seq - 1) // self._every != last.seq // self._every or self._newest_checkpoint_is_old():
            try:
                self._write_checkpoint(self._signer.checkpoint(last.seq, last.hash, self._now()))
            except OSError as error:
                log.error("checkpoint_not_written", seq=last.seq, error=type(error).__name__)

    def _newest_checkpoint_is_old(self) -> bool:
        try:
            written = self.checkpoint_path.stat().st_mtime
        except FileNotFoundError:
            return True
        return time.time() - written > OLD_CHECKPOINT_S

    def _page(self, after_seq: int, limit: int, *where: ColumnElement[bool]) -> list[ChainedEntry]:
        query = select(AuditRow).where(AuditRow.seq > after_seq, *where).order_by(AuditRow.seq).limit(limit)
        with self._db.read() as session:
            return [_chained(row) for row in session.scalars(query)]

    def _write_checkpoint(self, signed: Checkpoint) -> None:
        """Append the line and flush it to the disk; several processes write the same file."""
        with self.checkpoint_path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            torn = file.read(1) not in (b"", b"\n")  # a power cut in the middle of a line
            file.write(b"\n" * torn + checkpoint.to_line(signed) + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _check(entries: Sequence[AuditEntry]) -> None:
    for entry in entries:
        try:
            chain.check_entry(entry)
        except chain.UnfitEntry as unfit:
            raise Invalid("audit_entry_unfit", str(unfit), action=entry.action) from None


def _tail(session: Session) -> tuple[int, str]:
    last = session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    return (last.seq, last.hash) if last is not None else (0, chain.GENESIS)


def _row(chained: ChainedEntry) -> dict[str, object]:
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


def _chained(row: AuditRow) -> ChainedEntry:
    values = columns_of(row)
    seq, at, prev_hash, last = (values.pop(name) for name in ("seq", "at", "prev_hash", "hash"))
    actor = Actor(values.pop("actor_kind"), values.pop("actor_id"), values.pop("actor_role"))
    action, details = Action(values.pop("action")), json.loads(values.pop("details"))
    return ChainedEntry(seq, at, AuditEntry(action=action, actor=actor, details=details, **values), prev_hash, last)
