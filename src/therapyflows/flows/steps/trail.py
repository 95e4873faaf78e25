"""At its end, however it ends, and when it goes to sleep, a run puts its audit entries on its page."""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import structlog
from prefect.runtime import flow_run

from therapyflows.app.run_pages import show_run

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger()


def shows_its_entries(function: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Around the body of a flow.  When the page cannot be written, the next ``review-watch`` writes it."""

    @functools.wraps(function)
    async def showing(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        finally:
            await _show()

    return showing


async def _show() -> None:
    try:
        await show_run(flow_run.id)
    except Exception as error:  # whatever it is: the run's own ending is what counts
        log.warning("run_page_not_shown", flow_run_id=flow_run.id, error_type=type(error).__name__)
