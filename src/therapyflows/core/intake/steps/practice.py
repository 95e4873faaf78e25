"""What the steps of an intake are given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from therapyflows.core.intake.draft import QualityFinding
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.intake.welcome import WelcomeTemplate, default_template
from therapyflows.core.run_ports import RunPorts
from therapyflows.governance.retention.policy import Periods


@dataclass(frozen=True, slots=True)
class FormReading:
    form: IntakeForm
    pages: tuple[bytes, ...] = field(default=(), repr=False)
    """Images of the pages, JPEG, straightened: the boxes of the form belong to them.  None for a web form."""


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    """What the practice decided about intakes."""

    practice_name: str = "our practice"
    welcome: WelcomeTemplate = field(default_factory=default_template)
    retention: Periods = field(default_factory=Periods)
    review_within: timedelta = timedelta(days=7)
    review_base_url: str = "http://127.0.0.1:4280"

    def review_url(self, draft_id: str) -> str:
        """Where the reviewer finds the form; an id, nothing else."""
        return f"{self.review_base_url}/intakes/{draft_id}"


ReadForm = Callable[[bytes, str, str], FormReading]
"""(content, file name, content type).  Raises UnusableSource for what cannot be read; synchronous, slow."""
CheckForm = Callable[[IntakeForm, date], tuple[str, tuple[QualityFinding, ...]]]
"""Version of the suite and what the form fails; synchronous, slow the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePorts(RunPorts):
    read_form: ReadForm
    check: CheckForm
    policy: IntakePolicy
