"""A thousand webhooks at once over real sockets, and kill -9 in the middle of it."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store, open_store

Delivery = Callable[..., tuple[bytes, dict[str, str]]]


@contextmanager
def gateway(folder: Path, secret: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A gateway in its own process; yields its port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("serve_gateway.py")
    process = subprocess.Popen([sys.executable, str(script), str(folder), str(port), secret])
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, process
    finally:
        process.kill()
        process.wait()


async def post(port: int, body: bytes, headers: dict[str, str]) -> int:
    """The status, or 0 when the connection broke off before there was one."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = ["POST /webhooks/ehr HTTP/1.1", "host: gateway", f"content-length: {len(body)}", *lines]
        writer.write("\r\n".join([*head, "connection: close", "", ""]).encode() + body)
        await writer.drain()
        status = await reader.readline()
        return int(status.split()[1]) if status else 0
    except OSError:
        return 0
    finally:
        writer.close()


@contextmanager
def reopened(folder: Path) -> Iterator[Store]:
    store = open_store(
        f"sqlite:///{folder / 'store.sqlite'}",
        practice_key=b"practice key for the tests only.",
        signing_key=b"signing key for the tests only..",
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )
    yield store
    store.close()


def stored(store: Store) -> list[str]:
    return sorted(event.id for event in store.inbox.next_batch(10_000, lease=timedelta(0)))


async def test_a_thousand_at_once_nothing_lost_nothing_twice_forged_ones_refused(
    tmp_path: Path, secret: str, delivery: Delivery
) -> None:
    now = datetime.now(UTC)
    genuine = [delivery(f"msg_{n % 900}", now, object_id=f"d-{n % 900}") for n in range(1000)]
    forged = [delivery(f"bad_{n}", now, secret="whsec_" + "A" * 32) for n in range(100)]
    with gateway(tmp_path, secret) as (port, _):
        statuses = await asyncio.gather(*(post(port, *sent) for sent in genuine + forged))
    assert statuses == [202] * 1000 + [401] * 100
    with reopened(tmp_path) as store:
        assert stored(store) == sorted(f"msg_{n}" for n in range(900))
        received = [e.entry for e in store.audit.search(limit=5000) if e.entry.action is Action.EVENT_RECEIVED]
        assert len(received) == 900


@pytest.mark.parametrize("acknowledged", [1, 60, 250])
async def test_what_was_acknowledged_before_a_kill_is_kept(
    acknowledged: int, tmp_path: Path, secret: str, delivery: Delivery
) -> None:
    now = datetime.now(UTC)
    done: list[str] = []
    with gateway(tmp_path, secret) as (port, process):

        async def send(n: int) -> None:
            if await post(port, *delivery(f"msg_{n}", now, object_id=f"d-{n}")) == 202:
                done.append(f"msg_{n}")
                if len(done) >= acknowledged:
                    process.send_signal(signal.SIGKILL)

        await asyncio.gather(*(send(n) for n in range(600)))
        assert process.wait() == -signal.SIGKILL
    assert done
    with reopened(tmp_path) as store:
        kept = stored(store)
    assert set(done) <= set(kept)
    with gateway(tmp_path, secret) as (port, _):
        again = [delivery(f"msg_{n}", datetime.now(UTC), object_id=f"d-{n}") for n in range(600)]
        statuses = await asyncio.gather(*(post(port, *sent) for sent in again))
    assert set(statuses) == {202}
    with reopened(tmp_path) as store:
        assert stored(store) == sorted(f"msg_{n}" for n in range(600))
        received = [e.entry.resource for e in store.audit.search(limit=5000)]
        assert len(received) == len(set(received)) == 600
