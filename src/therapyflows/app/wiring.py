"""The composition root: the one place that knows which adapter stands behind which port.

Heavy parts (speech model, spaCy, language model) load at first use and stay warm for the life of the process.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import cast
from urllib.parse import urlsplit

from therapyflows.app.drafting import drafter_of, judge_of, llm_settings
from therapyflows.app.keys import decode_key
from therapyflows.app.note_formats import use_formats_in
from therapyflows.app.settings import Settings, load_settings
from therapyflows.blocks.connections import SpeechModel
from therapyflows.core.chart import Role
from therapyflows.core.consent_change.steps import ConsentChangePorts
from therapyflows.core.drafts.consent import require_before_call
from therapyflows.core.drafts.waiting import WaitingPolicy, WatchPorts
from therapyflows.core.emergency.steps import EmergencyPorts
from therapyflows.core.errors import Invalid
from therapyflows.core.ports import Ehr, Recognizer, SignIn
from therapyflows.core.retention.steps import delete_due
from therapyflows.core.session_note.alerts import operations_alert
from therapyflows.core.session_note.steps import NotePolicy, SessionNotePorts
from therapyflows.governance.access.cosign import CosignRules, default_rules, read_rules
from therapyflows.governance.audit.model import Actor
from therapyflows.integrations.documents.transcripts import parse_transcript
from therapyflows.integrations.ehr.therapynotes import TherapyNotes, TherapyNotesSettings
from therapyflows.integrations.llm import LlmSettings
from therapyflows.integrations.prefect_runs import PrefectRuns
from therapyflows.integrations.speech.config import SpeechConfig
from therapyflows.integrations.store import Store as Store
from therapyflows.integrations.store import migrate, open_store

WEBHOOK_EVENTS = (
    "appointment.completed",
    "appointment.cancelled",
    "document.created",
    "note.signed",
    "client.updated",
    "intake.submitted",
)
"""What the gateway is told of; the routing table decides what starts a run."""


def now() -> datetime:
    return datetime.now(UTC)


def store_of(settings: Settings) -> Store:
    """Open the practice's store."""
    keys = settings.store
    return open_store(
        settings.store_url,
        practice_key=decode_key(keys.practice_key, name="THERAPYFLOWS_STORE__PRACTICE_KEY"),
        signing_key=decode_key(keys.audit_signing_key, name="THERAPYFLOWS_STORE__AUDIT_SIGNING_KEY"),
        recordings_dir=settings.recordings_dir,
        checkpoint_dir=settings.checkpoint_dir,
        checkpoint_every=keys.checkpoint_every,
        checkpoint_copies=keys.checkpoint_copies,
        checkpoint_command=keys.checkpoint_command,
    )


def migrate_store(settings: Settings) -> None:
    """Bring the store's schema up to date; safe when several processes do it at once."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.store_url)


@lru_cache(maxsize=1)
def open_store_of_settings() -> Store:
    """The store of this process."""
    return store_of(load_settings())


def ehr_of(settings: Settings, store: Store, actor: Actor, flow_run_id: str | None = None) -> TherapyNotes:
    """The chart; use it as an async context manager."""
    return TherapyNotes(
        TherapyNotesSettings(
            base_url=settings.ehr.base_url,
            client_id=settings.ehr.client_id,
            client_secret=settings.ehr.client_secret,
            timeout_s=settings.ehr.timeout_s,
            verify_tls=settings.ehr.verify_tls,
        ),
        audit=store.audit,
        actor=actor,
        flow_run_id=flow_run_id,
    )


@lru_cache(maxsize=1)
def recognizer() -> Recognizer:
    """The speech model of this process."""
    from therapyflows.integrations.speech import WhisperRecognizer

    settings = load_settings()
    return WhisperRecognizer(speech_config(settings), cache_dir=settings.data_dir / "models")


def speech_config(settings: Settings) -> SpeechConfig:
    """From the block that the settings name, else from the environment.  Called in a thread without an event loop."""
    if settings.speech_block is None:
        return settings.speech
    # Prefect's stub leaves the type of what it loads open.
    return cast(SpeechModel, SpeechModel.load(settings.speech_block)).settings()


def runs_of() -> PrefectRuns:
    """The orchestrator; keeps its connections when used as an async context manager."""
    return PrefectRuns()


def sign_in_of(settings: Settings) -> SignIn:
    """How people sign in: at the EHR, by OpenID Connect."""
    from therapyflows.integrations.oidc import OidcSettings, OidcSignIn

    issuer = settings.ehr.issuer or "{0.scheme}://{0.netloc}".format(urlsplit(settings.ehr.base_url))
    return OidcSignIn(
        OidcSettings(
            issuer=issuer,
            client_id=settings.review.oidc_client_id,
            client_secret=settings.review.oidc_client_secret,
            verify_tls=settings.ehr.verify_tls,
        )
    )


def cosign_rules(settings: Settings) -> CosignRules:
    """Whose approvals need a co-signature.  Raises Invalid for a list that cannot be used."""
    file = settings.review.cosign_file
    if file is None:
        return default_rules()
    try:
        return read_rules(file.read_text("utf-8"))
    except ValueError:
        raise Invalid("cosign_file_unusable", "The list of who needs a co-signature cannot be used.") from None


def note_policy(settings: Settings, llm: LlmSettings) -> NotePolicy:
    """The practice's decisions about notes.  ``llm`` as the drafter uses it: a block may replace the setting."""
    use_formats_in(settings.formats_dir)
    return NotePolicy(
        note_format=settings.note_format,
        retention=settings.retention,
        review_within=timedelta(days=settings.waiting.expire_after_days),
        review_base_url=settings.review.base_url,
        cosign=cosign_rules(settings),
        model_leaves_machine=llm.leaves_machine,
        judge_patience_s=settings.judge.patience_s,
    )


