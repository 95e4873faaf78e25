"""The intake as it is wired: how a form is read and checked, and what its steps are given."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from therapyflows.app.drafting import Conversation, guarded_for, language_model, llm_settings
from therapyflows.app.model_calls import About
from therapyflows.app.settings import Settings, load_settings
from therapyflows.app.wiring import Store, ehr_of, now, open_store_of_settings
from therapyflows.core.drafts.consent import require_before_call
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Refused
from therapyflows.core.identifiers import chart_identifiers
from therapyflows.core.intake.draft import QualityFinding
from therapyflows.core.intake.examining import Beside, Greeting, examine
from therapyflows.core.intake.identifiers import form_identifiers
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.intake.quality import QualityReport, QualityRow, forget_older, keep_report, rows_of
from therapyflows.core.intake.review import Recheck
from therapyflows.core.intake.steps import AskedModel, FormReading, IntakePolicy, IntakePorts
from therapyflows.core.intake.steps.practice import ModelFor
from therapyflows.core.intake.welcome import default_template, parse_template
from therapyflows.core.ports import Ehr
from therapyflows.data_checks.model import Severity
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.phi import ChartIdentifiers
from therapyflows.integrations.llm import LlmSettings


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
            quality_row=quality_row,
            model_for=model_for_intakes(settings, store, ehr, actor, flow_run_id)
            if settings.intake.ask_model
            else None,
            policy=replace(intake_policy(settings), model_patience_s=settings.intake.model_patience_s),
            actor=actor,
            clock=now,
            flow_run_id=flow_run_id,
        )


def model_for_intakes(settings: Settings, store: Store, ehr: Ehr, actor: Actor, flow_run_id: str | None) -> ModelFor:
    """The practice's language model for one intake: consent asked, identifiers of chart and form replaced, recorded."""

    async def model_for(record: DraftRecord, form: IntakeForm) -> AskedModel | None:
        llm = await _llm_of(settings)
        model = language_model(llm)
        if model is None:
            return None
        client, clinician = await ehr.get_client(record.client_id), await ehr.get_user(record.clinician_id)
        known = (*chart_identifiers(client, clinician).identifiers, *form_identifiers(form))
        conversation = Conversation(
            client,
            ChartIdentifiers(tuple(dict.fromkeys(known))),
            form.completed_on.value or now().date(),
            About(record.client_id, record.id),
        )
        before_call = partial(
            require_before_call, ehr, store.drafts, leaves_machine=llm.leaves_machine, by_model=True, clock=now
        )
        guarded = guarded_for(model, settings, store, actor, flow_run_id, conversation, before_call)
        return AskedModel(guarded, llm.leaves_machine)

    return model_for


async def _llm_of(settings: Settings) -> LlmSettings:
    """Read when a form is to be asked about, so that a block that is missing costs these answers and no more."""
    try:
        return await llm_settings(settings)
    except ValueError:  # Prefect's, for a block that is not there or does not fit
        raise Refused("model_misconfigured", "the language model's block is missing or cannot be used") from None


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
    return FormReading(read.form, tuple(image.content for image in read.images), tuple(read.pages))


def check_form(form: IntakeForm, today: date) -> tuple[str, tuple[QualityFinding, ...]]:
    """What the form fails of the practice's suite, without values."""
    from therapyflows.data_checks.intake import check_intake

    report = check_intake(form, today)
    return report.version, tuple(
        QualityFinding(r.check.key, r.check.severity is Severity.CRITICAL, r.check.message, r.check.fields)
        for r in report.failed
    )


def quality_row(form: IntakeForm, today: date, failed: Sequence[str]) -> QualityRow:
    """What is kept of a form for the practice's statistics."""
    from therapyflows.data_checks import rows

    return rows.quality_row(form, today, failed)


def report_quality(flow_run_id: str | None) -> QualityReport:
    """Look at the latest forms beside those before them, keep the report, write Data Docs.  Synchronous, slow."""
    from therapyflows.data_checks.practice import report_on, write_practice_docs

    settings, store = load_settings(), open_store_of_settings()
    rows = rows_of(store.contents)
    report = report_on(rows, now())
    keep_report(store.contents, report)
    forget_older(store.contents)
    if rows:
        write_practice_docs(rows, settings.data_dir / "data-docs" / "intake")
    details = {"forms": report.forms, "past": report.past, "drift": len(report.drift)}
    actor = Actor(kind="service", id="intake-quality")
    store.audit.append(
        AuditEntry(Action.QUALITY_REPORTED, actor, "intake-quality", flow_run_id=flow_run_id, details=details)
    )
    return report


def rechecking(
    beside: Callable[[DraftRecord], Awaitable[Beside]], greeting: Callable[[], Greeting]
) -> Callable[[DraftRecord], Awaitable[Recheck]]:
    """How a form is examined again after a reviewer's correction; ``beside`` reads what it is compared with."""

    async def prepare(record: DraftRecord) -> Recheck:
        found, greets = await beside(record), greeting()
        return lambda form: examine(form, found, check=check_form, greeting=greets, today=now().date())

    return prepare
