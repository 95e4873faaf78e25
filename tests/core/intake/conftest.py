"""A small practice with a client to be, whose form lies in the chart; a real store, a reader with a script."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.stores import open_test_store

from therapyflows.core.chart import Client, Document, DocumentKind, Role, User
from therapyflows.core.drafts.deciding import record_decision
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.intake.deciding import approve
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft, QualityFinding
from therapyflows.core.intake.handing_in import HandingIn, hand_in
from therapyflows.core.intake.model import (
    ContactDetails,
    Demographics,
    Extracted,
    FormSource,
    Insurance,
    IntakeForm,
    MeasureAnswers,
    Policy,
    RelatedPerson,
)
from therapyflows.core.intake.quality import QualityRow
from therapyflows.core.intake.steps import FormReading, IntakePolicy, IntakePorts
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.integrations.ehr.memory import MemoryEhr
from therapyflows.integrations.store import Store

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
FILE = b"%PDF a form, invented"


def form_of(**changes: Any) -> IntakeForm:
    form = IntakeForm(
        source=FormSource.SCAN,
        page_count=2,
        demographics=Demographics(
            first_name=Extracted("Imogen"), last_name=Extracted("Hale"), birth_date=Extracted(date(1991, 4, 3))
        ),
        contact=ContactDetails(city=Extracted("Cambridge"), state=Extracted("MA"), phone=Extracted("(617) 555-0142")),
        emergency_contact=RelatedPerson(name=Extracted("Tomas Hale"), phone=Extracted("(617) 555-0177")),
        insurance=Insurance(primary=Policy(payer=Extracted("Northwind Health"), member_id=Extracted("NWH-2210"))),
        phq9=MeasureAnswers("phq9", tuple(Extracted(value) for value in (1, 1, 2, 1, 0, 1, 1, 0, 0))),
    )
    return replace(form, **changes)


@dataclass
class Office:
    store: Store
    ehr: MemoryEhr
    at: datetime = NOW
    script: list[FormReading | Exception] = field(default_factory=list)
    findings: tuple[QualityFinding, ...] = ()
    read: int = 0

    def ports(self, run: str = "run-1", **changes: Any) -> IntakePorts:
        ports = IntakePorts(
            ehr=self.ehr,
            drafts=self.store.drafts,
            decisions=self.store.decisions,
            contents=self.store.contents,
            recordings=self.store.recordings,
            own_writes=self.store.own_writes,
            audit=self.store.audit,
            read_form=self._read,
            check=lambda form, today: ("2026-11-01", self.findings),
            quality_row=lambda form, today, failed: QualityRow("2026-11-01", {"payer": True}, {}, tuple(failed)),
            policy=IntakePolicy(practice_name="Harbor Practice"),
            actor=Actor("service", "worker"),
            clock=lambda: self.at,
            flow_run_id=run,
        )
        return replace(ports, **changes)

    def _read(self, content: bytes, file_name: str, content_type: str) -> FormReading:
        assert content == FILE
        self.read += 1
        answer = self.script.pop(0) if self.script else FormReading(form_of(), (b"page one", b"page two"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, client_id: str = "c-1", **more: Any) -> None:
        values: dict[str, Any] = {
            "first_name": "Imogen", "last_name": "Hale", "assigned_clinicians": ("u-1",), "etag": '"1"'
        }  # fmt: skip
        self.ehr.add(Client(id=client_id, **values | more))

    def clinician(self, user_id: str = "u-1", **more: Any) -> None:
        values: dict[str, Any] = {"name": "Clin Example", "roles": (Role.CLINICIAN,), "caseload": ("c-1", "c-2")}
        self.ehr.add(User(id=user_id, **values | more))

    def form(
        self, document_id: str = "d-1", client_id: str = "c-1", kind: DocumentKind = DocumentKind.INTAKE_FORM
    ) -> None:
        document = Document(
            id=document_id, client_id=client_id, kind=kind, file_name="form.pdf", content_type="application/pdf",
            size_bytes=len(FILE), sha256=hashlib.sha256(FILE).hexdigest(),
        )  # fmt: skip
        self.ehr.add(document, FILE)

    def hand_in(self, content: bytes = FILE, by: str = "u-1") -> DraftRecord:
        """A form of somebody who stands in no chart."""
        (clinician,) = [u for u in self.ehr._all(User) if u.id == by]
        ports = HandingIn(self.store.drafts, self.store.contents, self.store.audit, IntakePolicy().retention)
        return hand_in(ports, content, clinician, by=Actor("person", "front-desk", "operator"), now=self.at)

    def draft(self, record_id: str) -> IntakeDraft:
        record = self.store.drafts.get(record_id)
        return INTAKE_DRAFT.validate_json(
            self.store.contents.get(record.edited_content_id or record.draft_content_id or "")
        )

    def approve(self, record: DraftRecord, draft: IntakeDraft, by: str = "u-1") -> None:
        decision = approve(
            record, draft, by=Actor("person", by, "Clinician"), attested=True, now=self.at,
            contents=self.store.contents, periods=IntakePolicy().retention,
        )  # fmt: skip
        store = self.store
        record_decision(decision, drafts=store.drafts, decisions=store.decisions, audit=store.audit)

    def actions(self) -> list[Action]:
        return [entry.entry.action for entry in self.store.audit.search(client_id="c-1")]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    store = open_test_store(tmp_path)
    office = Office(store, MemoryEhr(now=lambda: NOW))
    office.client()
    office.clinician()
    office.form()
    return office
