"""The verbs of the ``Ehr`` port, each a line or two over the parts beside this file."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

import httpx

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
    Subscription,
    Task,
    TreatmentPlan,
    User,
)
from therapyflows.core.errors import Conflict, Invalid, UnknownOutcome
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import AuditTrail
from therapyflows.governance.audit.model import Actor
from therapyflows.integrations.ehr.changes import change_of, merged, utc
from therapyflows.integrations.ehr.therapynotes._call import Answer, Call, checked_id, get, parse_model, unknown_outcome
from therapyflows.integrations.ehr.therapynotes._download import Download
from therapyflows.integrations.ehr.therapynotes._http import Http, new_client
from therapyflows.integrations.ehr.therapynotes._once import Once
from therapyflows.integrations.ehr.therapynotes._paging import Pages
from therapyflows.integrations.ehr.therapynotes._patience import Patience, Timing
from therapyflows.integrations.ehr.therapynotes._settings import TherapyNotesSettings
from therapyflows.integrations.ehr.therapynotes._subscriptions import Subscriptions
from therapyflows.integrations.ehr.therapynotes._tokens import SHARED, TokenCache
from therapyflows.integrations.ehr.therapynotes._trail import CallTrail
from therapyflows.integrations.ehr.therapynotes._upload import upload_call

C = TypeVar("C", bound=ChartObject)
Changed = TypeVar("Changed", Appointment, Document, Client)


class _Created(ChartObject):
    """Of an object that we create and never read again: enough to find it."""

    id: str
    client_id: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    """What exists between entry and exit, on one event loop."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    http: Http
    once: Once
    subscriptions: Subscriptions


