"""What an operator sees of a run in the Prefect UI: progress, a summary, events.  Ids, counts and timings only."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from prefect.artifacts import acreate_markdown_artifact, acreate_progress_artifact, aupdate_progress_artifact
from prefect.events import emit_event


@dataclass
class Progress:
    """A progress artifact that is written at most once a second, from any thread."""

    artifact_id: UUID | None = None
    fraction: float = 0.0
    written_at: float = field(default=0.0)

    async def begin(self, description: str) -> None:
        created = await acreate_progress_artifact(progress=0.0, description=description)
        self.artifact_id = created if isinstance(created, UUID) else None

    def report(self, fraction: float) -> None:
        """Remember how far the work is; called from the working thread."""
        self.fraction = max(self.fraction, min(1.0, fraction))

    async def show(self) -> None:
        """Write what was last reported."""
        if self.artifact_id is not None and time.monotonic() - self.written_at >= 1.0:
            self.written_at = time.monotonic()
            await aupdate_progress_artifact(self.artifact_id, progress=round(100 * self.fraction, 1))

    async def finish(self) -> None:
        if self.artifact_id is not None:
            await aupdate_progress_artifact(self.artifact_id, progress=100.0)


async def show_summary(title: str, rows: Mapping[str, str | int | float], *, key: str) -> None:
    """A two-column table as a markdown artifact of the run."""
    body = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    await acreate_markdown_artifact(f"# {title}\n\n| | |\n|---|---|\n{body}\n", key=key, description=title)


def announce(event: str, draft_id: str, **ids: str | int) -> None:
    """Put an event of ours into Prefect's feed, e.g. ``therapyflows.draft.waiting``."""
    emit_event(
        event=f"therapyflows.{event}",
        resource={"prefect.resource.id": f"therapyflows.draft.{draft_id}"},
        payload=dict(ids),
    )


def stopwatch() -> Callable[[], float]:
    """Seconds since the call, rounded."""
    started = time.monotonic()
    return lambda: round(time.monotonic() - started, 2)
