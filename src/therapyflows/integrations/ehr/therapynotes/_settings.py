"""What an operator decides about the connection to the EHR."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from therapyflows.integrations.endpoints import safe_base_url

DEFAULT_SCOPES = (
    "clients.read",
    "clients.write",
    "appointments.read",
    "documents.read",
    "documents.write",
    "notes.read",
    "notes.write.draft",
    "plans.read",
    "assessments.read",
    "assessments.write",
    "messages.write",
    "messages.read",
    "tasks.write",
    "users.read",
    "webhooks.manage",
)


class TherapyNotesSettings(BaseModel):
    """Frozen; secrets never show in ``repr``.  All times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str
    """Origin of the EHR, without ``/v1``.  No default; https, or http on this machine."""
    client_id: str
    client_secret: SecretStr | None = None
    """For ``client_secret_basic``."""
    private_key: SecretStr | None = None
    """For ``private_key_jwt``: RSA or EC P-384 key, PEM or JWK."""
    private_key_id: str | None = None
    """``kid`` of the key, when the EHR knows several."""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    """Asked for at the token endpoint; empty asks for all that the client was granted."""

    verify_tls: bool = True
    ca_file: Path | None = None
    """Certificates of a private authority, PEM."""

    timeout_s: float = Field(default=20.0, gt=0)
    """One call, from sending to the last byte; for downloads the longest silence."""
    connect_timeout_s: float = Field(default=5.0, gt=0)
    budget_s: float = Field(default=60.0, gt=0)
    """One verb with all its repetitions."""
    settle_s: float = Field(default=15.0, ge=0)
    """How long a write of unknown outcome is looked up."""
    max_attempts: int = Field(default=6, ge=1)
    backoff_first_s: float = Field(default=0.5, gt=0)
    backoff_cap_s: float = Field(default=15.0, gt=0)

    max_concurrency: int = Field(default=8, ge=1)
    page_size: int = Field(default=100, ge=1, le=100)
    max_pages: int = Field(default=10_000, ge=1)
    max_json_bytes: int = Field(default=16 * 1024 * 1024, gt=0)

    @field_validator("base_url")
    @classmethod
    def _address_is_safe(cls, url: str) -> str:
        return safe_base_url(url)

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if (self.client_secret is None) == (self.private_key is None):
            raise ValueError("give either client_secret or private_key")
        return self

    @property
    def token_url(self) -> str:
        return f"{self.base_url}/oauth/token"
