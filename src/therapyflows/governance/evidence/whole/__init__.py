"""Checks of a note as a whole, and of its source: one small module each, listed here.

A check is a function ``(note) -> findings``.  To add one, write a module with a ``check`` and list it.
"""

from collections.abc import Callable, Iterator

from therapyflows.governance.evidence.whole import cloned, identity, injection, off_topic, omissions
from therapyflows.governance.evidence.whole.model import NoteFinding, WholeNote

Check = Callable[[WholeNote], Iterator[NoteFinding]]

CHECKS: tuple[Check, ...] = (
    injection.check,
    identity.check,
    omissions.check,
    off_topic.check,
    cloned.check,
)

BY_COMPARISON = "chart_"
"""How the codes begin of contradictions between the note and what stands beside it in the chart."""
BY_CHART = ("cloned_", "other_", BY_COMPARISON)
"""How the codes of findings begin that rest on the chart, not on the source."""


def check_whole(note: WholeNote) -> tuple[NoteFinding, ...]:
    """Everything that the checks find, in their order; the same finding once."""
    return tuple(dict.fromkeys(finding for check in CHECKS for finding in check(note)))
