"""Whether a draft still has the consents that its material needs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from therapyflows.core.chart import Client, Document, DocumentKind, User
from therapyflows.core.consents import may_use
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.core.ports import Ehr
from therapyflows.governance.consent.policy import ConsentCheck, Use

WORKFLOW = "session-note"
SESSION_FIELDS = "session_fields"


async def consent_for(
    ehr: Ehr,
    record: DraftRecord,
    client: Client | None,
    clinician: User | None,
    *,
    clock: Callable[[], datetime],
    leaves_machine: bool = False,
    by_model: bool = False,
) -> ConsentCheck:
    """What the client's consents and the opt-outs say about this draft now.

    ``client`` None: somebody who stands in no chart yet.  ``clinician`` None: their opt-out is not asked.  The chart is
    asked for the document only where the answer depends on whether it is a recording.
    """
    part2 = record.part2 or (client is not None and client.part2_program)
    use = Use(record.workflow, part2=part2, leaves_machine=leaves_machine, by_model=by_model)
    otherwise = may_use(use, client, clinician, now=clock())
    as_recording = may_use(replace(use, source_is_recording=True), client, clinician, now=clock())
    if as_recording == otherwise or not await source_is_recording(ehr, record):
        return otherwise
    return as_recording


def is_recording(document: Document | None) -> bool:
    """Whether the client's voice is on it; a dictation is the clinician's own."""
    return document is not None and document.kind == DocumentKind.RECORDING


async def source_is_recording(ehr: Ehr, record: DraftRecord) -> bool:
    """The same for a draft that stands already.  A document that is gone counts as one: in doubt, consent is needed."""
    if record.workflow != WORKFLOW or record.source_ref == SESSION_FIELDS:
        return False
    try:
        return is_recording(await ehr.get_document(record.source_ref))
    except NotFound:
        return True
