"""What verifying a trail can find, and the report of it."""

from dataclasses import dataclass
from enum import StrEnum

MAX_PROBLEMS = 100
"""After so many the report says no more; the trail is not to be trusted anyway."""


class ProblemKind(StrEnum):
    ALTERED = "altered"
    """The entry's content is not what its hash says."""
    DELETED = "deleted"
    """Sequence numbers are missing."""
    INSERTED = "inserted"
    """A sequence number stands twice, or behind the end that was signed."""
    REORDERED = "reordered"
    """A lower number follows a higher one."""
    BROKEN_LINK = "broken_link"
    """The entry does not follow the one before it."""
    BACKDATED = "backdated"
    """The entry bears an earlier time than the one before it, or its checkpoint an earlier time than the entry."""
    TRUNCATED = "truncated"
    """A signed checkpoint knows of later entries."""
    REWRITTEN = "rewritten"
    """The chain holds, but a signed checkpoint saw another entry at this place."""
    FORKED = "forked"
    """Two different histories were signed: two checkpoints of one place contradict each other."""
    UNREADABLE = "unreadable"
    """A line of the export or of the checkpoint file is not one of ours."""
    CHECKPOINT_SIGNATURE = "checkpoint_signature"
    CHECKPOINT_KEY = "checkpoint_key"
    """The checkpoint was signed with a key that does not vouch for this place."""
    NO_CHECKPOINT = "no_checkpoint"
    """There are entries but not one valid checkpoint: a rewritten trail could not be told from the real one."""
    UNGUARDED = "unguarded"
    """The database would let entries be changed: its triggers are not what the program put there."""


@dataclass(frozen=True, slots=True)
class Problem:
    kind: ProblemKind
    seq: int
    """Where: the entry's sequence number, the checkpoint's, or the number that should stand at an unreadable line."""
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
