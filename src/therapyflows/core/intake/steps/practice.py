"""What the steps of an intake are given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.intake.examining import CheckForm, Greeting
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.intake.page import Page
from therapyflows.core.intake.quality import QualityRow
from therapyflows.core.intake.welcome import WelcomeTemplate, default_template
from therapyflows.core.ports import LanguageModel
from therapyflows.core.run_ports import RunPorts
from therapyflows.governance.access.cosign import CosignRules, default_rules
from therapyflows.governance.retention.policy import Periods


@dataclass(frozen=True, slots=True)
class FormReading:
    form: IntakeForm
    pages: tuple[bytes, ...] = field(default=(), repr=False)
    """Images of the pages, JPEG, straightened: the boxes of the form belong to them.  None for a web form."""
    words: tuple[Page, ...] = field(default=(), repr=False)
    """The words of the pages, for a language model that is asked for what the rules did not find."""


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    """What the practice decided about intakes."""

    practice_name: str = "our practice"
    welcome: WelcomeTemplate = field(default_factory=default_template)
    retention: Periods = field(default_factory=Periods)
    review_within: timedelta = timedelta(days=7)
    model_patience_s: float = 120.0
    review_base_url: str = "http://127.0.0.1:4280"
    cosign: CosignRules = field(default_factory=default_rules)

    @property
    def greeting(self) -> Greeting:
        return Greeting(self.welcome, self.practice_name)

    def review_url(self, draft_id: str) -> str:
        """Where the reviewer finds the form; an id, nothing else."""
        return f"{self.review_base_url}/intakes/{draft_id}"


ReadForm = Callable[[bytes, str, str], FormReading]
"""(content, file name, content type).  Raises UnusableSource for what cannot be read; synchronous, slow."""


QualityRowOf = Callable[[IntakeForm, date, Sequence[str]], QualityRow]
"""What is kept of the form and the keys of its failed checks for the practice's statistics; synchronous."""


@dataclass(frozen=True, slots=True)
class AskedModel:
    """The practice's language model for one intake, behind the PHI boundary."""

    model: LanguageModel
    leaves_machine: bool = False


ModelFor = Callable[[DraftRecord, IntakeForm], Awaitable[AskedModel | None]]
"""None where no model is configured.  Raises Refused (``model_misconfigured``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePorts(RunPorts):
    read_form: ReadForm
    check: CheckForm
    quality_row: QualityRowOf
    model_for: ModelFor | None = None
    """None: no language model is asked about forms."""
    policy: IntakePolicy
