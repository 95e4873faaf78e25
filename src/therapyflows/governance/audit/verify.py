"""Verify an audit trail without trusting the people who run it.

Needed: the entries (an export), the signed checkpoints, the public key.  Not needed: the database, the practice's keys,
us.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from therapyflows.governance.audit import chain, checkpoint
from therapyflows.governance.audit.checkpoint import Checkpoint
from therapyflows.governance.audit.model import ChainedEntry

MAX_PROBLEMS = 100
"""After so many the report says no more; the trail is not to be trusted anyway."""


class ProblemKind(StrEnum):
    ALTERED = "altered"
    """The entry's content is not what its hash says."""
    DELETED = "deleted"
    """Sequence numbers are missing."""
    INSERTED = "inserted"
    """A sequence number stands twice."""
    REORDERED = "reordered"
    """A lower number follows a higher one."""
    BROKEN_LINK = "broken_link"
    """The entry does not follow the one before it."""
    TRUNCATED = "truncated"
    """A signed checkpoint knows of later entries."""
    REWRITTEN = "rewritten"
    """The chain holds, but a signed checkpoint saw another entry at this place."""
    UNREADABLE = "unreadable"
    """A line of the export or of the checkpoint file is not one of ours."""
    CHECKPOINT_SIGNATURE = "checkpoint_signature"
    CHECKPOINT_KEY = "checkpoint_key"
    """The checkpoint was signed with another key than the one given."""
    NO_CHECKPOINT = "no_checkpoint"
    """There are entries but not one valid checkpoint: a rewritten trail could not be told from the real one."""


@dataclass(frozen=True, slots=True)
class Problem:
    kind: ProblemKind
    seq: int
    """Where: the entry's sequence number, the checkpoint's, or the line number of something unreadable."""
    message: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    entries: int
    last_seq: int
    checkpoints: int
    """How many checkpoints were valid."""
    covered_until: int
    """Entries up to here are vouched for by a checkpoint; later ones are chained only."""
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(entries: Iterable[ChainedEntry], checkpoints: Iterable[Checkpoint], public_key: bytes) -> VerificationReport:
    """Check every link, every hash and every checkpoint; ``public_key`` is 32 bytes (raw Ed25519)."""
    walk = _Walk()
    valid = _valid_checkpoints(checkpoints, public_key, walk)
    for entry in entries:
        walk.step(entry, {c.hash for c in valid.get(entry.seq, ())})
    for seq in sorted(valid):
        if seq > walk.highest_seq:
            walk.report(
                ProblemKind.TRUNCATED, seq, "a checkpoint was signed at this entry, but the trail ends before it"
            )
    if walk.count and not valid:
        walk.report(ProblemKind.NO_CHECKPOINT, walk.last_seq, "no valid checkpoint vouches for any entry")
    return VerificationReport(
        entries=walk.count,
        last_seq=walk.highest_seq,
        checkpoints=sum(len(group) for group in valid.values()),
        covered_until=max((seq for seq in valid if seq <= walk.highest_seq), default=0),
        problems=tuple(walk.problems),
    )


def _valid_checkpoints(
    checkpoints: Iterable[Checkpoint], public_key: bytes, walk: "_Walk"
) -> dict[int, list[Checkpoint]]:
    valid: dict[int, list[Checkpoint]] = {}
    expected_key = checkpoint.key_id(public_key)
    for found in checkpoints:
        if found.key_id != expected_key:
            walk.report(ProblemKind.CHECKPOINT_KEY, found.seq, "the checkpoint names another key")
        elif not checkpoint.is_signed_by(found, public_key):
            walk.report(ProblemKind.CHECKPOINT_SIGNATURE, found.seq, "the checkpoint's signature is not valid")
        else:
            valid.setdefault(found.seq, []).append(found)
    return valid