@asynccontextmanager
async def session_note_ports(flow_run_id: str | None) -> AsyncIterator[SessionNotePorts]:
    """Everything the steps of a session note need, for one run."""
    settings = load_settings()
    store = open_store_of_settings()
    actor = Actor(kind="service", id="worker")
    policy = note_policy(settings, await llm_settings(settings))
    async with ehr_of(settings, store, actor, flow_run_id) as ehr:
        before_call = partial(
            require_before_call, ehr, store.drafts, leaves_machine=policy.model_leaves_machine, clock=now
        )
        yield SessionNotePorts(
            ehr=ehr,
            drafts=store.drafts,
            decisions=store.decisions,
            contents=store.contents,
            recordings=store.recordings,
            own_writes=store.own_writes,
            audit=store.audit,
            recognizer=recognizer,
            read_transcript=parse_transcript,
            drafter=drafter_of(settings, store, actor, flow_run_id, before_call=before_call),
            judge_of=judge_of(settings, store, actor, flow_run_id, before_call=before_call),
            policy=policy,
            actor=actor,
            clock=now,
            flow_run_id=flow_run_id,
        )


@asynccontextmanager
async def watch_ports(flow_run_id: str | None) -> AsyncIterator[WatchPorts]:
    """What the watch over waiting drafts needs."""
    settings, store = load_settings(), open_store_of_settings()
    async with ehr_of(settings, store, Actor("service", "review-watch"), flow_run_id) as ehr, runs_of() as runs:
        yield WatchPorts(
            ehr=ehr,
            drafts=store.drafts,
            decisions=store.decisions,
            runs=runs,
            audit=store.audit,
            policy=WaitingPolicy(
                remind_after=timedelta(hours=settings.waiting.remind_after_hours),
                escalate_after=timedelta(hours=settings.waiting.escalate_after_hours),
            ),
            review_within=timedelta(days=settings.waiting.expire_after_days),
            clock=now,
            flow_run_id=flow_run_id,
            cosign=cosign_rules(settings),
        )


def emergency_ports(settings: Settings, store: Store) -> EmergencyPorts:
    """What emergency access needs of the store, with the practice's times."""
    return EmergencyPorts(
        accesses=store.emergencies,
        contents=store.contents,
        audit=store.audit,
        clock=now,
        lasts=timedelta(hours=settings.review.emergency_hours),
        review_within=timedelta(days=settings.review.emergency_review_days),
    )


@asynccontextmanager
async def emergency_watch(flow_run_id: str | None) -> AsyncIterator[tuple[EmergencyPorts, Ehr]]:
    """What the watch over uses of emergency access needs."""
    settings, store = load_settings(), open_store_of_settings()
    async with ehr_of(settings, store, Actor("service", "emergency-access"), flow_run_id) as ehr:
        yield emergency_ports(settings, store), ehr


@asynccontextmanager
async def consent_change_ports(flow_run_id: str | None) -> AsyncIterator[ConsentChangePorts]:
    """What a change of consent reaches."""
    settings, store = load_settings(), open_store_of_settings()
    async with ehr_of(settings, store, Actor("service", "consent-change"), flow_run_id) as ehr, runs_of() as runs:
        yield ConsentChangePorts(
            ehr=ehr,
            drafts=store.drafts,
            decisions=store.decisions,
            contents=store.contents,
            recordings=store.recordings,
            runs=runs,
            audit=store.audit,
            clock=now,
            flow_run_id=flow_run_id,
        )


async def delete_due_content(flow_run_id: str | None) -> Mapping[str, int]:
    """Delete what retention no longer allows; counts by kind."""
    store = open_store_of_settings()
    return await asyncio.to_thread(
        partial(delete_due, store, now(), actor=Actor("service", "retention"), flow_run_id=flow_run_id)
    )


async def subscribe_webhooks(settings: Settings) -> bool:
    """Ask the EHR to report to our gateway, unless it does already; True when a subscription was made."""
    url = f"{settings.gateway_url}/webhooks/ehr"
    store = open_store_of_settings()
    async with ehr_of(settings, store, Actor("service", "setup")) as ehr:
        if any(subscription.url == url for subscription in await ehr.list_subscriptions()):
            return False
        await ehr.subscribe(url, WEBHOOK_EVENTS, settings.ehr.webhook_secrets[0].get_secret_value())
    return True


async def tell_administrators(resource: str, reason: str, flow_run_id: str | None = None) -> None:
    """An urgent task for every practice administrator, once per resource and reason."""
    settings, store = load_settings(), open_store_of_settings()
    async with ehr_of(settings, store, Actor("service", "alert"), flow_run_id) as ehr:
        async for user in ehr.list_users():
            if Role.PRACTICE_ADMINISTRATOR in user.roles and user.active:
                await ehr.create_task(operations_alert(user.id, resource, reason))
