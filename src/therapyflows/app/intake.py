"""The intake as it is wired: how a form is read and checked, and what its steps are given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

from therapyflows.app.settings import Settings, load_settings
from therapyflows.app.wiring import ehr_of, now, open_store_of_settings
from therapyflows.core.chart import Client
from therapyflows.core.intake.draft import QualityFinding, RiskFlag
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.intake.risk import risk_flags
from therapyflows.core.intake.steps import FormReading, IntakePolicy, IntakePorts
from therapyflows.core.intake.steps.checking import whose_form
from therapyflows.core.intake.welcome import default_template, parse_template
from therapyflows.data_checks.model import Severity
from therapyflows.governance.audit.model import Actor


@asynccontextmanager
async def intake_ports(flow_run_id: str | None) -> AsyncIterator[IntakePorts]:
    """Everything the steps of an intake need, for one run."""
    settings, store = load_settings(), open_store_of_settings()
    actor = Actor(kind="service", id="worker")
    async with ehr_of(settings, store, actor, flow_run_id) as ehr:
        yield IntakePorts(
            ehr=ehr,
            drafts=store.drafts,
            decisions=store.decisions,
            contents=store.contents,
            recordings=store.recordings,
            own_writes=store.own_writes,
            audit=store.audit,
            read_form=read_form,
            check=check_form,
            policy=intake_policy(settings),
            actor=actor,
            clock=now,
            flow_run_id=flow_run_id,
        )


def intake_policy(settings: Settings) -> IntakePolicy:
    """The practice's decisions about intakes.  Raises Invalid for a welcome template that cannot be used."""
    template = settings.intake.welcome_template
    return IntakePolicy(
        practice_name=settings.intake.practice_name,
        welcome=parse_template(template.read_text("utf-8")) if template else default_template(),
        retention=settings.retention,
        review_within=timedelta(days=settings.waiting.expire_after_days),
        review_base_url=settings.review.base_url,
    )


def read_form(content: bytes, file_name: str, content_type: str) -> FormReading:
    """A form in any of its shapes, with the images of its pages.  Raises UnusableSource.

    Name and type are what the uploader said; what the file is, its bytes tell.
    """
    from therapyflows.integrations.documents.intake.worker import read_apart

    read = read_apart([content], today=now().date())
    return FormReading(read.form, tuple(image.content for image in read.images))


def check_form(form: IntakeForm, today: date) -> tuple[str, tuple[QualityFinding, ...]]:
    """What the form fails of the practice's suite, without values."""
    from therapyflows.data_checks.intake import check_intake

    report = check_intake(form, today)
    return report.version, tuple(
        QualityFinding(r.check.key, r.check.severity is Severity.CRITICAL, r.check.message, r.check.fields)
        for r in report.failed
    )


def recheck(form: IntakeForm, client: Client) -> tuple[tuple[QualityFinding, ...], tuple[RiskFlag, ...]]:
    """Findings and risk flags of a form that a reviewer has corrected; ``client``: in whose chart it stands."""
    today = now().date()
    return (*whose_form(form, client), *check_form(form, today)[1]), risk_flags(form, today)
