"""Verify an audit trail without trusting the people who run it.

Needed: the entries (an export), the signed checkpoints, the public key.  Not needed: the database, the practice's keys,
us.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from therapyflows.governance.audit import chain, checkpoint
from therapyflows.governance.audit.checkpoint import Checkpoint
from therapyflows.governance.audit.findings import MAX_PROBLEMS, Problem, ProblemKind, VerificationReport
from therapyflows.governance.audit.handover import Handover, trusted_keys
from therapyflows.governance.audit.line import Line, read_line
from therapyflows.governance.audit.model import ChainedEntry

PROGRESS_EVERY = 20_000
"""Entries between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What was signed and kept apart from the trail."""

    checkpoints: tuple[Checkpoint, ...] = ()
    handovers: tuple[Handover, ...] = ()


def verify(
    entries: Iterable[ChainedEntry],
    checkpoints: Iterable[Checkpoint],
    public_key: bytes,
    handovers: Iterable[Handover] = (),
) -> VerificationReport:
    """Check every link, every hash and every checkpoint; ``public_key`` is 32 bytes (raw Ed25519)."""
    lines = (chain.to_line(entry) + b"\n" for entry in entries)
    return verify_lines(lines, Vouchers(tuple(checkpoints), tuple(handovers)), public_key)


def verify_lines(
    lines: Iterable[bytes],
    vouchers: Vouchers,
    public_key: bytes,
    *,
    end: int | None = None,
    first_line: int = 1,
    on_progress: Callable[[int], None] = lambda _: None,
) -> VerificationReport:
    """The same from lines as they stand in an export.

    ``end``: the last sequence number that the export's header names.  ``first_line``: the number of the first line in
    its file.  ``on_progress`` hears how many entries were verified.
    """
    walk = _Walk(on_progress=on_progress, line_number=first_line - 1)
    valid = _valid_checkpoints(vouchers, public_key, walk)
    walk.along(lines, valid)
    for seq in sorted(valid):
        if seq > walk.highest_seq:
            message = "a checkpoint was signed at this entry, but the trail ends before it"
            walk.report(ProblemKind.TRUNCATED, seq, message)
    if end is not None and walk.highest_seq > end:
        walk.report(ProblemKind.INSERTED, end + 1, "entries stand after the end that the export's header signed")
    if walk.count and not valid:
        walk.report(ProblemKind.NO_CHECKPOINT, walk.last_seq, "no valid checkpoint vouches for any entry")
    return VerificationReport(
        entries=walk.count,
        last_seq=walk.highest_seq,
        checkpoints=sum(len(group) for group in valid.values()),
        covered_until=max((seq for seq in valid if seq <= walk.highest_seq), default=0),
        problems=tuple(walk.problems),
    )


Valid = dict[int, list[Checkpoint]]


def _valid_checkpoints(vouchers: Vouchers, public_key: bytes, walk: "_Walk") -> Valid:
    valid: Valid = {}
    keys = trusted_keys(public_key, vouchers.handovers)
    _check_handovers(vouchers.handovers, walk)
    for found in dict.fromkeys(vouchers.checkpoints):  # a copy in another place says nothing new
        stretch = keys.get(found.key_id)
        if stretch is None:
            walk.report(ProblemKind.CHECKPOINT_KEY, found.seq, "the checkpoint names another key")
        elif not checkpoint.is_signed_by(found, stretch.public_key):
            walk.report(ProblemKind.CHECKPOINT_SIGNATURE, found.seq, "the checkpoint's signature is not valid")
        elif not stretch.covers(found.seq):
            walk.report(ProblemKind.CHECKPOINT_KEY, found.seq, "the checkpoint's key was not in use at this place")
        else:
            valid.setdefault(found.seq, []).append(found)
    for seq, group in sorted(valid.items()):
        if len({found.hash for found in group}) > 1:
            walk.report(ProblemKind.FORKED, seq, "two checkpoints name different entries here: two histories")
    return valid


def _check_handovers(handovers: Iterable[Handover], walk: "_Walk") -> None:
    successors: dict[bytes, set[bytes]] = {}
    for found in handovers:
        if not found.is_signed_by_both:
            message = "a hand-over of the signing key does not bear both signatures"
            walk.report(ProblemKind.CHECKPOINT_SIGNATURE, found.seq, message)
            continue
        known = successors.setdefault(found.old_key, set())
        if known - {found.new_key}:
            walk.report(ProblemKind.FORKED, found.seq, "one key was handed over to two others")
        known.add(found.new_key)


@dataclass(slots=True)
class _Walk:
    """Where the walk along the chain stands."""

    on_progress: Callable[[int], None]
    line_number: int
    count: int = 0
    last_seq: int = 0
    highest_seq: int = 0
    last_hash: str = chain.GENESIS
    last_at: str = ""
    problems: list[Problem] = field(default_factory=list)

    def report(self, kind: ProblemKind, seq: int, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(kind, seq, message))

    def along(self, lines: Iterable[bytes], valid: Valid) -> None:
        for line in lines:
            self.line_number += 1
            try:
                found = read_line(line)
            except ValueError:
                message = f"line {self.line_number} is not an entry"
                self.report(ProblemKind.UNREADABLE, self.last_seq + 1, message)
                continue
            self._step(found)
            if found.seq in valid:
                self._compare(found, valid[found.seq])
            if self.count % PROGRESS_EVERY == 0:
                self.on_progress(self.count)

    def _step(self, found: Line) -> None:
        seq, at, prev_hash, digest, is_right = found
        if seq != self.last_seq + 1:
            self._report_place(seq)
        elif prev_hash != self.last_hash:
            self.report(ProblemKind.BROKEN_LINK, seq, "the entry was not written after the one before it")
        if not is_right:
            self.report(ProblemKind.ALTERED, seq, "the content is not what the hash says")
        if at < self.last_at:
            self.report(ProblemKind.BACKDATED, seq, "the entry bears an earlier time than the one before it")
        self.count += 1
        self.last_seq, self.last_hash, self.last_at = seq, digest, at
        if seq > self.highest_seq:
            self.highest_seq = seq

    def _report_place(self, seq: int) -> None:
        if seq == self.last_seq:
            self.report(ProblemKind.INSERTED, seq, "the sequence number stands twice")
        elif seq < self.last_seq:
            self.report(ProblemKind.REORDERED, seq, f"the entry stands after entry {self.last_seq}")
        else:
            self.report(ProblemKind.DELETED, self.last_seq + 1, f"entries up to {seq - 1} are missing here")

    def _compare(self, found: Line, signed: Iterable[Checkpoint]) -> None:
        for voucher in signed:
            if voucher.hash != found.hash:
                self.report(ProblemKind.REWRITTEN, found.seq, "a signed checkpoint saw another entry here")
                return
            if chain.format_time(voucher.at) < found.at:
                message = "a checkpoint was signed before the entry that it vouches for"
                self.report(ProblemKind.BACKDATED, found.seq, message)
