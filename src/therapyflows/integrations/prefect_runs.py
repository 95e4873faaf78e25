"""Start, wake and restart flow runs through Prefect's API.  What goes to Prefect are ids; anything else is refused.

Knows Prefect 3.8: a suspended run is resumed with a run input, and the schema of that input is stored a moment after
the state, so that a resume in that moment is asked again.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus, StateAbortDetails, StateRejectDetails
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelling, Crashed, Scheduled

from therapyflows.core.errors import Conflict, Invalid, NotFound, TherapyFlowsError, Transient

TAG: Final = "therapyflows"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}")
_UNFINISHED: Final = [StateType.PENDING, StateType.RUNNING, StateType.CRASHED]
_ENDED: Final = (StateType.FAILED, StateType.CRASHED, StateType.COMPLETED)
_LOOK_BACK: Final = timedelta(days=90)
"""Longer than any draft waits; a run's expected start is set anew when it is resumed or restarted."""
_PAGE: Final = 200
_SCHEMA_TRIES: Final = 6
_SCHEMA_PAUSE_S: Final = 0.5


class PrefectRuns:
    """The port ``Runs``.  As an async context manager it keeps one connection pool; without, each call opens its own.

    Needs ``PREFECT_API_URL``: without it Prefect would silently start a server of its own.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._kept: PrefectClient | None = None
        self._deployments: dict[str, uuid.UUID] = {}

    async def __aenter__(self) -> "PrefectRuns":
        self._kept = await self._stack.enter_async_context(new_client())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept = None
        await self._stack.aclose()

    async def start(self, deployment: str, parameters: Mapping[str, str | None], *, idempotency_key: str) -> str:
        """Create the run, or find the one with this key.  Raises NotFound (no such deployment), Invalid, Transient."""
        _require_ids(parameters)
        async with self._client() as client:
            deployment_id = await self._deployment_id(client, deployment)
            try:
                run = await self._create(client, deployment_id, deployment, parameters, idempotency_key)
            except NotFound:  # deployed anew under another id meanwhile
                del self._deployments[deployment]
                deployment_id = await self._deployment_id(client, deployment)
                run = await self._create(client, deployment_id, deployment, parameters, idempotency_key)
        return str(run.id)

    async def resume(self, flow_run_id: str, decision_id: str) -> None:
        """Wake a suspended run; harmless when it is awake or over.

        Raises NotFound, Transient, Conflict (``run_waited_too_long``: Prefect's own time-out has passed).
        """
        _require_ids({"decision_id": decision_id})
        run_id = run_id_of(flow_run_id)
        async with self._client() as client:
            for _ in range(_SCHEMA_TRIES):
                if (await read_run(client, run_id)).state_type is not StateType.PAUSED:
                    return
                with translated(flow_run_id=flow_run_id):
                    result = await client.resume_flow_run(run_id, run_input={"decision_id": decision_id})
                if _is_settled(result, flow_run_id):
                    return
                await asyncio.sleep(_SCHEMA_PAUSE_S)
        raise Transient("run_not_ready_to_wake", flow_run_id=flow_run_id)

    async def restart(self, flow_run_id: str) -> None:
        """Schedule a run again whose process died, whatever Prefect believes; harmless when it is over or waits."""
        run_id = run_id_of(flow_run_id)
        async with self._client() as client:
            state = (await read_run(client, run_id)).state_type
            if state not in _UNFINISHED:
                return
            with translated(flow_run_id=flow_run_id):
                if state is not StateType.CRASHED:
                    await client.set_flow_run_state(run_id, Crashed(message="The process gave no sign of life."))
                # By force: Prefect's own retry forgets which waits are over, and the run would wait under a key whose
                # input is there already, which Prefect answers with a conflict.
                await client.set_flow_run_state(run_id, Scheduled(name="AwaitingRetry"), force=True)

    async def retry(self, flow_run_id: str) -> bool:
        """Schedule a run again that came to an end or crashed."""
        run_id = run_id_of(flow_run_id)
        async with self._client() as client:
            if (await read_run(client, run_id)).state_type not in _ENDED:
                return False
            with translated(flow_run_id=flow_run_id):
                await client.set_flow_run_state(run_id, Scheduled(name="AwaitingRetry"), force=True)
        return True

    async def counts(self, *, since: datetime) -> Mapping[str, int]:
        """By state type; states without a run are left out."""
        async with self._client() as client:

            async def count(state: StateType) -> tuple[str, int]:
                wanted = FlowRunFilter(
                    tags=FlowRunFilterTags(all_=[TAG]),
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[state])),
                    expected_start_time=FlowRunFilterExpectedStartTime(after_=since),
                )
                return state.value, await client.count_flow_runs(flow_run_filter=wanted)

            with translated():
                found = await asyncio.gather(*(count(state) for state in StateType))
        return {state: number for state, number in found if number}

    async def unfinished(self, deployment: str) -> Mapping[str, str]:
        """Runs that we started on this deployment and that are PENDING, RUNNING or CRASHED."""
        since = datetime.now(UTC) - _LOOK_BACK
        wanted = FlowRunFilter(
            tags=FlowRunFilterTags(all_=[TAG, _use_case(deployment)]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNFINISHED)),
            expected_start_time=FlowRunFilterExpectedStartTime(after_=since),
        )
        found: dict[str, str] = {}
        async with self._client() as client:
            while True:
                with translated():
                    page = await client.read_flow_runs(
                        flow_run_filter=wanted,
                        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
                        limit=_PAGE,
                        offset=len(found),
                    )
                found.update((str(run.id), run.state_type.value) for run in page if run.state_type)
                if len(page) < _PAGE:
                    return found

    async def cancel(self, flow_run_id: str) -> None:
        """Stop the run; a waiting one ends at once.  Harmless when it is over."""
        run_id = run_id_of(flow_run_id)
        async with self._client() as client:
            state = (await read_run(client, run_id)).state
            if state is None or not (state.is_final() or state.is_cancelling()):
                with translated(flow_run_id=flow_run_id):
                    await client.set_flow_run_state(run_id, Cancelling())

    async def state_of(self, flow_run_id: str) -> str:
        async with self._client() as client:
            state = (await read_run(client, run_id_of(flow_run_id))).state_type
        return state.value if state else "PENDING"

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[PrefectClient]:
        if self._kept is not None:
            yield self._kept
            return
        async with new_client() as client:
            yield client

    async def _deployment_id(self, client: PrefectClient, deployment: str) -> uuid.UUID:
        known = self._deployments.get(deployment)
        if known is None:
            name = deployment if "/" in deployment else f"{deployment}/{deployment}"
            with translated(deployment=deployment):
                known = (await client.read_deployment_by_name(name)).id
            self._deployments[deployment] = known
        return known

    async def _create(
        self,
        client: PrefectClient,
        deployment_id: uuid.UUID,
        deployment: str,
        parameters: Mapping[str, str | None],
        idempotency_key: str,
    ) -> FlowRun:
        use_case = _use_case(deployment)
        with translated(deployment=deployment, key=idempotency_key):
            return await client.create_flow_run_from_deployment(
                deployment_id,
                parameters=dict(parameters),
                name=f"{use_case} {_short_reference(parameters)}",
                tags=[TAG, use_case],
                idempotency_key=idempotency_key,
            )


def new_client() -> PrefectClient:
    if not PREFECT_API_URL.value():
        raise Invalid("prefect_api_url_missing", "set PREFECT_API_URL to the address of the Prefect server")
    return get_client()


async def read_run(client: PrefectClient, run_id: uuid.UUID) -> FlowRun:
    with translated(flow_run_id=str(run_id)):
        return await client.read_flow_run(run_id)


def _is_settled(result: "OrchestrationResult[object]", flow_run_id: str) -> bool:
    """False when it should be asked again.  Raises Conflict when the run can no longer be woken."""
    if result.status is SetStateStatus.ACCEPT:
        return True
    details = result.details
    reason = details.reason or "" if isinstance(details, StateAbortDetails | StateRejectDetails) else ""
    if result.status is SetStateStatus.ABORT and "not paused" in reason:
        return True  # somebody else woke it in this moment
    if result.status is SetStateStatus.REJECT and "timed out" in reason:
        raise Conflict("run_waited_too_long", flow_run_id=flow_run_id)
    if result.status is SetStateStatus.REJECT and "schema not found" not in reason:
        raise Invalid("run_refused_wake_up", flow_run_id=flow_run_id)
    return False


def run_id_of(flow_run_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(flow_run_id)
    except ValueError:
        raise NotFound("flow_run_unknown") from None


def _use_case(deployment: str) -> str:
    """``session-note`` of ``session-note`` and of ``session-note/any``."""
    return deployment.partition("/")[0]


def _short_reference(parameters: Mapping[str, str | None]) -> str:
    for name in ("appointment_id", "document_id", "client_id", "event_id"):
        value = parameters.get(name)
        if value:
            return value[-12:]
    return "-"


def _require_ids(parameters: Mapping[str, str | None]) -> None:
    """Prefect shows parameters in clear: whatever does not look like an id does not go there."""
    for name, value in parameters.items():
        if value is not None and not _ID.fullmatch(value):
            raise Invalid("parameter_is_no_id", "flow runs take ids only", name=name)


@contextmanager
def translated(**ids: str) -> Iterator[None]:
    """Errors of Prefect and of its HTTP client become ours; their text is dropped."""
    try:
        yield
    except ObjectNotFound:
        raise NotFound("not_in_prefect", **ids) from None
    except httpx.HTTPStatusError as error:
        raise _of_status(error.response.status_code, ids) from None
    except httpx.HTTPError as error:
        raise Transient("prefect_unreachable", retry_after_s=None, kind=type(error).__name__, **ids) from None


def _of_status(status: int, ids: Mapping[str, str]) -> TherapyFlowsError:
    if status == 404:
        return NotFound("not_in_prefect", **ids)
    if status in (408, 429) or status >= 500:
        return Transient("prefect_unavailable", retry_after_s=None, status=status, **ids)
    return Invalid("prefect_refused", status=status, **ids)
