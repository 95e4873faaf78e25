"""The audit trail in the database: appended one after the other across all processes, checkpointed, exported.

The rules (what an entry may hold, how it is chained, how a trail is verified) stand in ``governance/audit``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import structlog
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from therapyflows.core.errors import Invalid, Refused
from therapyflows.governance.audit import chain, checkpoint, handover
from therapyflows.governance.audit.checkpoint import Checkpoint, Signer
from therapyflows.governance.audit.files import verify_trail, with_problems
from therapyflows.governance.audit.findings import Problem, ProblemKind, VerificationReport
from therapyflows.governance.audit.handover import Handover
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry
from therapyflows.integrations.store import _audit_rows as rows
from therapyflows.integrations.store._checkpoint_book import CheckpointBook
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._group_commit import GroupCommit
from therapyflows.integrations.store._guards import broken_guards
from therapyflows.integrations.store._tables import AuditRow

PAGE = 5000
"""Entries read at a time while exporting and verifying."""
OLD_CHECKPOINT_S = 600
"""How long the end of a busy trail may go without a checkpoint."""
CLOCK_TOLERANCE = timedelta(seconds=5)
"""By how much the clocks of two machines may differ before the trail says so."""

log = structlog.get_logger()

_APPEND_LOCK = 0x7E4A_0001
"""PostgreSQL advisory lock that makes appenders queue up; any constant of ours."""


class SqlAuditTrail:
    """The port ``AuditTrail``, and what operators and auditors need beside it."""

    def __init__(
        self, db: Database, signer: Signer, book: CheckpointBook, every: int, now: Callable[[], datetime]
    ) -> None:
        self._db, self._signer, self._book, self._every, self._now = db, signer, book, every, now
        self._told_behind: datetime | None = None
        self._group: GroupCommit[Sequence[AuditEntry], list[int]] = GroupCommit(self._commit)

    @property
    def public_key(self) -> bytes:
        """32 bytes, raw Ed25519: give it to the auditor."""
        return self._signer.public_key

    @property
    def checkpoint_folders(self) -> tuple[Path, ...]:
        """Where the checkpoints lie."""
        return self._book.folders

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
            return [entry.seq for entry in chained[-len(entries) :]] if entries else []

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
        action: Action | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after_seq: int = 0,
        before_seq: int | None = None,
        newest_first: bool = False,
        limit: int = 1000,
    ) -> list[ChainedEntry]:
        with self._db.read() as session:
            if since is not None:
                first = rows.first_seq_since(session, since)
                if first is None:
                    return []
                after_seq = max(after_seq, first - 1)
            end = rows.first_seq_since(session, until) if until is not None else None
            query = rows.find(
                client_id=client_id,
                actor_id=actor_id,
                flow_run_id=flow_run_id,
                resource=resource,
                action=action,
                after_seq=after_seq,
                before_seq=min((seq for seq in (end, before_seq) if seq is not None), default=None),
                newest_first=newest_first,
                limit=limit,
            )
            return [rows.from_row(row) for row in session.scalars(query)]

    def entries(self) -> Iterator[ChainedEntry]:
        """The whole trail in order, a page at a time."""
        after_seq = 0
        while page := self.search(after_seq=after_seq, limit=PAGE):
            yield from page
            after_seq = page[-1].seq

    def lines(self) -> Iterator[bytes]:
        """The whole trail in order, as the lines of an export; read as it stands, right or not."""
        seq = 0
        while page := self._lines_after(seq):
            yield from (line for _, line in page)
            seq = page[-1][0]

    def checkpoint(self) -> Checkpoint:
        """Sign the trail as it stands now and write that to the checkpoint folders.

        Raises Refused (``signing_key_retired``) when this key was handed over to another.
        """
        with self._db.read() as session:
            seq, last_hash, last_at = rows.tail_of(session)
        return self._sign(seq, last_hash, last_at)

    def hand_over(self, new: Signer) -> Handover:
        """Let another key sign from here on; this process must be started anew with it.

        Raises Invalid (``signing_key_unchanged``), Refused (``signing_key_retired``), and OSError or Transient when a
        place for checkpoints cannot be reached: then do it again.
        """
        if new.public_key == self.public_key:
            raise Invalid("signing_key_unchanged", "the new signing key is the present one")
        begun = [
            made for made in self._book.handovers() if (made.old_key, made.new_key) == (self.public_key, new.public_key)
        ]
        made = begun[0] if begun else self._new_handover(new)
        self._book.write_handover(handover.to_line(made))
        return made

    def _new_handover(self, new: Signer) -> Handover:
        entry = AuditEntry(
            action=Action.KEY_HANDED_OVER,
            actor=Actor("service", "audit"),
            resource=f"signing_keys/{new.key_id}",
            details={"old_key": self._signer.key_id, "new_key": new.key_id},
        )
        self.append(entry)
        last = self.checkpoint()
        return handover.hand_over(self._signer, new, last.seq, last.hash, last.at)

    def export(self, target: Path | BinaryIO) -> int:
        """Write the trail as JSON lines, a signed checkpoint first; returns the number of entries."""
        if isinstance(target, Path):
            with target.open("wb") as stream:
                return self.export(stream)
        count = -1
        for line in self.export_lines():
            target.write(line)
            count += 1
        return count

    def export_lines(self) -> Iterator[bytes]:
        """The lines of an export: first a signed checkpoint of its end, then every entry up to there."""
        header = self.checkpoint()
        yield checkpoint.to_line(header) + b"\n"
        seq = 0
        while seq < header.seq and (page := self._lines_after(seq)):
            yield from (line for number, line in page if number <= header.seq)
            seq = page[-1][0]

    def verify(self, on_progress: Callable[[int], None] = lambda _: None) -> VerificationReport:
        """Verify the trail in the database, against the checkpoints in the folders, and the database's triggers."""
        with self._db.read() as session:
            broken = broken_guards(session, is_sqlite=self._db.is_sqlite)
        unguarded = [Problem(ProblemKind.UNGUARDED, 0, f"the trigger {name} is not as it should be") for name in broken]
        report = verify_trail(self.lines(), self._book.folders, self.public_key, on_progress=on_progress)
        return with_problems(unguarded, report)

    # --- inside ---

    def _lines_after(self, seq: int) -> list[tuple[int, bytes]]:
        with self._db.read() as session:
            return rows.lines_after(session, seq, PAGE, is_sqlite=self._db.is_sqlite)

    def _commit(self, batches: Sequence[Sequence[AuditEntry]]) -> list[list[int]]:
        with self.transaction() as (_, report):
            numbers = iter(report([entry for batch in batches for entry in batch]))
        return [[next(numbers) for _ in batch] for batch in batches]

    def _append_in(self, session: Session, entries: Sequence[AuditEntry]) -> list[ChainedEntry]:
        if not self._db.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})
        last_seq, prev_hash, last_at = rows.tail_of(session)
        at, behind = self._time_after(last_at)
        chained = []
        for seq, entry in enumerate([*behind, *entries], start=last_seq + 1):
            chained.append(chain.link(seq, at, entry, prev_hash))
            prev_hash = chained[-1].hash
        session.execute(insert(AuditRow), [rows.to_row(entry) for entry in chained])
        return chained

    def _time_after(self, last_at: datetime | None) -> tuple[datetime, list[AuditEntry]]:
        """The time of the next entry, never before the last one's, and an entry about a clock that says otherwise."""
        at = self._now()
        if last_at is None or at >= last_at:
            return at, []
        if last_at - at < CLOCK_TOLERANCE or self._told_behind == last_at:
            return last_at, []
        self._told_behind = last_at
        seconds = round((last_at - at).total_seconds(), 1)
        log.warning("clock_behind_the_trail", seconds=seconds)
        details: dict[str, str | float] = {"seconds": seconds, "clock": chain.format_time(at)}
        return last_at, [AuditEntry(Action.CLOCK_BEHIND, Actor("service", "audit"), "clock", details=details)]

    def _checkpoint_if_due(self, appended: Sequence[ChainedEntry]) -> None:
        """After the first entry, every so many, and when the newest checkpoint is old.

        The entries stand already: a crash or a full disk here delays the checkpoint and must not fail the caller.
        """
        if not appended:
            return
        first, last = appended[0], appended[-1]
        if (first.seq - 1) // self._every != last.seq // self._every or self._book.age_s() > OLD_CHECKPOINT_S:
            try:
                self._sign(last.seq, last.hash, last.at)
            except (OSError, Invalid, Refused) as error:
                log.error("checkpoint_not_written", error=type(error).__name__)

    def _sign(self, seq: int, last_hash: str, last_at: datetime | None) -> Checkpoint:
        if any(made.old_key == self.public_key for made in self._book.handovers()):
            message = "the signing key was handed over to another; start again with the new one"
            raise Refused("signing_key_retired", message, key=self._signer.key_id)
        at = self._now()
        signed = self._signer.checkpoint(seq, last_hash, at if last_at is None else max(at, last_at))
        self._book.write(checkpoint.to_line(signed))
        return signed


def _check(entries: Sequence[AuditEntry]) -> None:
    for entry in entries:
        try:
            chain.check_entry(entry)
        except chain.UnfitEntry as unfit:
            raise Invalid("audit_entry_unfit", str(unfit), action=entry.action) from None
