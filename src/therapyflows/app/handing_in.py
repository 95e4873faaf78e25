"""The form of somebody who stands in no chart, handed in at the command line of the running system."""

import asyncio

from prefect.settings import PREFECT_API_URL, temporary_settings

from therapyflows.app.settings import Settings, load_settings
from therapyflows.app.wiring import Store, ehr_of, now, runs_of, store_of
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.intake.handing_in import HandingIn, begin
from therapyflows.governance.audit.model import Actor


def register(content: bytes, clinician_id: str, by: str) -> DraftRecord:
    """Keep the form, claim its intake for the clinician, start its run; ``by``: the login, for the trail.

    Harmless when repeated.  Raises Refused, Invalid, NotFound (no such clinician), Transient.
    """
    settings = load_settings()
    store = store_of(settings)
    try:
        with temporary_settings({PREFECT_API_URL: f"{settings.prefect_ui_url}/api"}):
            return asyncio.run(_register(settings, store, content, clinician_id, Actor("person", by)))
    finally:
        store.close()


async def _register(settings: Settings, store: Store, content: bytes, clinician_id: str, by: Actor) -> DraftRecord:
    ports = HandingIn(store.drafts, store.contents, store.audit, settings.retention)
    async with ehr_of(settings, store, by) as ehr, runs_of() as runs:
        clinician = await ehr.get_user(clinician_id)
        return await begin(ports, runs, content, clinician, by=by, now=now())
