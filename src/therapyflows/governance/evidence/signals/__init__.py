"""The signals of the checker: one small module each, listed here in the order in which their reasons are shown.

A signal is a function ``(match) -> Finding``: it measures how a claim stands in a source.  To add one, write a module
with a ``check``, list it, and weigh its measures anew (``benchmarks/evidence.py --fit``).
"""

from collections.abc import Callable

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.signals import (
    family,
    laterality,
    medications,
    names,
    negation,
    numbers,
    opposites,
    quotes,
    speaker,
    support,
)

Signal = Callable[[Match], Finding]

SIGNALS: tuple[Signal, ...] = (
    quotes.check,
    negation.check,
    opposites.check,
    numbers.check,
    medications.check,
    laterality.check,
    family.check,
    speaker.check,
    names.check,
    support.check,
)
