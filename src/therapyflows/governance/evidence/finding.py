"""What one signal says about a statement."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Measures of one signal, each 0..1 where higher is worse, and the reason in words when it found something."""

    measures: Mapping[str, float]
    reason: str | None = None
    contradicts: bool = False
    """The source says the opposite."""
    refutes: bool = False
    """Speaks plainly against the statement when the words looked at are those that it cites."""
