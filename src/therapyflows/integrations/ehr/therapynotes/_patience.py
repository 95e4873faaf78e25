"""How often and how long: exponential backoff with full jitter under one budget of time."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, retry_if_result

from therapyflows.core.errors import TherapyFlowsError, Transient, UnknownOutcome
from therapyflows.integrations.ehr.therapynotes._settings import TherapyNotesSettings

log = structlog.get_logger()

V = TypeVar("V")

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Time and chance, injectable so that tests neither wait nor guess.  ``clock`` is monotonic, in seconds."""

    clock: Clock = time.monotonic
    sleep: Sleep = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform


class Patience:
    def __init__(self, settings: TherapyNotesSettings, timing: Timing) -> None:
        self._settings = settings
        self._timing = timing

    async def repeat(self, attempt: Callable[[], Awaitable[V]]) -> V:
        """Repeat while it raises Transient, but never an UnknownOutcome; then raise the last error."""
        retry = retry_if_exception(lambda e: isinstance(e, Transient) and not isinstance(e, UnknownOutcome))
        policy = AsyncRetrying(
            retry=retry,
            wait=self._wait_s,
            stop=self._stop(self._settings.budget_s, self._settings.max_attempts),
            sleep=self._timing.sleep,
            before_sleep=_say,
            reraise=True,
        )
        return await _run(policy, attempt)

    async def settle(self, look_up: Callable[[], Awaitable[V | None]]) -> V | None:
        """Look up until it is there or ``settle_s`` is over; any trouble with looking counts as not there yet."""
        trouble = retry_if_exception(lambda e: isinstance(e, TherapyFlowsError))
        policy = AsyncRetrying(
            retry=trouble | retry_if_result(lambda found: found is None),
            wait=self._wait_s,
            stop=self._stop(self._settings.settle_s, None),
            sleep=self._timing.sleep,
            retry_error_callback=lambda state: None,
        )
        return await _run(policy, look_up)

    def _wait_s(self, state: RetryCallState) -> float:
        ceiling_s = min(
            self._settings.backoff_cap_s, self._settings.backoff_first_s * 2 ** min(state.attempt_number - 1, 30)
        )
        asked_s = getattr(_error_of(state), "retry_after_s", None) or 0.0
        return float(asked_s) + self._timing.uniform(0, ceiling_s)

    def _stop(self, budget_s: float, max_attempts: int | None) -> Callable[[RetryCallState], bool]:
        deadline = self._timing.clock() + budget_s

        def over(state: RetryCallState) -> bool:
            if max_attempts is not None and state.attempt_number >= max_attempts:
                return True
            return self._timing.clock() + state.upcoming_sleep > deadline

        return over


async def _run(policy: AsyncRetrying, attempt: Callable[[], Awaitable[V]]) -> V:
    async def awaited() -> V:  # tenacity awaits only what is declared `async def`
        return await attempt()

    result: V = await policy(awaited)
    return result


def _say(state: RetryCallState) -> None:
    code = getattr(_error_of(state), "code", None)
    log.info("ehr_call_waits", code=code, attempt=state.attempt_number, wait_s=round(state.upcoming_sleep, 2))


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
