"""Disclosures as the command line makes and lists them."""

import asyncio
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from therapyflows.app.auditing import require_store
from therapyflows.app.settings import load_settings
from therapyflows.app.wiring import ehr_of, now, open_store_of_settings
from therapyflows.core.disclosure.accounting import accounting_of
from therapyflows.core.disclosure.model import RECORD, AccountedDisclosure, Accounting, DisclosureRequest
from therapyflows.core.disclosure.steps import (
    Disclosure,
    DisclosurePorts,
    disclose_client_record,
    handing_over_failed,
)
from therapyflows.core.errors import Invalid
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.disclosure.policy import purposes, years_before

COMMAND_LINE = Actor("service", "command-line")
"""Who acts: nobody signs in here, so the person named is who asked, not who was identified."""


def export_client(request: DisclosureRequest, file: Path) -> dict[str, Any]:
    """Disclose the client's record into a new file that its owner alone may read.

    The file is opened first and the disclosure noted before a byte is written.  Raises what
    ``disclose_client_record`` raises, Invalid (``file_exists``) and OSError.
    """
    require_store()
    with suppress(FileNotFoundError):
        if file.lstat():
            raise Invalid("file_exists", f"{file} exists already; name a new file.")
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    done = False
    try:
        made = asyncio.run(_export_into(descriptor, request))
        done = True
    finally:
        os.close(descriptor)
        if not done:
            file.unlink(missing_ok=True)
    return {"disclosure": made.record.id, "file": str(file), "part2_notice": made.record.part2}


async def _export_into(descriptor: int, request: DisclosureRequest) -> Disclosure:
    settings, store = load_settings(), open_store_of_settings()
    async with ehr_of(settings, store, COMMAND_LINE) as ehr:
        ports = DisclosurePorts(
            ehr=ehr,
            drafts=store.drafts,
            decisions=store.decisions,
            contents=store.contents,
            audit=store.audit,
            actor=COMMAND_LINE,
            clock=now,
        )
        made = await disclose_client_record(ports, request)
        try:
            await asyncio.to_thread(partial(_write, descriptor, made.document))
        except OSError:
            handing_over_failed(ports, made.record)
            raise
    return made


def _write(descriptor: int, document: bytes) -> None:
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())


def disclosures_of(client_id: str, since: datetime | None) -> dict[str, Any]:
    """The client's accounting, at most six years back, as plain values."""
    require_store()
    store, until = open_store_of_settings(), datetime.now(UTC)
    begin = max(since.astimezone(UTC), years_before(until)) if since else years_before(until)
    found = accounting_of(store.audit, store.contents, client_id, since=begin, until=until, viewer=COMMAND_LINE)
    return as_document(found)


def as_document(found: Accounting) -> dict[str, Any]:
    return {
        "client": found.client_id,
        "since": found.since.isoformat(timespec="seconds"),
        "until": found.until.isoformat(timespec="seconds"),
        "disclosures": [_line(each) for each in found.disclosures],
        "unreadable": list(found.unreadable),
        "business_associates": [asdict(each) for each in found.associates],
    }


def _line(each: AccountedDisclosure) -> dict[str, Any]:
    purpose = purposes().get(each.record.purpose)
    words = {"purpose_in_words": purpose.what, "basis": purpose.basis} if purpose else {}
    state = {"seq": each.seq, "accountable": each.accountable, "delivered": each.delivered}
    record: dict[str, Any] = RECORD.dump_python(each.record, mode="json")
    return state | record | words
