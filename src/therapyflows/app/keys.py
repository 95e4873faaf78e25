"""Secrets of a practice: made once by ``therapyflows init``, read by every process through the settings."""

import base64
import secrets
from pathlib import Path

from pydantic import SecretStr

from therapyflows.app.settings import Settings
from therapyflows.core.errors import Invalid


def decode_key(value: SecretStr, *, name: str, length: int = 32) -> bytes:
    """Base64 to bytes; raises Invalid that names the setting when it is not ``length`` bytes."""
    try:
        key = base64.b64decode(value.get_secret_value(), validate=True)
    except ValueError:
        key = b""
    if len(key) != length:
        raise Invalid("bad_key", f"{name} must be {length} bytes in base64; make one with: therapyflows init")
    return key


def check_keys(settings: Settings) -> None:
    """Raise Invalid for a key that is missing or cannot be one, before anything is started with it."""
    if not any(secret.get_secret_value() for secret in settings.ehr.webhook_secrets):
        raise Invalid(
            "webhook_secret_missing",
            "THERAPYFLOWS_EHR__WEBHOOK_SECRETS is empty, so forged events could not be told from the EHR's; "
            "make one with: therapyflows init",
        )
    decode_key(settings.store.practice_key, name="THERAPYFLOWS_STORE__PRACTICE_KEY")
    decode_key(settings.store.audit_signing_key, name="THERAPYFLOWS_STORE__AUDIT_SIGNING_KEY")


def new_secrets() -> dict[str, str]:
    """Fresh values for every secret setting."""
    return {
        "THERAPYFLOWS_STORE__PRACTICE_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "THERAPYFLOWS_STORE__AUDIT_SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "THERAPYFLOWS_REVIEW__SESSION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "THERAPYFLOWS_EHR__WEBHOOK_SECRETS": f'["whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"]',
    }


def write_env_file(path: Path, values: dict[str, str]) -> None:
    """Write settings readable by the owner alone; never overwrites an existing file (its keys unlock the store)."""
    if path.exists():
        raise Invalid("env_file_exists", f"{path} exists already; its keys unlock the store, so it is left alone.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
