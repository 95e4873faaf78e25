"""One verification of the running trail at a time, in the background; what it found stays until the next one."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from therapyflows.governance.audit.findings import VerificationReport
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.web.review.deps import ReviewDeps

log = structlog.get_logger()


@dataclass(slots=True)
class Check:
    """How far it is, or what came of it."""

    by: str
    started_at: datetime
    entries: int = 0
    report: VerificationReport | None = None
    failed: bool = False
    """It could not be finished, e.g. because the database was away."""

    @property
    def is_running(self) -> bool:
        return self.report is None and not self.failed


class TrailCheck:
    def __init__(self, deps: ReviewDeps) -> None:
        self._deps = deps
        self._task: asyncio.Task[None] | None = None
        self.last: Check | None = None

    def start(self, by: Actor) -> Check:
        """Begin one, or join the one that is running."""
        if self.last is None or not self.last.is_running:
            self.last = Check(by.id, self._deps.clock())
            self._task = asyncio.create_task(self._run(self.last, by))
        return self.last

    async def _run(self, check: Check, by: Actor) -> None:
        def progress(entries: int) -> None:
            check.entries = entries

        try:
            report = await asyncio.to_thread(self._deps.audit.verify, progress)
            await asyncio.to_thread(self._deps.audit.append, _entry(by, report))
            check.entries, check.report = report.entries, report
        except Exception as error:  # whoever waits for the answer must get one
            check.failed = True
            log.error("trail_check_failed", error_type=type(error).__name__)


def _entry(by: Actor, report: VerificationReport) -> AuditEntry:
    return AuditEntry(
        action=Action.TRAIL_VERIFIED,
        actor=by,
        resource="trail",
        outcome="ok" if report.ok else "not_intact",
        details={
            "entries": report.entries,
            "covered_until": report.covered_until,
            "checkpoints": report.checkpoints,
            "problems": len(report.problems),
        },
    )