@dataclass(slots=True)
class _Walk:
    """Where the walk along the chain stands."""

    count: int = 0
    last_seq: int = 0
    highest_seq: int = 0
    last_hash: str = chain.GENESIS
    problems: list[Problem] = field(default_factory=list)

    def report(self, kind: ProblemKind, seq: int, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(kind, seq, message))

    def step(self, found: ChainedEntry, vouched: set[str]) -> None:
        self._check_place(found)
        if chain.hash_of(found.seq, found.at, found.entry, found.prev_hash) != found.hash:
            self.report(ProblemKind.ALTERED, found.seq, "the content is not what the hash says")
        if found.seq == self.last_seq + 1 and found.prev_hash != self.last_hash:
            self.report(ProblemKind.BROKEN_LINK, found.seq, "the entry was not written after the one before it")
        if vouched - {found.hash}:
            self.report(ProblemKind.REWRITTEN, found.seq, "a signed checkpoint saw another entry here")
        self.count += 1
        self.last_seq, self.last_hash = found.seq, found.hash
        self.highest_seq = max(self.highest_seq, found.seq)

    def _check_place(self, found: ChainedEntry) -> None:
        if found.seq == self.last_seq:
            self.report(ProblemKind.INSERTED, found.seq, "the sequence number stands twice")
        elif found.seq < self.last_seq:
            self.report(ProblemKind.REORDERED, found.seq, f"the entry stands after entry {self.last_seq}")
        elif found.seq > self.last_seq + 1:
            self.report(ProblemKind.DELETED, self.last_seq + 1, f"entries up to {found.seq - 1} are missing here")


# --- files --------------------------------------------------------------------------------------------------------


def verify_export(export_path: Path, checkpoints_path: Path | None, public_key: bytes) -> VerificationReport:
    """Verify an export (JSON lines) with a checkpoint file or a folder of such files, and the public key alone.

    The export's first line is itself a checkpoint of its last entry, so a shortened export is noticed.
    Raises OSError when a file cannot be read.
    """
    unreadable: list[Problem] = []
    kept_apart = _read_checkpoints(checkpoints_path, unreadable) if checkpoints_path else []
    with export_path.open("rb") as export:
        header = _parse_checkpoints([export.readline()], unreadable)
        entries = _read_entries(export, header[0].seq if header else None, unreadable)
        report = verify(entries, header + kept_apart, public_key)
    return _with(unreadable, report)


def verify_trail(entries: Iterable[ChainedEntry], checkpoints_path: Path, public_key: bytes) -> VerificationReport:
    """Verify entries from the database itself with the checkpoint file or folder, which may not exist yet."""
    unreadable: list[Problem] = []
    checkpoints = _read_checkpoints(checkpoints_path, unreadable) if checkpoints_path.exists() else []
    return _with(unreadable, verify(entries, checkpoints, public_key))


def _with(unreadable: list[Problem], report: VerificationReport) -> VerificationReport:
    return replace(report, problems=(*unreadable, *report.problems)[:MAX_PROBLEMS])


def _read_checkpoints(path: Path, unreadable: list[Problem]) -> list[Checkpoint]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    lines = [line for file in files for line in file.read_bytes().splitlines(keepends=True)]
    return _parse_checkpoints(lines, unreadable)


def _read_entries(lines: Iterable[bytes], end: int | None, unreadable: list[Problem]) -> Iterator[ChainedEntry]:
    """``end``: the last sequence number that the header names."""
    for number, line in enumerate(lines, start=2):
        try:
            entry = chain.from_line(_without_break(line))
        except ValueError:
            unreadable.append(Problem(ProblemKind.UNREADABLE, number, "a line of the export is not an entry"))
            continue
        if end is not None and entry.seq > end:
            unreadable.append(Problem(ProblemKind.INSERTED, entry.seq, "the entry stands after the end of the export"))
        yield entry


def _parse_checkpoints(lines: Iterable[bytes], unreadable: list[Problem]) -> list[Checkpoint]:
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(checkpoint.from_line(_without_break(line)))
        except ValueError:
            unreadable.append(Problem(ProblemKind.UNREADABLE, number, "a line is not a checkpoint"))
    return found


def _without_break(line: bytes) -> bytes:
    if not line.endswith(b"\n"):
        raise ValueError("the line is cut off")
    return line[:-1]
