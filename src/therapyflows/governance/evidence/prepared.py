"""The source of many statements, read once: segments, and (as signals need it) what can be looked up in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from therapyflows.governance.evidence.model import Segment


@dataclass(frozen=True, slots=True)
class PreparedSource:
    """A transcript made ready to check many statements against it; build it with ``prepare``."""

    segments: tuple[Segment, ...]


def prepare(segments: Sequence[Segment]) -> PreparedSource:
    """Read a source once; ``grade`` takes the result in place of the segments."""
    return PreparedSource(tuple(segments))
