"""From the document in the chart to the form as values, with the images of its pages."""

import asyncio
import io
from contextlib import suppress

from therapyflows.core.drafts.closed import name_in_row, require_open
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, UnusableSource
from therapyflows.core.intake import content_ids
from therapyflows.core.intake.alerts import form_unusable
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.handing_in import MAX_FORM_BYTES, is_handed_in
from therapyflows.core.intake.model import INTAKE_FORM
from therapyflows.core.intake.page import PAGES
from therapyflows.core.intake.steps.consent import require_consent
from therapyflows.core.intake.steps.practice import FormReading, IntakePorts
from therapyflows.governance.audit.model import Action


async def read_form(ports: IntakePorts, draft_id: str) -> str:
    """Read the form, store values and page images, return the content id of the values.

    A file that cannot be used fails the intake, leaves a task for the clinician, and raises UnusableSource.
    """
    record = ports.drafts.get(draft_id)
    if record.transcript_id is not None:
        return record.transcript_id
    require_open(record)
    await require_consent(ports, record)
    try:
        reading = await _read(ports, record)
    except UnusableSource as error:
        await _give_up(ports, record, error)
        raise
    return await asyncio.to_thread(_store, ports, record, reading)


async def _read(ports: IntakePorts, record: DraftRecord) -> FormReading:
    if is_handed_in(record.source_ref):
        handed_in = await asyncio.to_thread(ports.contents.get, record.source_ref)
        return await asyncio.to_thread(ports.read_form, handed_in, "", "")
    document = await ports.ehr.get_document(record.source_ref)
    if document.size_bytes > MAX_FORM_BYTES:
        raise UnusableSource(
            "form_too_large",
            "The file is larger than 50 MB.",
            remedy="Scan the form at 200 to 300 dpi and upload it again.",
            document=document.id,
        )
    content = io.BytesIO()
    await ports.ehr.download_document(document, content)
    return await asyncio.to_thread(ports.read_form, content.getvalue(), document.file_name, document.content_type)


def _store(ports: IntakePorts, record: DraftRecord, reading: FormReading) -> str:
    for number, page in enumerate(reading.pages, 1):
        ports.contents.put(
            record.client_id,
            "page_image",
            page,
            content_id=content_ids.page_id(record.id, number),
            retain_until=ports.keep_until("page_image"),
            draft_id=record.id,
        )
    if reading.words and ports.model_for is not None:
        ports.contents.put(
            record.client_id,
            "page_words",
            PAGES.dump_json(reading.words),
            content_id=content_ids.words_id(record.id),
            retain_until=ports.keep_until("page_words"),
            draft_id=record.id,
        )
    content_id = content_ids.form_id(record.id)
    ports.contents.put(
        record.client_id,
        "intake_form",
        INTAKE_FORM.dump_json(reading.form),
        content_id=content_id,
        retain_until=ports.keep_until("intake_form"),
        draft_id=record.id,
    )
    fields = [found for _, found in walk(reading.form)]
    name_in_row(
        ports,
        record,
        tell=lambda: ports.record_once(
            Action.FORM_READ,
            f"content/{content_id}",
            client_id=record.client_id,
            source=reading.form.source.value,
            pages=len(reading.pages),
            values=sum(found.value is not None for found in fields),
            unreadable=sum(found.unreadable for found in fields),
        ),
        transcript_id=content_id,
    )
    return content_id


async def _give_up(ports: IntakePorts, record: DraftRecord, error: UnusableSource) -> None:
    await ports.ehr.create_task(form_unusable(record, error))
    ports.record_once(Action.TASK_CREATED, f"draft/{record.id}", client_id=record.client_id, outcome=error.code)
    with suppress(Conflict):  # cancelled meanwhile: that stands
        ports.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.FAILED, failure_code=error.code)
