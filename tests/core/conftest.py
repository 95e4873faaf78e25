"""A small practice for tests of the pure steps: real store on SQLite, chart in memory, recognizer with a script."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from tests.stores import open_test_store

from therapyflows.core.chart import (
    Appointment,
    Client,
    Consent,
    Document,
    DocumentKind,
    NewProgressNote,
    Note,
    Role,
    SessionFields,
    User,
)
from therapyflows.core.consent_change.steps import ConsentChangePorts
from therapyflows.core.drafts.deciding import record_decision, reject
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.drafts.reasons import default_reasons
from therapyflows.core.drafts.waiting import WaitingPolicy, WatchPorts
from therapyflows.core.errors import NotFound
from therapyflows.core.session_note import steps
from therapyflows.core.session_note.deciding import approve
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import DRAFT, Draft, SessionContext, SourceKind, Template, Transcript
from therapyflows.core.session_note.review import keep_statement, open_statements
from therapyflows.core.session_note.steps import NotePolicy, SessionNotePorts
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.integrations.documents.transcripts import parse_transcript
from therapyflows.integrations.ehr.memory import MemoryEhr
from therapyflows.integrations.store import Store

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SOUND = b"a recording, invented " * 50
TALK = (
    ("T", "What brings you in today?"),
    ("C", "I have been sleeping badly since the move, maybe four hours a night."),
    ("T", "Have you had any thoughts of killing yourself?"),
    ("C", "No, never."),
    ("T", "Let's try the breathing exercise before bed every evening this week."),
    ("C", "Okay, I can do that."),
)


def talk_of(source: SourceKind = SourceKind.RECORDING) -> Transcript:
    speakers = {"T": Speaker.THERAPIST, "C": Speaker.CLIENT}
    segments = tuple(
        Segment(f"s{n}", speakers[who], (n - 1) * 5.0, n * 5.0, text) for n, (who, text) in enumerate(TALK, 1)
    )
    return Transcript(source, 5.0 * len(segments), segments, recognizer="scripted")


class ScriptedRecognizer:
    """Answers from ``script`` (an exception is raised), the same conversation when it is empty."""

    def __init__(self) -> None:
        self.script: list[Exception | Transcript] = []
        self.heard: list[tuple[bytes, bool, float | None]] = []

    def transcribe(
        self,
        source: Path | BinaryIO,
        *,
        dictation: bool = False,
        expected_minutes: float | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        assert not isinstance(source, Path)
        self.heard.append((source.read(), dictation, expected_minutes))
        answer = self.script.pop(0) if self.script else talk_of()
        if isinstance(answer, Exception):
            raise answer
        return answer


class ChartWithTrouble(MemoryEhr):
    """The chart in memory.  Around a write or a download it does what the test asks."""

    def __init__(self) -> None:
        super().__init__()
        self.before_note: list[Exception] = []
        self.after_note: list[Exception] = []
        self.in_between: Callable[[], object] | None = None
        self.posts = 0

    async def create_progress_note(self, note: NewProgressNote) -> Note:
        self.posts += 1
        if self.before_note:
            raise self.before_note.pop(0)
        created = await super().create_progress_note(note)
        if self.after_note:
            raise self.after_note.pop(0)
        return created

    async def download_document(self, document: Document, into: BinaryIO) -> None:
        await super().download_document(document, into)
        if self.in_between is not None:
            self.in_between()

    def remove_user(self, user_id: str) -> None:
        self._objects[User].pop(user_id)

    def notes(self) -> list[Note]:
        return self._all(Note)


class SleepingRuns:
    """Runs with a history; ``script`` says how the next calls fail."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self.resumed: list[str] = []
        self.script: list[Exception] = []
        self.forgotten: set[str] = set()

    async def cancel(self, flow_run_id: str) -> None:
        if self.script:
            raise self.script.pop(0)
        if flow_run_id in self.forgotten:
            raise NotFound("run_unknown")
        self.cancelled.append(flow_run_id)

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        self.resumed.append(flow_run_id)


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """Passes calls on to a real part and dies in the place of the n-th (which is: behind the one before)."""

    def __init__(self, real: Any, life: Iterator[int], dies_at: int) -> None:
        self._real, self._life, self._dies_at = real, life, dies_at

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if not callable(method):  # a part of the part
            return Mortal(method, self._life, self._dies_at)

        def call(*args: Any, **kwargs: Any) -> Any:
            if next(self._life) == self._dies_at:
                raise Killed
            return method(*args, **kwargs)

        return call


