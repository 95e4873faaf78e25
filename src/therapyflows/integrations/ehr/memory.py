"""A chart in memory: for development without an EHR, and for tests.

It keeps the rules of the real ones: notes are created as Drafts and once per external id, references must exist and
belong together, a person's signature closes a note.  Calls are audited when it is given a trail.  Nothing survives the
process.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from therapyflows.core.chart import (
    Appointment,
    Assessment,
    ChartObject,
    Client,
    ClientChanges,
    Document,
    EhrChange,
    NewAssessment,
    NewClient,
    NewDocument,
    NewMessage,
    NewProgressNote,
    NewStaffMessage,
    NewTask,
    Note,
    NoteStatus,
    Subscription,
    Task,
    TreatmentPlan,
    User,
)
from therapyflows.core.errors import Conflict, Invalid, NotFound, TherapyFlowsError, Transient
from therapyflows.core.ids import derived_id, new_id
from therapyflows.core.ports import AuditTrail
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.ehr.changes import change_of, merged, utc

C = TypeVar("C", bound=ChartObject)
Seed = Client | User | Appointment | Document | Note | TreatmentPlan | Assessment

_KINDS: dict[type[ChartObject], str] = {
    Client: "clients",
    User: "users",
    Appointment: "appointments",
    Document: "documents",
    Note: "notes",
    TreatmentPlan: "treatmentplans",
    Assessment: "assessments",
}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryEhr:
    """The ``Ehr`` port over dictionaries.  ``contents`` maps document ids to bytes; ``tasks``, ``messages`` and
    ``staff_messages`` are what was created."""

    def __init__(
        self,
        seed: Iterable[Seed] = (),
        contents: Mapping[str, bytes] | None = None,
        *,
        audit: AuditTrail | None = None,
        actor: Actor | None = None,
        flow_run_id: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.tasks: dict[str, NewTask] = {}
        self.messages: dict[str, NewMessage] = {}
        self.staff_messages: dict[str, NewStaffMessage] = {}
        self._done: set[str] = set()
        self._objects: dict[type[ChartObject], dict[str, ChartObject]] = {kind: {} for kind in _KINDS}
        self._contents = dict(contents or {})
        self._subscriptions: dict[str, Subscription] = {}
        self._audit = audit
        self._actor = actor or Actor(kind="service", id="memory")
        self._flow_run_id = flow_run_id
        self._now = now
        for item in seed:
            self.add(item)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    # --- what people do in the EHR itself ----------------------------------------------------------------------

    def add(self, item: Seed, content: bytes | None = None) -> None:
        """Put an object into the chart, or replace the one with its id."""
        self._objects[type(item)][item.id] = item
        if content is not None:
            self._contents[item.id] = content

    def sign(self, note_id: str) -> Note:
        """A person signs a Draft.  Raises NotFound, Conflict when it is not a Draft any more."""
        note = self._known(Note, note_id)
        if note.status is not NoteStatus.DRAFT:
            raise Conflict("ehr_conflict", "it was changed or signed meanwhile", note_id=note_id)
        signed = note.model_copy(
            update={"status": NoteStatus.SIGNED, "updated_at": self._now(), "etag": _next_etag(note.etag)}
        )
        self.add(signed)
        return signed

    def finish_task(self, task_id: str) -> None:
        """A person has done it."""
        self._done.add(task_id)

    # --- reading ---------------------------------------------------------------------------------------------

    async def get_client(self, client_id: str) -> Client:
        return await self._read(Client, client_id)

    def list_clients(self) -> AsyncIterator[Client]:
        return self._list(Client)

    async def get_user(self, user_id: str) -> User:
        return await self._read(User, user_id)

    def list_users(self) -> AsyncIterator[User]:
        return self._list(User)

    async def get_appointment(self, appointment_id: str) -> Appointment:
        return await self._read(Appointment, appointment_id)

    async def list_appointments(
        self, *, start: datetime, end: datetime, clinician_id: str | None = None, client_id: str | None = None
    ) -> AsyncIterator[Appointment]:
        first, last = utc(start), utc(end)
        async for found in self._list(Appointment, client_id):
            if first <= utc(found.start) < last and clinician_id in (None, found.clinician_id):
                yield found

    async def get_document(self, document_id: str) -> Document:
        return await self._read(Document, document_id)

    def list_documents(self, client_id: str) -> AsyncIterator[Document]:
        return self._list(Document, client_id)

    async def download_document(self, document: Document, into: BinaryIO) -> None:
        content = self._contents.get(document.id)
        resource = f"documents/{document.id}/content"
        if content is None:
            await self._record(Action.EHR_READ, resource, document.client_id, "ehr_not_found")
            raise NotFound("ehr_not_found", "the EHR does not have this", document_id=document.id)
        await self._record(Action.EHR_READ, resource, document.client_id, received=content)
        await asyncio.to_thread(into.write, content)
        if len(content) != document.size_bytes:
            raise Transient("document_length_mismatch", "the content is shorter or longer", document_id=document.id)
        if hashlib.sha256(content).hexdigest() != document.sha256.lower():
            raise Transient("document_digest_mismatch", "the content differs from its sha256", document_id=document.id)

    async def get_note(self, note_id: str) -> Note:
        return await self._read(Note, note_id)

    async def list_notes(self, client_id: str, *, since: datetime | None = None) -> AsyncIterator[Note]:
        start = utc(since) if since is not None else _LONG_AGO
        async for note in self._list(Note, client_id):
            if (note.created_at or _LONG_AGO) >= start:
                yield note

    def list_treatment_plans(self, client_id: str) -> AsyncIterator[TreatmentPlan]:
        return self._list(TreatmentPlan, client_id)

    def list_assessments(self, client_id: str) -> AsyncIterator[Assessment]:
        return self._list(Assessment, client_id)

    async def list_tasks(self, client_id: str) -> AsyncIterator[Task]:
        await self._record(Action.EHR_READ, "tasks", client_id)
        for task_id, task in self.tasks.items():
            if task.client_id == client_id and task_id not in self._done:
                yield Task(**task.model_dump(), id=task_id)

    async def find_note(self, client_id: str, external_id: str) -> Note | None:
        await self._record(Action.EHR_READ, "notes", client_id)
        return self._note_of(client_id, external_id)

    async def changes_since(self, since: datetime) -> AsyncIterator[EhrChange]:
        start = utc(since)
        async for change in merged(
            self._changes(Appointment, start), self._changes(Document, start), self._changes(Client, start)
        ):
            yield change

    # --- writing ---------------------------------------------------------------------------------------------

    async def create_progress_note(self, note: NewProgressNote) -> Note:
        """The note under this external id, created as a Draft if it was not there."""
        await self._record(Action.EHR_WRITE, "progressnotes", note.client_id, "started")
        standing = self._note_of(note.client_id, note.external_id)
        if standing is None:
            self._check_references(note.client_id, note.clinician_id, note.appointment_id)
            standing = self._drafted(note)
            self.add(standing)
        await self._record(Action.EHR_WRITE, "progressnotes", note.client_id)
        return standing

    async def create_task(self, task: NewTask) -> str:
        await self._record(Action.EHR_WRITE, "tasks", task.client_id, "started")
        task_id = derived_id("task", task.external_id)
        if task_id not in self.tasks:
            self._check_references(task.client_id, task.assignee_id, None)
            self.tasks[task_id] = task
        await self._record(Action.EHR_WRITE, "tasks", task.client_id)
        return task_id

    async def create_client(self, client: NewClient) -> Client:
        await self._record(Action.EHR_WRITE, "clients", None, "started")
        standing = next((c for c in self._all(Client) if c.external_id == client.external_id), None)
        if standing is None:
            made = {"id": derived_id("client", client.external_id), "etag": '"1"', "updated_at": self._now()}
            standing = Client(**client.model_dump(), **made)
            self.add(standing)
        await self._record(Action.EHR_WRITE, "clients", standing.id)
        return standing

    async def update_client(self, client_id: str, changes: ClientChanges, *, etag: str) -> Client:
        resource = f"clients/{client_id}"
        await self._record(Action.EHR_WRITE, resource, client_id, "started")
        standing = self._known(Client, client_id)
        if not changes.stand_in(standing):
            if standing.etag != etag:
                await self._record(Action.EHR_WRITE, resource, client_id, "ehr_conflict")
                raise Conflict("ehr_conflict", "it was changed or signed meanwhile")
            changed = {name: getattr(changes, name) for name in changes.model_fields_set}
            meta = {"etag": _next_etag(etag), "updated_at": self._now()}
            standing = standing.model_copy(update={**changed, **meta})
            self.add(standing)
        await self._record(Action.EHR_WRITE, resource, client_id)
        return standing

    async def create_assessment(self, assessment: NewAssessment) -> Assessment:
        await self._record(Action.EHR_WRITE, "assessments", assessment.client_id, "started")
        assessment_id = derived_id("assessment", assessment.external_id)
        if assessment_id not in self._objects[Assessment]:
            self._check_client(assessment.client_id)
            now = self._now()
            self.add(Assessment(**assessment.model_dump(), id=assessment_id, created_at=now, updated_at=now))
        await self._record(Action.EHR_WRITE, "assessments", assessment.client_id)
        return self._known(Assessment, assessment_id)

    async def create_message(self, message: NewMessage) -> str:
        await self._record(Action.EHR_WRITE, "messages", message.client_id, "started")
        self._check_client(message.client_id)
        message_id = derived_id("message", message.external_id)
        self.messages.setdefault(message_id, message)
        await self._record(Action.EHR_WRITE, "messages", message.client_id)
        return message_id

    async def create_document(self, document: NewDocument, content: bytes) -> Document:
        await self._record(Action.EHR_WRITE, "documents", document.client_id, "started")
        document_id = derived_id("document", document.external_id)
        if document_id not in self._objects[Document]:
            self._check_client(document.client_id)
            digest, now = hashlib.sha256(content).hexdigest(), self._now()
            made = {"id": document_id, "size_bytes": len(content), "sha256": digest, "created_at": now}
            self.add(Document(**document.model_dump(), **made, updated_at=now), content)
        await self._record(Action.EHR_WRITE, "documents", document.client_id)
        return self._known(Document, document_id)

    async def create_staff_message(self, message: NewStaffMessage) -> str:
        await self._record(Action.EHR_WRITE, "staffmessages", message.client_id, "started")
        self._check_references(message.client_id, message.to_id, None)
        message_id = derived_id("staffmessage", message.external_id)
        self.staff_messages.setdefault(message_id, message)
        await self._record(Action.EHR_WRITE, "staffmessages", message.client_id)
        return message_id

    async def list_subscriptions(self) -> list[Subscription]:
        await self._record(Action.EHR_READ, "webhooks", None)
        return [found.model_copy(update={"secret": None}) for found in self._subscriptions.values()]

    async def subscribe(self, url: str, event_types: Sequence[str], secret: str) -> Subscription:
        await self._record(Action.EHR_WRITE, "webhooks", None, "started")
        same = self._subscriptions.get(url)
        kept = same is not None and set(same.event_types) == set(event_types)
        subscription = Subscription(
            id=same.id if same is not None and kept else new_id("sub"),
            url=url,
            event_types=tuple(event_types),
            secret=secret,
        )
        self._subscriptions[url] = subscription
        await self._record(Action.EHR_WRITE, "webhooks", None)
        return subscription

    # --- parts -----------------------------------------------------------------------------------------------

    def _all(self, model: type[C]) -> list[C]:
        """In the order of their last change, as the contract lists them."""
        found = [item for item in self._objects[model].values() if isinstance(item, model)]
        return sorted(found, key=lambda item: (getattr(item, "updated_at", None) or _LONG_AGO, _id_of(item)))

    def _known(self, model: type[C], object_id: str) -> C:
        found = self._objects[model].get(object_id)
        if not isinstance(found, model):
            raise NotFound("ehr_not_found", "the EHR does not have this, or does not show it to us")
        return found

    async def _read(self, model: type[C], object_id: str) -> C:
        resource = f"{_KINDS[model]}/{object_id}"
        try:
            found = self._known(model, object_id)
        except TherapyFlowsError as error:
            await self._record(Action.EHR_READ, resource, None, error.code)
            raise
        await self._record(Action.EHR_READ, resource, _client_of(found))
        return found

    async def _list(self, model: type[C], client_id: str | None = None) -> AsyncIterator[C]:
        await self._record(Action.EHR_READ, _KINDS[model], client_id)
        for item in self._all(model):
            if client_id is None or _client_of(item) == client_id:
                yield item

    async def _changes(
        self, model: type[Appointment] | type[Document] | type[Client], start: datetime
    ) -> AsyncIterator[EhrChange]:
        async for item in self._list(model):
            if item.updated_at is not None and utc(item.updated_at) >= start:
                yield change_of(item)

    def _note_of(self, client_id: str, external_id: str) -> Note | None:
        notes = (n for n in self._all(Note) if n.client_id == client_id and n.external_id == external_id)
        return next(notes, None)

    def _drafted(self, note: NewProgressNote) -> Note:
        now = self._now()
        return Note(
            **note.model_dump(),
            id=derived_id("note", note.client_id, note.external_id),
            status=NoteStatus.DRAFT,
            etag='"1"',
            created_at=now,
            updated_at=now,
        )

    def _check_references(self, client_id: str | None, user_id: str, appointment_id: str | None) -> None:
        appointment = self._objects[Appointment].get(appointment_id) if appointment_id else None
        belongs = appointment_id is None or (
            isinstance(appointment, Appointment) and appointment.client_id == client_id
        )
        known = (client_id is None or client_id in self._objects[Client]) and user_id in self._objects[User]
        if not (known and belongs):
            raise Invalid("ehr_rejected", "the EHR rejects this request", problem="invalid_body")

    def _check_client(self, client_id: str) -> None:
        if client_id not in self._objects[Client]:
            raise Invalid("ehr_rejected", "the EHR rejects this request", problem="invalid_body")

    async def _record(
        self, action: Action, resource: str, client_id: str | None, outcome: str = "ok", received: bytes | None = None
    ) -> None:
        if self._audit is None:
            return
        entry = AuditEntry(
            action=action,
            actor=self._actor,
            resource=resource,
            client_id=client_id,
            flow_run_id=self._flow_run_id,
            request_id=new_id("req"),
            outcome=outcome,
            received_digest=f"sha256:{hashlib.sha256(received).hexdigest()}" if received is not None else None,
        )
        await asyncio.to_thread(self._audit.append, entry)


def _id_of(item: ChartObject) -> str:
    return str(getattr(item, "id", ""))


def _client_of(item: ChartObject) -> str | None:
    return item.id if isinstance(item, Client) else getattr(item, "client_id", None)


def _next_etag(etag: str | None) -> str:
    version = (etag or "").strip('"')
    return f'"{int(version) + 1 if version.isdigit() else 1}"'
