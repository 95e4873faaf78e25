"""The orchestrator."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class Runs(Protocol):
    """Starts and wakes flow runs.  Implemented by ``integrations/prefect_runs.py``."""

    async def start(self, deployment: str, parameters: Mapping[str, str | None], *, idempotency_key: str) -> str:
        """Create the run (or find the one with this key) and return its id."""

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        """Wake a suspended run; harmless when it is awake already.  Raises NotFound, Transient."""

    async def restart(self, flow_run_id: str) -> None:
        """Schedule a run again that crashed; its finished steps are not repeated.  Raises NotFound, Transient."""

    async def retry(self, flow_run_id: str) -> bool:
        """Schedule a run again that came to an end or crashed; its finished steps are not repeated.

        False when it is at work, waits, or was cancelled.  Raises NotFound, Transient.
        """

    async def counts(self, *, since: datetime) -> Mapping[str, int]:
        """How many of our runs that were due since then are in each of Prefect's state types.  Raises Transient."""

    async def unfinished(self, deployment: str) -> Mapping[str, str]:
        """Our runs that are ``PENDING``, ``RUNNING`` or ``CRASHED``, by id: where a dead process may hide."""

    async def cancel(self, flow_run_id: str) -> None: ...
    async def state_of(self, flow_run_id: str) -> str:
        """Prefect's state type, e.g. ``RUNNING``, ``PAUSED``, ``COMPLETED``.  Raises NotFound."""
