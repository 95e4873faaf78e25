"""Nothing but constants and ids leaves a step by exception.

Prefect stores exception text in the run's state message and logs its traceback, so an exception of a library (a
validation error quotes its input) must never reach it.
"""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

from prefect import task
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from therapyflows.core.errors import TherapyFlowsError, Transient

P = ParamSpec("P")
R = TypeVar("R")


class StepFailed(TherapyFlowsError):
    """A defect of ours or of a library.  Carries the kind of error and the place, never its text."""


def step(name: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Coroutine[Any, Any, R]]]:
    """A task whose errors carry no content, and which is tried again when that may help."""

    def decorate(function: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
        made = task(name=name, retries=4, retry_delay_seconds=[5, 30, 60, 120], retry_condition_fn=is_transient)(
            phi_safe(function)
        )
        return cast(Callable[P, Coroutine[Any, Any, R]], made)

    return decorate


def phi_safe(function: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Let errors of ours pass; replace every other by ``StepFailed`` with its type and place."""

    @functools.wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        except TherapyFlowsError as error:
            raise error.with_traceback(None) from None
        except Exception as error:
            kind, place = type(error).__name__, _place_of(error)
        raise StepFailed("step_failed", "A step failed unexpectedly.", step=function.__name__, kind=kind, place=place)

    return guarded


def _place_of(error: BaseException) -> str:
    """Module and line of the innermost frame, e.g. ``pydantic.main:214``."""
    traceback = error.__traceback__
    if traceback is None:
        return "unknown"
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_globals.get('__name__', 'unknown')}:{traceback.tb_lineno}"


async def is_transient(_task: "Task[..., object]", _run: TaskRun, state: "State[object]") -> bool:
    """Retry only what trying again may help."""
    error = await state.aresult(raise_on_failure=False)
    return isinstance(error, Transient)
