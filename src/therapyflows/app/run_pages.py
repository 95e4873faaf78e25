"""The pages of runs in the orchestrator, kept up to date with the audit trail."""

from therapyflows.app.wiring import now, open_store_of_settings
from therapyflows.core import run_trail
from therapyflows.integrations.prefect_pages import PrefectPages


async def show_run(flow_run_id: str) -> None:
    """Put the run's audit entries on its page.  Raises NotFound, Transient."""
    await run_trail.show_run(PrefectPages(), open_store_of_settings().audit, flow_run_id)


async def show_touched_runs() -> int:
    """The same for every run with new entries since the last round; returns how many."""
    store = open_store_of_settings()
    return await run_trail.show_touched_runs(PrefectPages(), store.audit, store.inbox, now=now())
