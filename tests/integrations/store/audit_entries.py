"""Entries for tests of the trail in a database."""

from dataclasses import replace
from typing import Any

from therapyflows.governance.audit.model import Action, Actor, AuditEntry

ENTRY = AuditEntry(
    action=Action.DRAFT_APPROVED,
    actor=Actor("person", "u-1", "Clinician"),
    resource="draft/drf_1",
    client_id="c-1",
    flow_run_id="run-1",
    request_id="req-1",
    outcome="ok",
    sent_digest="sha256:00",
    received_digest="sha256:11",
    details={"statements": 12, "seconds": 0.25, "first": True, "model": "evidence"},
)


def other(n: int, **changes: Any) -> AuditEntry:
    return replace(ENTRY, resource=f"draft/drf_{n}", **changes)
