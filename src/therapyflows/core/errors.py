"""Every error that crosses a port.

::

    TherapyFlowsError
    ├── Refused            policy said no; asking again will not help
    │   └── ConsentMissing     no recording or AI consent on file
    ├── NotFound           the thing does not exist, or may not be known to exist
    ├── Transient          trying again later may help (time-out, 429, 5xx, model down)
    │   └── UnknownOutcome     a write timed out: look it up before writing again
    └── Invalid            trying again will not help
        ├── UnusableSource     a recording, transcript or form that cannot be worked with; says what to do
        ├── Conflict           somebody changed or signed it meanwhile
        ├── ModelOutputInvalid a model answered with something that is not the schema
        └── ContextOverflow    the prompt does not fit the model

A message is a constant plus ids: never text from a chart, because Prefect stores exception text.
"""


class TherapyFlowsError(Exception):
    """Base of all errors of ours.

    ``code`` is a constant for machines (``recording_truncated``), ``message`` a constant sentence for people,
    ``ids`` and counts are what may be logged.
    """

    def __init__(self, code: str, message: str = "", **ids: str | int | float | None) -> None:
        self.code = code
        self.message = message or code.replace("_", " ")
        self.ids = {k: v for k, v in ids.items() if v is not None}
        super().__init__(str(self))

    def __str__(self) -> str:
        listed = " ".join(f"{k}={v}" for k, v in self.ids.items())
        return f"{self.code}: {self.message}" + (f" [{listed}]" if listed else "")


class Refused(TherapyFlowsError):
    """Policy said no."""


class ConsentMissing(Refused):
    """No valid consent on file for this use."""


class NotFound(TherapyFlowsError):
    """It does not exist, or the caller may not know that it does."""


class Transient(TherapyFlowsError):
    """Trying again later may help.  ``retry_after_s`` when the other side named a time."""

    def __init__(
        self, code: str, message: str = "", *, retry_after_s: float | None = None, **ids: str | int | float | None
    ) -> None:
        super().__init__(code, message, **ids)
        self.retry_after_s = retry_after_s


class UnknownOutcome(Transient):
    """A write timed out: whether it happened is unknown until it is looked up."""


class Invalid(TherapyFlowsError):
    """Trying again will not help."""


class UnusableSource(Invalid):
    """A file that cannot be worked with.  ``remedy`` says what the person can do."""

    def __init__(self, code: str, message: str, *, remedy: str, **ids: str | int | float | None) -> None:
        super().__init__(code, message, **ids)
        self.remedy = remedy

    @property
    def explanation(self) -> str:
        """What is wrong and what to do, as sentences."""
        return " ".join(f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in (self.message, self.remedy))


class Conflict(Invalid):
    """Changed, signed or claimed by somebody else meanwhile."""


class ModelOutputInvalid(Invalid):
    """The model's answer is not what the schema asks for, or it was cut off."""


class ContextOverflow(Invalid):
    """The prompt is longer than the model's context."""
