"""Documents: recordings, dictations, transcripts, forms and letters."""

from pathlib import Path, PurePath

from starlette.datastructures import UploadFile
from starlette.responses import Response

from therapyflows.simulator import content
from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import invalid_field
from therapyflows.simulator.records import new_id


def list_documents(call: Call) -> Json:
    return call.list(
        "documents",
        {
            "externalId": "external_id = ?",
            "appointmentId": "json_extract(body, '$.appointmentId') = ?",
            "kind": "json_extract(body, '$.kind') = ?",
        },
    )


def store_upload(content_dir: Path, upload: UploadFile) -> Json:
    """Save the bytes and return id, name, type, size and sha256."""
    document_id = new_id("documents")
    stored = content.save(upload.file, content_dir / document_id)
    return {
        "id": document_id,
        "fileName": PurePath(upload.filename or "document").name,
        "contentType": upload.content_type or "application/octet-stream",
        "sizeBytes": stored.size,
        "sha256": stored.sha256,
    }


def upload_document(call: Call) -> Response:
    upload = call.upload
    call.operation.check_form(call.body, call.upload is not None)
    if upload is None:  # check_form has refused that already
        raise invalid_field("/file", "required")
    content_dir = call.practice.settings.content_dir
    described = store_upload(content_dir, upload)
    path = content_dir / described["id"]
    if call.body.get("sha256", described["sha256"]) != described["sha256"]:
        path.unlink()
        raise invalid_field("/sha256", "does_not_match_the_bytes")

    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        return chart.add_document({**call.body, **described})

    kept = False
    try:
        answer = call.create(make, content_digest=described["sha256"])
        kept = "Idempotency-Replayed" not in answer.headers
        return answer
    finally:
        if not kept:
            path.unlink(missing_ok=True)


def download(call: Call) -> Response:
    document = call.get("documents")
    headers = {name: call.headers.get(name) for name in ("range", "if-range")}
    practice = call.practice
    return content.content_response(document, practice.settings.content_dir / call.id, headers, practice.faults)


HANDLERS: dict[str, ApiHandler] = {
    "listDocuments": list_documents,
    "getDocument": lambda call: call.get("documents"),
    "getDocumentContent": download,
    "uploadDocument": upload_document,
}
