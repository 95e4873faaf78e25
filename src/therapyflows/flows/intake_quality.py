"""Whether intake forms still look as they did: a changed form, a worse scanner, a broken rule shows in the numbers.

::

    every night:  rows of the latest forms ▸ failed checks, drift from those before ▸ artifact │ page │ Data Docs

The rows hold nothing that a client wrote; what drifts is shown to the practice and blocks nothing.
"""

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from therapyflows.app.intake import report_quality
from therapyflows.core.intake.quality import QualityReport
from therapyflows.flows.steps.guard import phi_safe
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import show_summary


@flow(name="intake-quality", description="Compare the latest intake forms with those before them.")
@shows_its_entries
@phi_safe
async def intake_quality() -> State[str]:
    """One round; safe to run at any time and to kill at any point."""
    report = await asyncio.to_thread(report_quality, flow_run.id)
    await show_summary("Quality of intake forms", summary(report), key="intake-quality")
    return Completed(message=f"{report.forms} forms, {len(report.drift)} columns drift.")


def summary(report: QualityReport) -> dict[str, str | int | float]:
    """Names of columns and checks, counts and shares."""
    return {
        "latest forms": report.forms,
        "compared with": report.past or "too few forms so far",
        "suite of": report.version,
        **{f"failed: {count.key}": count.failed for count in report.checks},
        **{f"drifts: {drift.column} ({drift.kind})": _shares(drift.past, drift.now) for drift in report.drift},
    }


def _shares(past: float | None, now: float | None) -> str:
    return "other answers than before" if past is None or now is None else f"{past:.0%} before, {now:.0%} now"
