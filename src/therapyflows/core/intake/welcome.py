"""The personalized welcome message, from the practice's template.  A person approves it; nothing is sent by itself."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import Formatter

import yaml

from therapyflows.core.errors import Invalid
from therapyflows.core.intake.draft import WelcomeMessage
from therapyflows.core.intake.model import IntakeForm

PLACEHOLDERS = frozenset({"name", "clinician", "practice"})


@dataclass(frozen=True, slots=True)
class WelcomeTemplate:
    subject: str
    body: str


def parse_template(text: str) -> WelcomeTemplate:
    """A template from its YAML text.  Raises Invalid (``welcome_template_invalid``) that says what is wrong."""
    try:
        data = yaml.safe_load(text)
        template = WelcomeTemplate(str(data["subject"]), str(data["body"]))
        used = {name for part in (template.subject, template.body) for _, name, _, _ in Formatter().parse(part) if name}
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        used, template = None, None
    if used is None or template is None:
        raise Invalid("welcome_template_invalid", "The welcome template needs a subject and a body.")
    if unknown := used - PLACEHOLDERS:
        allowed = ", ".join(sorted(PLACEHOLDERS))
        raise Invalid(
            "welcome_template_invalid", f"The welcome template may use {allowed} and no others.", count=len(unknown)
        )
    return template


@lru_cache(maxsize=1)
def default_template() -> WelcomeTemplate:
    return parse_template((files("therapyflows.core.intake.templates") / "welcome.yaml").read_text("utf-8"))


def welcome_message(template: WelcomeTemplate, form: IntakeForm, *, clinician: str, practice: str) -> WelcomeMessage:
    """The message to this client; without a name on the form it greets nobody by name."""
    values = {
        "name": greeted_name(form) or "client",
        "clinician": clinician,
        "practice": practice,
    }
    return WelcomeMessage(template.subject.format(**values), template.body.format(**values))


def greeted_name(form: IntakeForm) -> str | None:
    """As the client likes to be called."""
    return form.demographics.preferred_name.value or form.demographics.first_name.value
