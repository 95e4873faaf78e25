"""A run's page in the orchestrator shows the run's entries of the audit trail, whatever became of the run.

A run shows its own when it ends or goes to sleep; a round over the trail brings the pages of all others up to date,
also of those that were cancelled, crashed or were told of by another service.  Ids, codes and times only.
"""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from therapyflows.core.errors import TherapyFlowsError, Transient
from therapyflows.core.ports import AuditTrail
from therapyflows.governance.audit.model import ChainedEntry

SHOWN = 500
"""Entries on a page; the command on it shows all."""
RUNS_A_ROUND = 200
FIRST_LOOK_BACK = timedelta(days=1)
CURSOR = "run-pages"
PAGE = 1000

log = structlog.get_logger()


class RunPages(Protocol):
    async def show(self, flow_run_id: str, *, key: str, title: str, text: str) -> None:
        """Put markdown on the run's page, in place of what stands there under the key.  Raises NotFound, Transient."""


class Cursors(Protocol):
    def cursor(self, name: str) -> datetime | None: ...
    def set_cursor(self, name: str, at: datetime) -> None: ...


async def show_run(pages: RunPages, audit: AuditTrail, flow_run_id: str) -> None:
    """Show the run's entries on its page; does nothing when there are none."""
    found = await to_thread(partial(audit.search, flow_run_id=flow_run_id, limit=SHOWN + 1))
    if found:
        text = page_of(flow_run_id, found)
        await pages.show(flow_run_id, key=f"audit-{flow_run_id}", title="Audit entries of this run", text=text)


async def show_touched_runs(pages: RunPages, audit: AuditTrail, cursors: Cursors, *, now: datetime) -> int:
    """Bring the pages up to date of every run with entries since the last round; returns how many were shown.

    Trouble with one run does not hold up the others; while the orchestrator cannot be reached nothing counts as shown.
    """
    since = await to_thread(cursors.cursor, CURSOR) or now - FIRST_LOOK_BACK
    runs, until = await to_thread(_touched_since, audit, since)
    shown = 0
    for run_id in runs:
        try:
            await show_run(pages, audit, run_id)
            shown += 1
        except Transient:
            return shown
        except TherapyFlowsError as error:
            log.info("run_page_not_shown", flow_run_id=run_id, code=error.code)
    if until is not None:
        await to_thread(cursors.set_cursor, CURSOR, until)
    return shown


def _touched_since(audit: AuditTrail, since: datetime) -> tuple[list[str], datetime | None]:
    """Runs with entries from then on, as many as one round takes, and up to when that is all of them."""
    runs: dict[str, None] = {}
    until, after = None, 0
    while page := audit.search(since=since, after_seq=after, limit=PAGE):
        for found in page:
            run_id = found.entry.flow_run_id
            # What was written at one moment is taken together: the next round begins at a moment.
            if run_id is not None and run_id not in runs and len(runs) >= RUNS_A_ROUND and found.at != until:
                return list(runs), until
            if run_id is not None:
                runs[run_id] = None
            until, after = found.at, found.seq
    return list(runs), until


def page_of(flow_run_id: str, entries: Sequence[ChainedEntry]) -> str:
    """Markdown: sequence number, time, who, what, on what, how it went, and the beginning of the entry's hash."""
    more = "\n\nAnd more: the command above shows all." if len(entries) > SHOWN else ""
    lines = "\n".join(_row(found) for found in entries[:SHOWN])
    return (
        f"# Audit entries of this run\n\n`therapyflows audit show --run {flow_run_id}`\n\n"
        "| seq | at (UTC) | actor | action | resource | outcome | hash |\n|---|---|---|---|---|---|---|\n"
        f"{lines}{more}\n"
    )


def _row(found: ChainedEntry) -> str:
    entry = found.entry
    at = f"{found.at:%Y-%m-%d %H:%M:%S}"
    cells = (str(found.seq), at, entry.actor.id, entry.action.value, entry.resource, entry.outcome, found.hash[:12])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
