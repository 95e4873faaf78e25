"""Settings of the simulator.  Every secret here is for demonstrations: the simulator holds synthetic people only."""

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

DEMO_SERVICE_SECRET = "demo-only-service-secret"  # noqa: S105 - public on purpose
DEMO_CONTROL_TOKEN = "demo-only-control-token"  # noqa: S105 - public on purpose
LOOPBACK_REDIRECTS = "http://127.0.0.1"


class SimulatorSettings(BaseModel):
    """How one simulated practice runs."""

    model_config = ConfigDict(frozen=True)

    data_dir: Path
    today: date | None = None
    """The day the seeded fortnight is centred on; the real day when empty."""
    public_url: str | None = None
    """Origin in tokens and discovery; taken from the request when empty."""

    service_client_id: str = "therapyflows"
    service_client_secret: str = DEMO_SERVICE_SECRET
    service_scopes: tuple[str, ...] = ()
    """Scopes the service may ask for; every chart scope when empty."""
    service_role: str | None = None
    """Limit the service to what this role may do; no limit when empty."""
    service_jwks: dict[str, Any] | None = None
    """Public keys for ``private_key_jwt``."""
    review_client_id: str = "therapyflows-review"
    review_client_secret: str | None = None
    """None: a public client that relies on PKCE."""
    review_redirect_uris: tuple[str, ...] = (LOOPBACK_REDIRECTS,)
    """Exact URIs; the bare ``http://127.0.0.1`` allows any port and path on this machine."""
    control_token: str = DEMO_CONTROL_TOKEN

    token_lifetime_s: int = Field(default=3600, ge=1, le=3600)
    retry_scale: float = Field(default=1.0, ge=0)
    """Factor on the webhook retry schedule: with 0.001, five seconds become five milliseconds."""
    webhook_timeout_s: float = Field(default=15.0, gt=0)
    webhook_concurrency: int = Field(default=16, ge=1)
    hang_s: float = Field(default=60.0, gt=0)
    """How long a time-out fault keeps a connection open without an answer."""
    check_responses: bool = False
    """Refuse to send an answer that breaks the contract (tests)."""

    @property
    def database(self) -> Path:
        return self.data_dir / "practice.sqlite"

    @property
    def content_dir(self) -> Path:
        return self.data_dir / "content"
