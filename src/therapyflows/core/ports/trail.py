"""The audit trail."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from therapyflows.governance.audit.findings import VerificationReport
from therapyflows.governance.audit.model import Action, AuditEntry, ChainedEntry


class AuditTrail(Protocol):
    """Append-only, hash-chained."""

    def append(self, entry: AuditEntry) -> int:
        """Store durably; returns the sequence number."""

    def search(
        self,
        *,
        client_id: str | None = None,
        actor_id: str | None = None,
        flow_run_id: str | None = None,
        resource: str | None = None,
        action: Action | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after_seq: int = 0,
        before_seq: int | None = None,
        newest_first: bool = False,
        limit: int = 1000,
    ) -> list[ChainedEntry]:
        """Entries that match everything that is given; ``until`` and ``before_seq`` are not included themselves."""

    def verify(self, on_progress: Callable[[int], None]) -> VerificationReport:
        """Verify the whole trail; hears now and then how many entries were verified."""

    def export_lines(self) -> Iterator[bytes]:
        """The lines of an export: first a signed checkpoint, then every entry up to it."""
