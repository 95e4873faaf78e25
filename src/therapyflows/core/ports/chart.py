"""The chart: the EHR as the product needs it."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from therapyflows.core.chart import (
    Appointment,
    Assessment,
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


class Ehr(Protocol):
    """The chart.  Raises NotFound, Refused, Conflict, Invalid, Transient, UnknownOutcome; never a vendor's error."""

    async def get_client(self, client_id: str) -> Client: ...
    def list_clients(self) -> AsyncIterator[Client]: ...
    async def create_client(self, client: NewClient) -> Client:
        """Register the client once (external id)."""

    async def update_client(self, client_id: str, changes: ClientChanges, *, etag: str) -> Client:
        """Change the record that was read under this etag; what stands there already is not written again.

        Raises Conflict when somebody else changed the record since.
        """

    async def get_user(self, user_id: str) -> User: ...
    def list_users(self) -> AsyncIterator[User]: ...
    async def get_appointment(self, appointment_id: str) -> Appointment: ...
    def list_appointments(
        self, *, start: datetime, end: datetime, clinician_id: str | None = None, client_id: str | None = None
    ) -> AsyncIterator[Appointment]:
        """Those that begin in [start, end), of this clinician, of this client; in no order."""

    async def get_document(self, document_id: str) -> Document: ...
    def list_documents(self, client_id: str) -> AsyncIterator[Document]: ...
    async def download_document(self, document: Document, into: BinaryIO) -> None:
        """Stream the content into ``into``; raises Transient when length or sha256 differ from the document's."""

    async def create_document(self, document: NewDocument, content: bytes) -> Document:
        """File the document once (external id)."""

    async def get_note(self, note_id: str) -> Note: ...
    def list_notes(self, client_id: str, *, since: datetime | None = None) -> AsyncIterator[Note]: ...
    async def find_note(self, client_id: str, external_id: str) -> Note | None: ...
    async def create_progress_note(self, note: NewProgressNote) -> Note:
        """Create the Draft once: looked up by external id first and after every unknown outcome."""

    def list_treatment_plans(self, client_id: str) -> AsyncIterator[TreatmentPlan]: ...
    def list_assessments(self, client_id: str) -> AsyncIterator[Assessment]: ...
    async def create_assessment(self, assessment: NewAssessment) -> Assessment:
        """File the measure once (external id)."""

    async def create_message(self, message: NewMessage) -> str:
        """Write the message once (external id); returns its id."""

    async def create_staff_message(self, message: NewStaffMessage) -> str:
        """Write to a person of the practice once (external id); returns its id.

        Raises NotFound where the EHR has no messages for staff.
        """

    def list_tasks(self, client_id: str) -> AsyncIterator[Task]:
        """The open tasks about this client, whoever has to do them."""

    async def create_task(self, task: NewTask) -> str:
        """Create the task once (external id); returns its id."""

    def changes_since(self, since: datetime) -> AsyncIterator[EhrChange]:
        """Appointments, documents and clients changed since then, oldest first: what a scheduled sync compares."""

    async def list_subscriptions(self) -> list[Subscription]: ...
    async def subscribe(self, url: str, event_types: Sequence[str], secret: str) -> Subscription: ...
