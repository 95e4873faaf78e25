"""Every setting of the product, from the environment (``THERAPYFLOWS_*``) or a ``therapyflows.env`` file.

Nested settings use a double underscore: ``THERAPYFLOWS_EHR__BASE_URL``.  Secrets never have defaults.
"""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from therapyflows.governance.retention.policy import Periods
from therapyflows.integrations.llm import LlmSettings
from therapyflows.integrations.speech.config import SpeechConfig


class EhrSettings(BaseModel):
    """Where the chart is.  No default base URL: the practice must name its endpoint."""

    base_url: str
    client_id: str
    client_secret: SecretStr
    issuer: str | None = None
    """OpenID Connect issuer; the base URL's origin when empty."""
    webhook_secrets: tuple[SecretStr, ...] = ()
    """Current secret first; the one being rotated out may follow."""
    timeout_s: float = 20.0
    verify_tls: bool = True
    note_url: str = Field(default="", pattern=r"^(https?://[^{}]*(\{(note_id|client_id|appointment_id)\}[^{}]*)+)?$")
    """Where a person opens a note in the EHR, e.g. ``https://ehr.example/notes/{note_id}``; empty: no link."""


class StoreSettings(BaseModel):
    url: str = ""
    """SQLAlchemy URL; a SQLite file below ``data_dir`` when empty."""
    practice_key: SecretStr
    """32 bytes, base64: wraps every client's data key."""
    audit_signing_key: SecretStr
    """Ed25519 private key, 32 bytes, base64: signs checkpoints."""
    checkpoint_dir: Path | None = None
    """Where signed checkpoints go; belongs on another machine or volume.  ``data_dir/checkpoints`` when empty."""
    checkpoint_copies: tuple[Path, ...] = ()
    """More folders for them, each on a volume or machine of its own."""
    checkpoint_command: tuple[str, ...] = ()
    """A program and its arguments that takes each as a line on its standard input, e.g. to another machine's log."""
    checkpoint_every: int = 500


class ReviewSettings(BaseModel):
    base_url: str = "http://127.0.0.1:4280"
    practice_contact: str = ""
    """How a client reaches the practice, e.g. to withdraw a consent: one line for the page that is handed to them."""
    client_words: Path | None = None
    """YAML file with the words of that page in another language; English when empty."""
    oidc_client_id: str = "therapyflows-review"
    oidc_client_secret: SecretStr | None = None
    session_key: SecretStr
    idle_timeout_minutes: int = 15
    session_hours: int = 8
    confirm_minutes: int = Field(default=10, ge=1)
    """How long a password that was entered again is enough for what asks for it."""
    lockout_after: int = Field(default=5, ge=1)
    """Failures before what comes from there is refused for a while."""
    lockout_minutes: int = Field(default=15, ge=1)
    """The longest such while; it begins with seconds and doubles."""
    cosign_file: Path | None = None
    """YAML file: whose approvals need a co-signature; the built-in list when empty."""
    emergency_hours: float = Field(default=2, gt=0, le=24)
    """How long emergency access to a client lasts."""
    emergency_review_days: float = Field(default=3, gt=0)
    """After which administrators are reminded of one that nobody judged, again and again."""
    undo_seconds: float = Field(default=10, ge=0, le=600)
    """How long a decision can be undone before its run is woken; 0: not at all."""
    training: bool = False
    """Training mode for everybody."""
    training_for: tuple[str, ...] = ()
    """User ids of the clinicians in training mode, when it is not for everybody."""
    confirm_approval: bool = False
    """Ask for the password again before an approval."""
    rejection_reasons: Path | None = None
    """YAML file with the practice's own reasons for rejecting a draft, by workflow."""
    roles_cache_s: float = Field(default=30, ge=0, le=300)
    """How long roles and caseload are believed without asking the EHR again: a right that was taken away ends then."""


class WaitingSettings(BaseModel):
    remind_after_hours: float = 24
    escalate_after_hours: float = 72
    expire_after_days: float = 14


class IntakeSettings(BaseModel):
    practice_name: str = "our practice"
    """As the welcome message names it."""
    welcome_template: Path | None = None
    """YAML file with ``subject`` and ``body``; the built-in one when empty."""
    ask_model: bool = False
    """Ask the language model of ``llm`` for free text that the rules did not find, of clients who consented to AI."""
    model_patience_s: float = Field(default=120, gt=0)
    """After which an intake goes on without the model."""


class RecoverySettings(BaseModel):
    """How soon what a crash left behind is taken up again."""

    run_patience_s: float = Field(default=90, gt=0)
    """Silence after which a working run counts as dead; one that has not begun gets twice as long."""
    event_lease_s: float = Field(default=90, gt=10)
    """How long an event belongs to the dispatcher that took it."""


class JudgeSettings(BaseModel):
    """A second opinion on each statement, by the language model of ``llm``."""

    enabled: bool = False
    patience_s: float = Field(default=180, gt=0)
    """After which a draft goes to its reviewer without."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="THERAPYFLOWS_", env_nested_delimiter="__", env_file=None, extra="ignore", frozen=True
    )

    data_dir: Path = Path.home() / ".therapyflows"
    ehr: EhrSettings
    store: StoreSettings
    review: ReviewSettings
    speech: SpeechConfig = SpeechConfig()
    llm: LlmSettings = LlmSettings()
    speech_block: str | None = None
    """Name of a ``Speech model`` block that replaces ``speech``."""
    phi_gguf: Path | None = None
    """A GGUF file: a model on this machine that looks for identifiers beside the rules, before text is redacted."""
    llm_block: str | None = None
    """Name of a ``Language model connection`` block that replaces ``llm``."""
    retention: Periods = Periods()
    waiting: WaitingSettings = WaitingSettings()
    recovery: RecoverySettings = RecoverySettings()
    intake: IntakeSettings = IntakeSettings()
    judge: JudgeSettings = JudgeSettings()
    note_format: str = "soap"
    formats_dir: Path | None = None
    """The practice's own note formats, a YAML file each."""
    gateway_url: str = "http://127.0.0.1:4270"
    prefect_ui_url: str = "http://127.0.0.1:4200"
    sync_minutes: float = Field(default=5, gt=0)

    @model_validator(mode="after")
    def _a_draft_outlives_its_review(self) -> "Settings":
        if self.retention.transcript_days < self.waiting.expire_after_days:
            raise ValueError("retention of transcripts must not end before a waiting draft expires")
        return self

    @property
    def store_url(self) -> str:
        return self.store.url or f"sqlite:///{self.data_dir / 'store.sqlite'}"

    @property
    def checkpoint_dir(self) -> Path:
        return self.store.checkpoint_dir or self.data_dir / "checkpoints"

    @property
    def recordings_dir(self) -> Path:
        return self.data_dir / "recordings"


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Settings of this process; ``THERAPYFLOWS_ENV_FILE`` names a file to read beside the environment."""
    return Settings(_env_file=os.environ.get("THERAPYFLOWS_ENV_FILE"))


class FileSettings(BaseSettings):
    """The settings that drafting a file on this machine needs: no EHR, no store, no secrets."""

    model_config = Settings.model_config

    data_dir: Path = Path.home() / ".therapyflows"
    speech: SpeechConfig = SpeechConfig()
    llm: LlmSettings = LlmSettings()
    phi_gguf: Path | None = None
    judge: JudgeSettings = JudgeSettings()
