"""The port ``Runs`` on a real Prefect server: each test would fail if Prefect behaved differently than we think."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, PREFECT_HOME, temporary_settings
from prefect.states import Crashed, Pending, Running, Suspended

from therapyflows.core.errors import Conflict, Invalid, NotFound, Transient
from therapyflows.integrations.prefect_pages import PrefectPages
from therapyflows.integrations.prefect_runs import TAG, PrefectRuns

BOOT_S = 180
RUN_S = 90
NOBODYS_RUN = "00000000-0000-4000-8000-000000000000"  # the same in every test process, or they cannot share the work


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(arguments: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    """A process with all its children, ended at the end."""
    with log.open("wb") as out:
        child = subprocess.Popen(arguments, env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def wait_until_up(url: str, log: Path) -> None:
    deadline = time.monotonic() + BOOT_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    pytest.fail(f"no Prefect server: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def prefect_env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server and a process that serves the flows of ``prefect_flows.py``."""
    home = tmp_path_factory.mktemp("prefect")
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    env = os.environ | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "DYING_MARKS": str(home),
        # Its sweep fails a run whose pause is over; a test asks what comes before that.
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "3600",
    }
    prefect = str(Path(sys.executable).with_name("prefect"))
    with ExitStack() as stack:
        server = [prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(process(server, env, home / "server.log"))
        wait_until_up(url, home / "server.log")
        flows = [sys.executable, str(Path(__file__).with_name("prefect_flows.py"))]
        stack.enter_context(process(flows, env, home / "flows.log"))
        yield env


@pytest.fixture
async def runs(prefect_env: dict[str, str]) -> AsyncIterator[PrefectRuns]:
    settings = {PREFECT_API_URL: prefect_env["PREFECT_API_URL"], PREFECT_HOME: prefect_env["PREFECT_HOME"]}
    with temporary_settings(settings):
        await until(lambda: deployed("waiting", "dying", "stubborn", "failing"), bool, BOOT_S)
        async with PrefectRuns() as runs:
            yield runs


async def deployed(*names: str) -> bool:
    async with get_client() as client:
        return set(names) <= {deployment.name for deployment in await client.read_deployments()}


async def until(
    look: Callable[[], Awaitable[object]], good: Callable[[object], bool], seconds: float = RUN_S
) -> object:
    """Look again and again until it is good; the last look when the time is over."""
    deadline = time.monotonic() + seconds
    while not good(seen := await look()) and time.monotonic() < deadline:
        await asyncio.sleep(0.3)
    assert good(seen), seen
    return seen


async def until_state(runs: PrefectRuns, run_id: str, state: str) -> None:
    await until(lambda: runs.state_of(run_id), lambda seen: seen == state)


def about(appointment_id: str = "a-1") -> dict[str, str | None]:
    return {"appointment_id": appointment_id, "document_id": "d-1", "event_id": "evt_1"}


async def read(run_id: str) -> FlowRun:
    async with get_client() as client:
        return await client.read_flow_run(uuid.UUID(run_id))


async def idle_run(runs: PrefectRuns) -> str:
    """A run of a deployment that nobody serves."""
    async with get_client() as client:
        await make_idle(client)
    return await runs.start("idle", about(), idempotency_key=uuid.uuid4().hex)


async def make_idle(client: PrefectClient) -> None:
    flow_id = await client.create_flow_from_name("idle")
    await client.create_deployment(flow_id, "idle")


async def put_into(run_id: str, state: object) -> None:
    async with get_client() as client:
        await client.set_flow_run_state(uuid.UUID(run_id), state, force=True)  # type: ignore[arg-type]


# --- start ----------------------------------------------------------------------------------------------------------


async def test_the_same_key_gives_the_same_run(runs: PrefectRuns) -> None:
    first = await idle_run(runs)
    key = (await read(first)).idempotency_key
    again = await asyncio.gather(*(runs.start("idle", about("other"), idempotency_key=str(key)) for _ in range(8)))
    assert set(again) == {first}


async def test_a_run_is_named_and_tagged_by_its_use_case_and_a_reference(runs: PrefectRuns) -> None:
    run = await read(await idle_run(runs))
    assert run.name == "idle a-1"
    assert {TAG, "idle"} <= set(run.tags)
    assert run.parameters == about()


async def test_an_unknown_deployment_is_not_found(runs: PrefectRuns) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        await runs.start("nowhere", about(), idempotency_key="k")


async def test_a_deployment_that_was_made_anew_is_found_again(runs: PrefectRuns) -> None:
    await idle_run(runs)
    async with get_client() as client:
        await client.delete_deployment((await client.read_deployment_by_name("idle/idle")).id)
        await make_idle(client)
    assert await runs.start("idle", about(), idempotency_key=uuid.uuid4().hex)


async def test_text_is_not_accepted_where_an_id_belongs(runs: PrefectRuns) -> None:
    with pytest.raises(Invalid) as refused:
        await runs.start("idle", {"appointment_id": "client was very sad"}, idempotency_key="k")
    assert "sad" not in str(refused.value)


# --- resume ---------------------------------------------------------------------------------------------------------


async def test_a_waiting_run_wakes_with_the_decision_it_was_told(runs: PrefectRuns) -> None:
    run_id = await runs.start("waiting", about(), idempotency_key=uuid.uuid4().hex)
    await until_state(runs, run_id, "PAUSED")
    await asyncio.gather(*(runs.resume(run_id, "dec_1") for _ in range(4)))
    await until_state(runs, run_id, "COMPLETED")
    assert (await read(run_id)).state.message == "dec_1"  # type: ignore[union-attr]
    await runs.resume(run_id, "dec_2")
    assert await runs.state_of(run_id) == "COMPLETED"


async def test_a_run_resumed_before_prefect_stored_the_input_schema_is_asked_again(runs: PrefectRuns) -> None:
    run_id = await idle_run(runs)
    await put_into(run_id, Running())
    async with get_client() as client:
        suspended = Suspended(timeout_seconds=600, pause_key="1")
        keys = {"response": "suspended-1-response", "schema": "suspended-1-schema"}
        suspended.state_details.run_input_keyset = keys
        await client.set_flow_run_state(uuid.UUID(run_id), suspended)
        waking = asyncio.create_task(runs.resume(run_id, "dec_1"))
        await asyncio.sleep(0.7)
        assert not waking.done()
        schema = '{"type": "object", "properties": {"decision_id": {"type": "string"}}, "required": ["decision_id"]}'
        await client.create_flow_run_input(uuid.UUID(run_id), keys["schema"], schema)
        await waking
    assert await runs.state_of(run_id) == "SCHEDULED"


async def test_a_run_that_never_gets_its_schema_is_transient(runs: PrefectRuns) -> None:
    run_id = await idle_run(runs)
    await put_into(run_id, Running())
    async with get_client() as client:
        suspended = Suspended(timeout_seconds=600, pause_key="1")
        suspended.state_details.run_input_keyset = {"response": "r", "schema": "s"}
        await client.set_flow_run_state(uuid.UUID(run_id), suspended)
    with pytest.raises(Transient):
        await runs.resume(run_id, "dec_1")


async def test_a_run_that_waited_longer_than_prefect_allows_is_a_conflict(runs: PrefectRuns) -> None:
    run_id = await idle_run(runs)
    await put_into(run_id, Running())
    past = Suspended(pause_expiration_time=datetime.now(UTC) - timedelta(seconds=5), pause_key="1")
    await put_into(run_id, past)
    with pytest.raises(Conflict, match="run_waited_too_long"):
        await runs.resume(run_id, "dec_1")


async def test_resuming_a_run_that_is_awake_changes_nothing(runs: PrefectRuns) -> None:
    run_id = await idle_run(runs)
    await runs.resume(run_id, "dec_1")
    assert await runs.state_of(run_id) == "SCHEDULED"


@pytest.mark.parametrize("run_id", [NOBODYS_RUN, "no-uuid"])
async def test_an_unknown_run_is_not_found(runs: PrefectRuns, run_id: str) -> None:
    for call in (runs.resume(run_id, "dec_1"), runs.cancel(run_id), runs.restart(run_id), runs.state_of(run_id)):
        with pytest.raises(NotFound):
            await call


# --- restart, unfinished, cancel ------------------------------------------------------------------------------------


async def test_a_killed_run_is_seen_and_lives_again(runs: PrefectRuns) -> None:
    run_id = await runs.start("dying", about(uuid.uuid4().hex), idempotency_key=uuid.uuid4().hex)
    await until(lambda: runs.unfinished("dying"), lambda seen: seen.get(run_id) == "CRASHED")  # type: ignore[attr-defined]
    await runs.restart(run_id)
    await until_state(runs, run_id, "COMPLETED")
    assert (await read(run_id)).state.message == "second life"  # type: ignore[union-attr]


async def test_a_run_that_died_after_it_was_woken_waits_again_and_can_be_woken_again(runs: PrefectRuns) -> None:
    run_id = await runs.start("stubborn", about(uuid.uuid4().hex), idempotency_key=uuid.uuid4().hex)
    await until_state(runs, run_id, "PAUSED")
    await runs.resume(run_id, "dec_made_up")
    await until_state(runs, run_id, "CRASHED")
    await runs.restart(run_id)
    await until_state(runs, run_id, "PAUSED")
    await runs.resume(run_id, "dec_real")
    await until_state(runs, run_id, "COMPLETED")


@pytest.mark.parametrize("state", [Pending(), Running(), Crashed(message="gone")])
async def test_a_dead_run_in_any_state_is_scheduled_again(runs: PrefectRuns, state: object) -> None:
    run_id = await idle_run(runs)
    await put_into(run_id, state)
    assert run_id in await runs.unfinished("idle")
    await runs.restart(run_id)
    assert await runs.state_of(run_id) == "SCHEDULED"
    assert run_id not in await runs.unfinished("idle")


async def test_a_run_that_waits_for_a_person_is_not_restarted(runs: PrefectRuns) -> None:
    run_id = await idle_run(runs)
    await put_into(run_id, Suspended(timeout_seconds=60, pause_key="1"))
    await runs.restart(run_id)
    assert await runs.state_of(run_id) == "PAUSED"


async def test_a_run_that_came_to_an_end_is_tried_again(runs: PrefectRuns, prefect_env: dict[str, str]) -> None:
    run_id = await runs.start("failing", about("a-fails"), idempotency_key=uuid.uuid4().hex)
    await until_state(runs, run_id, "FAILED")
    assert await runs.retry(run_id)
    await until_state(runs, run_id, "COMPLETED")
    assert await runs.retry(run_id), "a run that ended with a refusal has completed for Prefect"
    lives = Path(prefect_env["DYING_MARKS"]) / "a-fails-lives"
    await until(lambda: asyncio.to_thread(lives.read_text), lambda seen: seen == "xxx")


@pytest.mark.parametrize("name", ["RUNNING", "PENDING", "PAUSED"])
async def test_a_run_that_has_not_ended_is_not_tried_again(runs: PrefectRuns, name: str) -> None:
    run_id = await idle_run(runs)
    # Made here: a pause counts from when its state was made.
    states = {"RUNNING": Running(), "PENDING": Pending(), "PAUSED": Suspended(timeout_seconds=600, pause_key="1")}
    await put_into(run_id, states[name])
    assert not await runs.retry(run_id)
    assert await runs.state_of(run_id) == name


async def test_runs_are_counted_by_their_state(runs: PrefectRuns) -> None:
    since = datetime.now(UTC) - timedelta(days=1)
    before = await runs.counts(since=since)
    for state in (Running(), Crashed(), Crashed()):
        await put_into(await idle_run(runs), state)
    after = await runs.counts(since=since)
    assert after["RUNNING"] == before.get("RUNNING", 0) + 1
    assert after["CRASHED"] == before.get("CRASHED", 0) + 2
    assert await runs.counts(since=datetime.now(UTC) + timedelta(days=1)) == {}


async def test_waiting_and_scheduled_runs_are_cancelled_at_once(runs: PrefectRuns) -> None:
    scheduled, waiting = await idle_run(runs), await idle_run(runs)
    await put_into(waiting, Suspended(timeout_seconds=60, pause_key="1"))
    for run_id in (scheduled, waiting):
        await runs.cancel(run_id)
        await runs.cancel(run_id)
        assert await runs.state_of(run_id) == StateType.CANCELLED.value


# --- when Prefect is away ---------------------------------------------------------------------------------------------


async def test_an_unreachable_server_is_transient() -> None:
    away = {PREFECT_API_URL: f"http://127.0.0.1:{free_port()}/api", PREFECT_CLIENT_MAX_RETRIES: 0}
    with temporary_settings(away):
        with pytest.raises(Transient):
            await PrefectRuns().start("idle", about(), idempotency_key="k")
        with pytest.raises(Transient):
            await PrefectRuns().state_of(str(uuid.uuid4()))


async def test_without_an_address_no_server_is_started_behind_our_back() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}), pytest.raises(Invalid, match="PREFECT_API_URL"):
        await PrefectRuns().state_of(str(uuid.uuid4()))


# --- the page of a run ---------------------------------------------------------------------------------------------


async def pages_of(run_id: str) -> list[str]:
    async with get_client() as client:
        of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[uuid.UUID(run_id)]))
        return [artifact.data for artifact in await client.read_artifacts(artifact_filter=of_run)]


async def test_a_page_is_brought_up_to_date_and_never_doubled_also_after_the_end(runs: PrefectRuns) -> None:
    run_id = await idle_run(runs)
    for text in ("first", "second"):
        await PrefectPages().show(run_id, key=f"audit-{run_id}", title="Audit entries", text=text)
        assert await pages_of(run_id) == [text]
    await runs.cancel(run_id)
    await PrefectPages().show(run_id, key=f"audit-{run_id}", title="Audit entries", text="third")
    assert await pages_of(run_id) == ["third"]


@pytest.mark.parametrize("run_id", [NOBODYS_RUN, "run-1"])
async def test_a_run_that_prefect_does_not_know_has_no_page(runs: PrefectRuns, run_id: str) -> None:
    with pytest.raises(NotFound):
        await PrefectPages().show(run_id, key="audit-x", title="Audit entries", text="text")
