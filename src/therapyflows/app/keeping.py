"""What an operator does to keys and to everything of a client."""

import asyncio
import base64
import os
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import SecretStr

from therapyflows.app.keys import decode_key
from therapyflows.app.settings import Settings, load_settings
from therapyflows.app.wiring import runs_of, store_of
from therapyflows.core.consent_change.shred_client import Reason, shred_client
from therapyflows.core.errors import Invalid, NotFound, TherapyFlowsError
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.store import Store

PRACTICE_KEY = "THERAPYFLOWS_STORE__PRACTICE_KEY"


def rotate_practice_key(file: Path, by: str) -> dict[str, Any]:
    """Wrap every client's data key with the practice key of ``file``, which is made when it does not exist.

    The key is on the disk before anything is locked with it: killed anywhere, the same command finishes the work.
    """
    settings = load_settings()
    new_key = _key_of(file)
    store, rotated_before = _open(settings, new_key)
    rewrapped = 0 if rotated_before else store.keys.rotate(new_key)
    resource = f"practice_key/{store.keys.practice_key_id}"
    if not store.audit.search(resource=resource):
        details = {"data_keys": rewrapped}
        store.audit.append(AuditEntry(Action.PRACTICE_KEY_ROTATED, Actor("person", by), resource, details=details))
    store.close()
    return {"file": str(file), "data_keys": rewrapped, "rotated_before": rotated_before}


def _key_of(file: Path) -> bytes:
    if not file.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"{PRACTICE_KEY}={key}\n")
            stream.flush()
            os.fsync(stream.fileno())
    _, _, value = file.read_text().strip().partition(f"{PRACTICE_KEY}=")
    return decode_key(SecretStr(value), name=f"{PRACTICE_KEY} in {file}")


def _open(settings: Settings, new_key: bytes) -> tuple[Store, bool]:
    """The store, and whether it is locked with the new key already."""
    try:
        store = store_of(settings)
    except Invalid as error:
        if error.code != "practice_key_wrong":
            raise
        key = SecretStr(base64.b64encode(new_key).decode())
        moved = settings.model_copy(update={"store": settings.store.model_copy(update={"practice_key": key})})
        return store_of(moved), True
    return store, store.keys.is_locked_with(new_key)


def shred(client_id: str, reason: Reason, by: str) -> dict[str, Any]:
    """Erase and shred everything of the client; ``runs_not_ended`` are those that Prefect could not be told of."""
    settings = load_settings()
    store = store_of(settings)
    known = store.drafts.for_client(client_id) or store.contents.of_client(client_id) or store.keys.knows(client_id)
    if not known:
        raise NotFound("client_unknown", "Nothing is stored of this client; check the id.", client=client_id)
    eraser = Eraser(store.contents, store.recordings, store.audit, Actor("person", by))
    done = shred_client(store.drafts, eraser, store.keys.shred, client_id, reason)
    store.close()
    with temporary_settings({PREFECT_API_URL: f"{settings.prefect_ui_url}/api"}):
        not_ended = asyncio.run(_end_runs(done.runs))
    return {"client": client_id, "reason": reason.value, **asdict(done), "runs_not_ended": not_ended}


async def _end_runs(runs: tuple[str, ...]) -> list[str]:
    not_ended = []
    for run in runs:
        try:
            await runs_of().cancel(run)
        except NotFound:
            continue
        except TherapyFlowsError:  # away: the run ends by itself, its draft is closed
            not_ended.append(run)
    return not_ended
