"""What happens in the practice: each verb changes the chart and writes its events in the same transaction."""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from therapyflows.simulator.access import may_sign
from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem, invalid_field
from therapyflows.simulator.records import Records


@dataclass
class Chart:
    """The chart inside one write transaction."""

    connection: sqlite3.Connection
    stamp: Callable[[], str]

    @property
    def records(self) -> Records:
        return Records(self.connection, self.stamp)

    def emit(self, event_type: str, subject: Mapping[str, Any]) -> str:
        """Write the event and one delivery for every subscription that asked for it.  Ids only, never content."""
        event_id = f"evt_{uuid.uuid4().hex}"
        when = self.stamp()
        client_id = subject["id"] if event_type.startswith("client.") else subject.get("clientId")
        data = {"id": subject["id"], "clientId": client_id, "appointmentId": subject.get("appointmentId")}
        body = {"type": event_type, "timestamp": when, "data": {k: v for k, v in data.items() if v}}
        self.connection.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?)", (event_id, event_type, json.dumps(body), when)
        )
        for subscription in self.records.all("webhooks"):
            if subscription["status"] == "active" and event_type in subscription["eventTypes"]:
                self.connection.execute(
                    "INSERT INTO deliveries (event_id, subscription_id, state, due_at) VALUES (?, ?, 'waiting', ?)",
                    (event_id, subscription["id"], time.time()),
                )
        return event_id

    def check_references(self, body: Mapping[str, Any]) -> None:
        """Raises a 422 when a named client, appointment or person does not exist or does not belong together."""
        for name, resource in (
            ("clientId", "clients"),
            ("clinicianId", "users"),
            ("assigneeId", "users"),
            ("toId", "users"),
            ("parentNoteId", "notes"),
        ):
            if body.get(name) and self.records.find(resource, body[name]) is None:
                raise invalid_field(f"/{name}", "unknown_reference")
        if body.get("appointmentId"):
            appointment = self.records.find("appointments", body["appointmentId"])
            if appointment is None or appointment["clientId"] != body.get("clientId"):
                raise invalid_field("/appointmentId", "unknown_reference")

    def sign(self, note_id: str, user_id: str) -> Json:
        """A person signs a Draft.  An addendum makes its parent Amended.  Raises 403, 404, 409."""
        note, user = self.records.get("notes", note_id), self.records.get("users", user_id)
        if not may_sign(user, note, self.records):
            raise Problem(403, "not_your_note")
        if note["status"] != "Draft":
            raise Problem(409, "note_not_draft")
        signed = self.records.update(
            "notes", note_id, {"status": "Signed", "signedBy": user_id, "signedAt": self.stamp()}
        )
        if note.get("parentNoteId"):
            self.records.update("notes", note["parentNoteId"], {"status": "Amended"})
        self.emit("note.signed", signed)
        return signed

    def add_document(self, fields: Mapping[str, Any]) -> Json:
        document = self.records.insert("documents", fields)
        self.emit("document.created", document)
        return document

    def complete_session(
        self, appointment_id: str, *, actual_minutes: int | None, session_fields: Json | None, document: Json | None
    ) -> dict[str, Any]:
        """A therapist ends a session: the appointment is completed and its recording stands in the chart."""
        appointment = self.records.get("appointments", appointment_id)
        changes: Json = {"status": "completed", "actualMinutes": actual_minutes}
        if session_fields:
            changes["sessionFields"] = {**(appointment.get("sessionFields") or {}), **session_fields}
        appointment = self.records.update("appointments", appointment_id, changes)
        added = None
        if document:
            added = self.add_document(
                {**document, "clientId": appointment["clientId"], "appointmentId": appointment_id}
            )
        self.emit("appointment.completed", {**appointment, "appointmentId": appointment_id})
        return {"appointment": appointment, "document": added}

    def submit_intake(self, client_id: str, document: Json) -> Json:
        """A client hands in a form: it stands in the chart, and both events name the document."""
        self.records.get("clients", client_id)
        added = self.add_document({**document, "kind": "intake_form", "clientId": client_id})
        self.emit("intake.submitted", added)
        return added

    def withdraw_consent(self, client_id: str, kind: str) -> Json:
        client = self.records.get("clients", client_id)
        when = self.stamp()
        consents = [
            {**consent, "status": "withdrawn", "withdrawnAt": when} if consent["kind"] == kind else consent
            for consent in client["consents"]
        ]
        client = self.records.update("clients", client_id, {"consents": consents})
        self.emit("client.updated", client)
        return client

    def assign_client(self, client_id: str, clinician_ids: list[str]) -> Json:
        """Somebody of the practice gives the client to other clinicians."""
        before = self.records.get("clients", client_id)["assignedClinicians"]
        self.reassign(client_id, before, clinician_ids)
        client = self.records.update("clients", client_id, {"assignedClinicians": clinician_ids})
        self.emit("client.updated", client)
        return client

    def reassign(self, client_id: str, before: list[str], after: list[str]) -> None:
        """Keep the caseloads in step with a client's assigned clinicians."""
        for user_id in {*before} ^ {*after}:
            user = self.records.find("users", user_id)
            if user is None:
                raise invalid_field("/assignedClinicians", "unknown_reference")
            caseload = [other for other in user["caseload"] if other != client_id]
            self.records.update("users", user_id, {"caseload": caseload + [client_id] * (user_id in after)})
