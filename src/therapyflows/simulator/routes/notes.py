"""Notes: Drafts are written here; signing is an act of a person in the EHR's own pages."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem, invalid_field

DRAFT: Json = {
    "status": "Draft",
    "signedBy": None,
    "signedAt": None,
    "format": None,
    "serviceCode": None,
    "diagnosisCodes": [],
}
ALTERED = " [edited on the way into the chart]"


def list_notes(call: Call) -> Json:
    return call.list(
        "notes",
        {
            "externalId": "external_id = ?",
            "appointmentId": "json_extract(body, '$.appointmentId') = ?",
            "clinicianId": "json_extract(body, '$.clinicianId') = ?",
            "type": "json_extract(body, '$.type') = ?",
            "status": "json_extract(body, '$.status') = ?",
        },
    )


def create_note(call: Call) -> Response:
    """A Draft of any type; ``progress_note`` when the operation is the narrower one."""

    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        check_addendum(chart, call.body)
        fields = {"type": "progress_note", **DRAFT, **call.body, "createdBy": call.principal.subject}
        note = chart.records.insert("notes", fields)
        chart.emit("note.created", note)
        return note

    answer = call.create(make)
    if call.practice.faults.take("alter_draft"):
        alter_by_external_id(call)
    return answer


def check_addendum(chart: Chart, body: Json) -> None:
    """An addendum follows a note of the same client that a person has signed.  Raises 409, 422."""
    if body.get("type") != "addendum":
        return
    parent = chart.records.find("notes", body.get("parentNoteId"))
    if parent is None or parent["clientId"] != body["clientId"]:
        raise invalid_field("/parentNoteId", "unknown_reference")
    if parent["status"] == "Draft":
        raise Problem(409, "parent_not_signed")


def update_progress_note(call: Call) -> Response:
    sign_as_armed(call)

    def apply(chart: Chart, current: Json) -> Json:
        if current["status"] != "Draft":
            raise Problem(409, "note_not_draft")
        call.check_etag(current)
        return chart.records.update("notes", call.id, call.body)

    answer = call.change("notes", apply)
    if call.practice.faults.take("alter_draft"):
        alter(call, call.id)
    return answer


def sign_as_armed(call: Call) -> None:
    """Fault: the clinician signs while the write is on its way."""
    if call.practice.faults.take("sign_note_meanwhile", note_id=call.id):
        with call.practice.chart() as chart:
            note = chart.records.get("notes", call.id)
            if note["status"] == "Draft":
                chart.sign(call.id, note["clinicianId"])


def alter_by_external_id(call: Call) -> None:
    with call.practice.db.reading() as connection:
        row = connection.execute(
            "SELECT id FROM records WHERE resource = 'notes' AND external_id = ? ORDER BY updated_at DESC",
            (call.body["externalId"],),
        ).fetchone()
    alter(call, row["id"])


def alter(call: Call, note_id: str) -> None:
    """Fault: what stands in the chart is not what was written."""
    with call.practice.chart() as chart:
        sections = chart.records.get("notes", note_id)["draftContent"]
        changed = [{**section, "text": section["text"] + ALTERED} for section in sections]
        chart.records.update("notes", note_id, {"draftContent": changed})


HANDLERS: dict[str, ApiHandler] = {
    "listNotes": list_notes,
    "getNote": lambda call: call.get("notes"),
    "createNote": create_note,
    "createProgressNote": create_note,
    "updateProgressNote": update_progress_note,
}
