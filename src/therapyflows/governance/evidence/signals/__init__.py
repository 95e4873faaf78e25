"""The signals of the checker: one small module each, listed here in the order in which their reasons are shown.

A signal is a function ``(claim, source) -> Finding``.  To add one, write a module with a ``check`` and list it.
"""

from collections.abc import Callable

from therapyflows.governance.evidence.claim import Claim, Finding, Source
from therapyflows.governance.evidence.signals import names, negation, numbers, quotes, speaker, support

Signal = Callable[[Claim, Source], Finding]

SIGNALS: tuple[Signal, ...] = (
    support.check,
    quotes.check,
    numbers.check,
    negation.check,
    names.check,
    speaker.check,
)
