"""The control plane of the simulator: faults and things that people or clients do.  Not part of the contract."""

import mimetypes
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as Upload
from starlette.requests import Request

from therapyflows.simulator import tokens
from therapyflows.simulator.api import Practice
from therapyflows.simulator.contract import Json
from therapyflows.simulator.delivery import delivery_report
from therapyflows.simulator.faults import Fault
from therapyflows.simulator.problems import Problem
from therapyflows.simulator.records import new_id
from therapyflows.simulator.routes.documents import store_upload


class Command(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class SessionEnd(Command):
    """A therapist ends a session.  ``recording_path`` is a file on this machine; a multipart part can replace it."""

    appointment_id: str
    recording_path: Path | None = None
    actual_minutes: int | None = Field(default=None, ge=0)
    kind: Literal["recording", "dictation", "transcript", "psychotherapy_note"] = "recording"
    content_type: str | None = None
    notes: str | None = None
    mood_rating: int | None = Field(default=None, ge=0, le=10)
    interventions: str | None = None
    homework: str | None = None

    def session_fields(self) -> Json:
        given = self.model_dump(include={"notes", "mood_rating", "interventions", "homework"}, exclude_none=True)
        return {to_camel(name): value for name, value in given.items()}


class IntakeSubmission(Command):
    """A client hands in an intake form through the portal: a file on this machine."""

    client_id: str
    form_path: Path
    content_type: str | None = None


class ConsentWithdrawal(Command):
    client_id: str
    kind: Literal["recording", "ai_processing", "telehealth", "part2_tpo"] = "recording"


class Assignment(Command):
    client_id: str
    clinician_ids: list[str]


class NoteSigning(Command):
    note_id: str
    user_id: str


class Emission(Command):
    """Emit ``count`` events of one type about one object (load tests)."""

    type: str
    id: str
    client_id: str | None = None
    appointment_id: str | None = None
    count: int = Field(default=1, ge=1, le=10_000)


class ClientMessage(Command):
    """A client writes to the practice through the portal."""

    client_id: str
    body: str = Field(max_length=20_000)
    subject: str | None = None
    thread_id: str | None = None


def control_router(practice: Practice) -> APIRouter:
    """Every route needs the header ``X-Control-Token``."""

    def admitted(x_control_token: Annotated[str, Header()] = "") -> None:
        if not secrets.compare_digest(x_control_token.encode(), practice.settings.control_token.encode()):
            raise Problem(401, "control_token_required")

    router = APIRouter(dependencies=[Depends(admitted)], include_in_schema=False)

    @router.post("/_faults", status_code=201)
    def arm(fault: Fault) -> dict[str, Any]:
        if fault.kind == "expired_tokens":
            with practice.db.writing() as db:
                return {"expired": tokens.expire_all_tokens(db)}
        practice.faults.arm(fault)
        return {"armed": practice.faults.armed()}

    @router.get("/_faults")
    def armed() -> dict[str, Any]:
        return {"armed": practice.faults.armed()}

    @router.delete("/_faults", status_code=204)
    def clear() -> None:
        practice.faults.clear()

    @router.post("/_control/complete_session", status_code=201)
    async def complete_session(request: Request) -> dict[str, Any]:
        """JSON, or multipart with the same fields and a file part ``recording``."""
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form(max_files=1, max_fields=12) as form:
                ending = SessionEnd.model_validate({k: v for k, v in form.items() if isinstance(v, str)})
                part = form.get("recording")
                return await run_in_threadpool(
                    end_session, practice, ending, part if isinstance(part, Upload) else None
                )
        return await run_in_threadpool(end_session, practice, SessionEnd.model_validate(await request.json()), None)

    @router.post("/_control/submit_intake", status_code=201)
    def submit_intake(submission: IntakeSubmission) -> Json:
        described = store_file(practice.settings.content_dir, submission.form_path)
        if submission.content_type:
            described["contentType"] = submission.content_type
        with practice.chart() as chart:
            return chart.submit_intake(submission.client_id, described)

    @router.post("/_control/withdraw_consent")
    def withdraw_consent(withdrawal: ConsentWithdrawal) -> Json:
        with practice.chart() as chart:
            return chart.withdraw_consent(withdrawal.client_id, withdrawal.kind)

    @router.post("/_control/assign_client")
    def assign_client(assignment: Assignment) -> Json:
        with practice.chart() as chart:
            return chart.assign_client(assignment.client_id, assignment.clinician_ids)

    @router.post("/_control/sign_note")
    def sign_note(signing: NoteSigning) -> Json:
        """Stands for the person who presses Sign in the user interface."""
        with practice.chart() as chart:
            return chart.sign(signing.note_id, signing.user_id)

    @router.post("/_control/emit", status_code=201)
    def emit(emission: Emission) -> dict[str, Any]:
        if emission.type not in practice.contract.event_types:
            raise Problem(422, "unknown_event_type")
        subject = {"id": emission.id, "clientId": emission.client_id, "appointmentId": emission.appointment_id}
        with practice.chart() as chart:
            return {"events": [chart.emit(emission.type, subject) for _ in range(emission.count)]}

    @router.post("/_control/receive_message", status_code=201)
    def receive_message(message: ClientMessage) -> Json:
        with practice.chart() as chart:
            clinicians = chart.records.get("clients", message.client_id)["assignedClinicians"]
            fields = {
                **message.model_dump(by_alias=True),
                "threadId": message.thread_id or new_id("messages").replace("me-", "th-"),
                "box": "inbox",
                "status": "Received",
                "fromId": message.client_id,
                "toId": clinicians[0] if clinicians else None,
                "sentAt": chart.stamp(),
            }
            received = chart.records.insert("messages", fields)
            chart.emit("message.received", received)
            return received

    @router.get("/_control/deliveries")
    def deliveries(subscription: str | None = None) -> dict[str, Any]:
        return delivery_report(practice.db, subscription)

    return router


def end_session(practice: Practice, ending: SessionEnd, part: Upload | None) -> dict[str, Any]:
    """Store the recording, then complete the appointment in one transaction."""
    with practice.records() as records:
        records.get("appointments", ending.appointment_id)
    described: Json | None = None
    if part is not None:
        described = store_upload(practice.settings.content_dir, part)
    elif ending.recording_path is not None:
        described = store_file(practice.settings.content_dir, ending.recording_path)
    if described and ending.content_type:
        described["contentType"] = ending.content_type
    with practice.chart() as chart:
        return chart.complete_session(
            ending.appointment_id,
            actual_minutes=ending.actual_minutes,
            session_fields=ending.session_fields() or None,
            document={**described, "kind": ending.kind} if described else None,
        )


def store_file(content_dir: Path, path: Path) -> Json:
    if not path.is_file():
        raise Problem(422, "recording_not_found")
    with path.open("rb") as source:
        upload = Upload(source, filename=path.name)
        stored = store_upload(content_dir, upload)
    guessed = mimetypes.guess_type(path.name)[0]
    return {**stored, "contentType": guessed or "application/octet-stream"}