@dataclass
class Practice:
    store: Store
    ehr: ChartWithTrouble
    recognizer: ScriptedRecognizer = field(default_factory=ScriptedRecognizer)
    runs: SleepingRuns = field(default_factory=SleepingRuns)
    at: datetime = START
    policy: NotePolicy = field(default_factory=NotePolicy)
    drafted: int = 0

    def clock(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)

    # --- ports ---

    def ports(self, run: str | None = "run-1", **changes: Any) -> SessionNotePorts:
        ports = SessionNotePorts(
            ehr=self.ehr,
            drafts=self.store.drafts,
            decisions=self.store.decisions,
            contents=self.store.contents,
            recordings=self.store.recordings,
            own_writes=self.store.own_writes,
            audit=self.store.audit,
            recognizer=lambda: self.recognizer,
            read_transcript=parse_transcript,
            drafter=self._draft,
            policy=self.policy,
            actor=Actor("service", "worker"),
            clock=self.clock,
            flow_run_id=run,
        )
        return replace(ports, **changes)

    async def _draft(self, transcript: Transcript, context: SessionContext, template: Template) -> Draft:
        self.drafted += 1
        return draft_from_evidence(transcript, context, template)

    def watch(self, **changes: Any) -> WatchPorts:
        ports = WatchPorts(
            ehr=self.ehr,
            drafts=self.store.drafts,
            decisions=self.store.decisions,
            runs=self.runs,  # type: ignore[arg-type]
            audit=self.store.audit,
            policy=WaitingPolicy(),
            review_within=self.policy.review_within,
            clock=self.clock,
        )
        return replace(ports, **changes)

    def consents(self, **changes: Any) -> ConsentChangePorts:
        ports = ConsentChangePorts(
            ehr=self.ehr,
            drafts=self.store.drafts,
            decisions=self.store.decisions,
            contents=self.store.contents,
            recordings=self.store.recordings,
            runs=self.runs,  # type: ignore[arg-type]
            audit=self.store.audit,
            clock=self.clock,
        )
        return replace(ports, **changes)

    # --- the chart ---

    def client(self, client_id: str = "c-1", *, consents: dict[str, dict[str, Any]] | None = None, **more: Any) -> None:
        """Put a client into the chart; ``consents`` by kind, both granted when left out."""
        given = consents if consents is not None else {"recording": {}, "ai_processing": {}}
        records = tuple(
            Consent.model_validate(
                {"id": f"k-{kind}", "kind": kind, "status": "granted", "statement": "I agree.",
                 "granted_at": START - timedelta(days=90), **values}
            )
            for kind, values in given.items()
        )  # fmt: skip
        self.ehr.add(Client(id=client_id, first_name="Testa", last_name="Example", consents=records, **more))

    def withdraw(self, kind: str = "recording", client_id: str = "c-1") -> None:
        granted: dict[str, dict[str, Any]] = {"recording": {}, "ai_processing": {}}
        granted[kind] = {"status": "withdrawn", "withdrawn_at": self.at}
        self.client(client_id, consents=granted)

    def clinician(self, user_id: str = "u-1", **more: Any) -> None:
        values: dict[str, Any] = {"name": "Clin Example", "roles": (Role.CLINICIAN,), "caseload": ("c-1", "c-2")}
        self.ehr.add(User(id=user_id, **values | more))

    def session(
        self,
        appointment_id: str = "a-1",
        client_id: str = "c-1",
        fields: str | None = None,
        minutes: int | None = 50,
    ) -> None:
        self.ehr.add(
            Appointment(
                id=appointment_id,
                client_id=client_id,
                clinician_id="u-1",
                start=START - timedelta(hours=1),
                end=START - timedelta(minutes=10),
                actual_minutes=minutes,
                modality="video",
                status="completed",
                session_fields=SessionFields(notes=fields) if fields else None,
            )
        )

    def document(
        self,
        document_id: str = "d-1",
        *,
        content: bytes = SOUND,
        kind: DocumentKind = DocumentKind.RECORDING,
        appointment_id: str | None = "a-1",
        client_id: str = "c-1",
        sha256: str | None = None,
    ) -> None:
        self.ehr.add(
            Document(
                id=document_id,
                client_id=client_id,
                appointment_id=appointment_id,
                kind=kind,
                file_name="session.txt" if kind is DocumentKind.TRANSCRIPT else "session.ogg",
                content_type="text/plain" if kind is DocumentKind.TRANSCRIPT else "audio/ogg",
                size_bytes=len(content),
                sha256=sha256 or hashlib.sha256(content).hexdigest(),
            ),
            content,
        )

    # --- what happens ---

    async def prepare(
        self, appointment_id: str = "a-1", document_id: str | None = "d-1", ports: SessionNotePorts | None = None
    ) -> DraftRecord:
        """All steps until the draft waits for its reviewer."""
        ports = ports or self.ports()
        record = await steps.open_draft(ports, appointment_id, document_id)
        assert record is not None
        await steps.fetch_recording(ports, record.id)
        await steps.transcribe(ports, record.id, lambda done: None)
        await steps.draft_note(ports, record.id)
        await steps.submit_for_review(ports, record.id)
        return self.store.drafts.get(record.id)

    def decide(
        self,
        draft_id: str,
        *,
        by: str = "u-1",
        verdict: str = "approve",
        words: str = "",
        corrected: Callable[[Draft], Draft] = lambda draft: draft,
    ) -> None:
        """The reviewer reads the draft, corrects it and decides."""
        record, actor = self.store.drafts.get(draft_id), Actor("person", by, "Clinician")
        if verdict == "reject":
            decision = reject(
                record,
                reason_code="not_needed",
                words=words,
                by=actor,
                now=self.at,
                contents=self.store.contents,
                reasons=default_reasons()["session-note"],
            )
        else:
            decision = approve(
                record, corrected(self.read_draft(draft_id)), by=actor, attested=True, now=self.at,
                contents=self.store.contents, periods=self.policy.retention,
            )  # fmt: skip
        record_decision(decision, drafts=self.store.drafts, decisions=self.store.decisions, audit=self.store.audit)

    def read_draft(self, draft_id: str) -> Draft:
        """The machine's draft with every doubtful statement kept on purpose."""
        content_id = self.store.drafts.get(draft_id).draft_content_id
        assert content_id is not None
        draft = DRAFT.validate_json(self.store.contents.get(content_id))
        for doubtful in open_statements(draft):
            draft = keep_statement(draft, doubtful.id)
        return draft

    # --- what stands afterwards ---

    def entries(self, action: Action, client_id: str | None = None) -> list[AuditEntry]:
        found = self.store.audit.search(client_id=client_id)
        return [chained.entry for chained in found if chained.entry.action is action]

    def tasks(self, word: str = "") -> list[Any]:
        return [task for task in self.ehr.tasks.values() if word in task.title]

    def exists(self, read: Callable[[str], object], object_id: str) -> bool:
        try:
            read(object_id)
        except NotFound:
            return False
        return True


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """One clinician, one client who consents, one session with a recording."""
    holder: list[Practice] = []
    store = open_test_store(tmp_path, now=lambda: holder[0].clock() if holder else START)
    made = Practice(store, ChartWithTrouble())
    holder.append(made)
    made.clinician()
    made.client()
    made.session()
    made.document()
    yield made
    store.close()


@pytest.fixture
def killed() -> type[Killed]:
    return Killed


@pytest.fixture
def mortal() -> type[Mortal]:
    return Mortal