class TherapyNotes:
    """The ``Ehr`` port over HTTPS.  Use as ``async with``; one instance per event loop.

    ``transport`` replaces the network in tests and has its own token cache; ``timing`` replaces clock, sleep and
    chance.
    """

    def __init__(
        self,
        settings: TherapyNotesSettings,
        audit: AuditTrail,
        actor: Actor,
        flow_run_id: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        timing: Timing | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._timing = timing or Timing()
        self._trail = CallTrail(audit, actor, flow_run_id, self._timing.clock)
        self._cache = SHARED if transport is None else TokenCache()
        self._patience = Patience(settings, self._timing)
        self._pages = Pages(settings.page_size, settings.max_pages)
        self._open: _Open | None = None

    async def __aenter__(self) -> Self:
        if self._open is not None:
            raise RuntimeError("this adapter is open already; make one instance per `async with`")
        client = new_client(self._settings, self._transport)
        http = Http(self._settings, client, self._trail, self._cache, self._timing.clock)
        once = Once(self._patience)
        subscriptions = Subscriptions(
            http, self._pages, self._patience, once, lambda call: self._post(Subscription, call)
        )
        self._open = _Open(asyncio.get_running_loop(), client, http, once, subscriptions)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client = self._opened().client
        self._open = None
        await client.aclose()

    def _opened(self) -> "_Open":
        if self._open is None:
            raise RuntimeError("open the adapter with `async with` first")
        if self._open.loop is not asyncio.get_running_loop():
            raise RuntimeError("this adapter belongs to another event loop; make one instance per `async with`")
        return self._open

    # --- reading ---------------------------------------------------------------------------------------------

    async def get_client(self, client_id: str) -> Client:
        return await self._get(Client, "clients", client_id, client_id=client_id)

    async def get_user(self, user_id: str) -> User:
        return await self._get(User, "users", user_id)

    def list_users(self) -> AsyncIterator[User]:
        return self._list(User, get("users"))

    async def get_appointment(self, appointment_id: str) -> Appointment:
        return await self._get(Appointment, "appointments", appointment_id)

    def list_appointments(
        self, *, start: datetime, end: datetime, clinician_id: str | None = None, client_id: str | None = None
    ) -> AsyncIterator[Appointment]:
        call = get("appointments") if client_id is None else _of_client("appointments", client_id)
        call = call.asking(**{"from": utc(start).isoformat(), "to": utc(end).isoformat()})
        return self._list(
            Appointment, call if clinician_id is None else call.asking(clinicianId=checked_id(clinician_id))
        )

    async def get_document(self, document_id: str) -> Document:
        return await self._get(Document, "documents", document_id)

    def list_documents(self, client_id: str) -> AsyncIterator[Document]:
        return self._list(Document, _of_client("documents", client_id))

    async def download_document(self, document: Document, into: BinaryIO) -> None:
        """Stream the content into ``into``; after a failure what stands there is worthless."""
        await Download(self._http, document, into).fetch(self._patience)

    async def get_note(self, note_id: str) -> Note:
        return await self._get(Note, "notes", note_id)

    def list_notes(self, client_id: str, *, since: datetime | None = None) -> AsyncIterator[Note]:
        call = _of_client("notes", client_id)
        return self._list(Note, call if since is None else call.asking(since=utc(since).isoformat()))

    def list_treatment_plans(self, client_id: str) -> AsyncIterator[TreatmentPlan]:
        return self._list(TreatmentPlan, _of_client("treatmentplans", client_id))

    def list_tasks(self, client_id: str) -> AsyncIterator[Task]:
        return self._list(Task, _of_client("tasks", client_id).asking(status="open"))

    def list_clients(self) -> AsyncIterator[Client]:
        return self._list(Client, get("clients"))

    def list_assessments(self, client_id: str) -> AsyncIterator[Assessment]:
        return self._list(Assessment, _of_client("assessments", client_id))

    async def find_note(self, client_id: str, external_id: str) -> Note | None:
        return await self._patience.repeat(lambda: self._look_up_note(client_id, external_id))

    async def changes_since(self, since: datetime) -> AsyncIterator[EhrChange]:
        """See ``changes.py``: what an entry holds, and why some come again."""
        start = utc(since).isoformat()
        async for change in merged(
            self._changes(Appointment, "appointments", start),
            self._changes(Document, "documents", start),
            self._changes(Client, "clients", start),
        ):
            yield change

    # --- writing ---------------------------------------------------------------------------------------------

    async def create_progress_note(self, note: NewProgressNote) -> Note:
        """The note under this external id, created as a Draft if it was not there.

        What stands there already is returned as it stands: compare it with what was approved.
        """
        call = _create("progressnotes", note, note.external_id, note.client_id)
        return await self._once.create(
            f"note:{note.external_id}",
            lambda: self._look_up_note(note.client_id, note.external_id),
            lambda: self._post(Note, call),
        )

    async def create_task(self, task: NewTask) -> str:
        search = get("tasks", client_id=task.client_id)
        return (await self._create_once(_Created, "tasks", task, task.external_id, task.client_id, search)).id

    async def create_client(self, client: NewClient) -> Client:
        return await self._create_once(Client, "clients", client, client.external_id, None, get("clients"))

    async def update_client(self, client_id: str, changes: ClientChanges, *, etag: str) -> Client:
        """After a conflict or an unknown outcome the record is read: what stands as wanted is a success."""
        body = json.dumps(changes.model_dump(mode="json", by_alias=True, exclude_unset=True), sort_keys=True).encode()
        call = Call(
            "PATCH",
            ("clients", checked_id(client_id)),
            body=body,
            headers={"If-Match": etag},
            client_id=client_id,
        )
        try:
            return await self._patience.repeat(lambda: self._post(Client, call))
        except (Conflict, UnknownOutcome):
            standing = await self.get_client(client_id)
            if changes.stand_in(standing):
                return standing
            raise

    async def create_assessment(self, assessment: NewAssessment) -> Assessment:
        client_id = assessment.client_id
        search = _of_client("assessments", client_id)
        return await self._create_once(Assessment, "assessments", assessment, assessment.external_id, client_id, search)

    async def create_message(self, message: NewMessage) -> str:
        search = _of_client("messages", message.client_id)
        made = await self._create_once(_Created, "messages", message, message.external_id, message.client_id, search)
        return made.id

    async def create_staff_message(self, message: NewStaffMessage) -> str:
        search = get("staffmessages", client_id=message.client_id)
        kind, external_id = "staffmessages", message.external_id
        return (await self._create_once(_Created, kind, message, external_id, message.client_id, search)).id

    async def create_document(self, document: NewDocument, content: bytes) -> Document:
        external_id, client_id = checked_id(document.external_id), document.client_id
        call = upload_call(document, content)
        search = _of_client("documents", client_id).asking(externalId=external_id)

        async def look_up() -> Document | None:
            found = self._pages.items(self._http.json, search, Document)
            return await _first(found, lambda one: one.external_id == external_id)

        return await self._once.create(f"documents:{external_id}", look_up, lambda: self._post(Document, call))

    async def list_subscriptions(self) -> list[Subscription]:
        return await self._opened().subscriptions.all()

    async def subscribe(self, url: str, event_types: Sequence[str], secret: str) -> Subscription:
        """One subscription for this address and these types, signing with this secret.

        One that stands already gets the secret by rotation (the EHR signs with the old one too for a while); others for
        the same address are removed, or every event would come twice.
        """
        return await self._opened().subscriptions.subscribe(url, event_types, secret)

    # --- parts -----------------------------------------------------------------------------------------------

    @property
    def _http(self) -> Http:
        return self._opened().http

    @property
    def _once(self) -> Once:
        return self._opened().once

    async def _read(self, call: Call) -> Answer:
        return await self._patience.repeat(lambda: self._http.json(call))

    async def _get(self, model: type[C], kind: str, object_id: str, *, client_id: str | None = None) -> C:
        answer = await self._read(get(kind, checked_id(object_id), client_id=client_id))
        found = parse_model(model, {"etag": answer.etag, **answer.payload})
        if getattr(found, "id", None) != object_id:
            raise Invalid("ehr_answer_invalid", "the EHR answered with another object", model=model.__name__)
        return found

    def _list(self, model: type[C], call: Call) -> AsyncIterator[C]:
        return self._pages.items(self._read, call, model)

    async def _changes(self, model: type[Changed], kind: str, start: str) -> AsyncIterator[EhrChange]:
        async for changed in self._list(model, get(kind, updatedSince=start)):
            yield change_of(changed)

    async def _create_once(
        self,
        model: type[C],
        kind: str,
        value: ChartObject,
        external_id: str,
        client_id: str | None,
        search: Call,
    ) -> C:
        """What stands in the chart under this external id, created if it was not there."""
        call = _create(kind, value, external_id, client_id)
        by_external_id = search.asking(externalId=checked_id(external_id))

        async def look_up() -> C | None:
            found = self._pages.items(self._http.json, by_external_id, model)
            return await _first(found, lambda one: getattr(one, "external_id", None) == external_id)

        return await self._once.create(f"{kind}:{external_id}", look_up, lambda: self._post(model, call))

    async def _look_up_note(self, client_id: str, external_id: str) -> Note | None:
        """One try, without repetition: whoever calls decides how patient to be."""
        call = _of_client("notes", client_id).asking(externalId=checked_id(external_id))
        notes = self._pages.items(self._http.json, call, Note)
        return await _first(notes, lambda note: note.external_id == external_id)

    async def _post(self, model: type[C], call: Call) -> C:
        """One try.  An answer that breaks the contract says nothing about what happened."""
        answer = await self._http.json(call)
        try:
            return parse_model(model, {"etag": answer.etag, **answer.payload})
        except Invalid as error:
            raise unknown_outcome(error) from None


def _of_client(kind: str, client_id: str) -> Call:
    return get(kind, clientId=checked_id(client_id), client_id=client_id)


def _create(kind: str, value: ChartObject, external_id: str, client_id: str | None) -> Call:
    """The same bytes and the same idempotency key for the same value, in every process."""
    body = json.dumps(value.model_dump(mode="json", by_alias=True, exclude_none=True), sort_keys=True).encode()
    headers = {"Idempotency-Key": derived_id("idk", kind, checked_id(external_id))}
    return Call("POST", (kind,), body=body, headers=headers, client_id=client_id)


async def _first(found: AsyncGenerator[C, None], wanted: Callable[[C], bool]) -> C | None:
    async with aclosing(found):
        async for value in found:
            if wanted(value):
                return value
    return None
