"""A process of its own for ``test_killed.py``: every client has withdrawn; apply that, client by client, until killed.

``python withdraw_everything.py STORE_URL FOLDER CLIENT...``
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from therapyflows.core.chart import Client, Consent, Document, DocumentKind
from therapyflows.core.consent_change.steps import ConsentChangePorts, apply_consent
from therapyflows.integrations.ehr.memory import MemoryEhr
from therapyflows.integrations.store import Store, open_store


class NoRuns:
    async def cancel(self, flow_run_id: str) -> None:
        """The orchestrator is none of this test's business."""


def opened(url: str, folder: Path) -> Store:
    return open_store(
        url, practice_key=b"p" * 32, signing_key=b"s" * 32, recordings_dir=folder / "recordings", checkpoint_dir=folder
    )


def chart_of(clients: list[str]) -> MemoryEhr:
    now = datetime.now(UTC)
    ehr = MemoryEhr()
    for client in clients:
        consent = Consent(
            id="k-1", kind="recording", status="withdrawn", statement="I agree.", granted_at=now, withdrawn_at=now
        )
        ehr.add(Client(id=client, first_name="Testa", last_name="Example", consents=(consent,)))
        document = Document(
            id=f"d-{client}", client_id=client, appointment_id=f"a-{client}", kind=DocumentKind.RECORDING,
            file_name="s.ogg", content_type="audio/ogg", size_bytes=1, sha256="0" * 64,
        )  # fmt: skip
        ehr.add(document)
    return ehr


async def withdraw(store: Store, clients: list[str]) -> None:
    ports = ConsentChangePorts(
        ehr=chart_of(clients),
        drafts=store.drafts,
        decisions=store.decisions,
        contents=store.contents,
        recordings=store.recordings,
        runs=NoRuns(),  # type: ignore[arg-type]
        audit=store.audit,
        clock=lambda: datetime.now(UTC),
    )
    for client in clients:
        await apply_consent(ports, client)


if __name__ == "__main__":
    asyncio.run(withdraw(opened(sys.argv[1], Path(sys.argv[2])), sys.argv[3:]))
