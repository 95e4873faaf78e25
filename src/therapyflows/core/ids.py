"""Distinct types for the identifiers that travel through flows, the store and the audit trail.

Identifiers are opaque and carry no PHI: they are the only thing that Prefect ever holds.
"""

import hashlib
import uuid
from typing import NewType

ClientId = NewType("ClientId", str)
ClinicianId = NewType("ClinicianId", str)
UserId = NewType("UserId", str)
AppointmentId = NewType("AppointmentId", str)
DocumentId = NewType("DocumentId", str)
NoteId = NewType("NoteId", str)
EventId = NewType("EventId", str)
DraftId = NewType("DraftId", str)
DecisionId = NewType("DecisionId", str)
ContentId = NewType("ContentId", str)


def new_id(prefix: str) -> str:
    """A random identifier such as ``dec_3f0c...`` (128 bits)."""
    return f"{prefix}_{uuid.uuid4().hex}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same identifier for the same parts, in every process and after every crash.

    Used wherever doing a thing twice must hit the same row: a draft, a content piece, an idempotency key.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
    return f"{prefix}_{digest}"
