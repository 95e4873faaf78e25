"""A document on its way into the chart: one multipart body, the same bytes for the same document in every process."""

import hashlib

import httpx

from therapyflows.core.chart import NewDocument
from therapyflows.core.ids import derived_id
from therapyflows.integrations.ehr.therapynotes._call import Call, checked_id


def upload_call(document: NewDocument, content: bytes) -> Call:
    """The call that uploads it; ``sha256`` lets the EHR refuse what was damaged on the way."""
    external_id = checked_id(document.external_id)
    key = derived_id("idk", "documents", external_id)
    fields = {
        "clientId": checked_id(document.client_id),
        "kind": document.kind.value,
        "externalId": external_id,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    made = httpx.Request(
        "POST",
        "https://ehr.invalid/",  # only the body is taken from it
        data=fields,
        files={"file": (document.file_name, content, document.content_type)},
        headers={"Content-Type": f"multipart/form-data; boundary={key}"},
    )
    headers = {"Idempotency-Key": key, "Content-Type": made.headers["Content-Type"]}
    return Call("POST", ("documents",), body=made.read(), headers=headers, client_id=document.client_id)
