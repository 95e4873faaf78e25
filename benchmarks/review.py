"""How fast the review application shows a queue and a draft in a store of 100,000 drafts, beside bare rendering.

    python benchmarks/review.py [--drafts 100000] [--waiting 2000] [--requests 100] [--only sqlite|postgresql]
                                [--no-browser] [--json]

The application runs in a process of its own, over a socket, on a filled store; the chart behind it answers from memory.
Beside each page: the same template rendered again from values that lie in memory, in the same process, without session,
store, access check or audit entry.  In Chromium: how long the page is busy while a 90-minute draft is scrolled and
played.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.postgres import running_cluster

from review_browser import busy_while_scrolling_and_playing
from review_store import LONG_MIN, SHORT_MIN, Filled, fill, opened

Measured = dict[str, float]
WARM_UP = 5
AS_A_BROWSER = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}


def serve(url: str, folder: Path, port: int) -> None:
    """The real application, and ``/bare/<template>`` beside it.  Never returns."""
    import uvicorn
    from tests.web.review.conftest import make_deps
    from tests.web.review.fakes import FakeRuns

    from review_bare import with_bare_pages
    from therapyflows.app.logging import configure_logging
    from therapyflows.web.review.__main__ import leave_alone_what_stays

    configure_logging("review")
    store = opened(url, folder)
    filled = Filled.load(folder)
    deps = filled.deps(make_deps(store, f"http://127.0.0.1:{port}", FakeRuns()), store)
    app = with_bare_pages(deps)
    leave_alone_what_stays()
    uvicorn.run(app, port=port, log_level="warning", access_log=False)


@contextmanager
def running(url: str, folder: Path) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, __file__, "--serve", url, "--folder", str(folder), "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    base_url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{base_url}/healthz", process)
        yield base_url
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the application did not start")


def timed(client: httpx.Client, paths: list[str], requests: int) -> list[float]:
    """Milliseconds of each request, the addresses one after the other in turn."""
    found = []
    for number in range(WARM_UP + requests):
        started = time.perf_counter()
        answer = client.get(paths[number % len(paths)])
        took = 1000 * (time.perf_counter() - started)
        assert answer.status_code == 200, (answer.status_code, paths[number % len(paths)])
        if number >= WARM_UP:
            found.append(took)
    return found


def measure(base_url: str, filled: Filled, requests: int) -> dict[str, Measured]:
    """By page: milliseconds (median, 95th percentile), the same bare, and bytes."""
    pages = {
        "queue": ["/"],
        f"draft of {SHORT_MIN} minutes": [f"/drafts/{draft}" for draft in filled.short],
        f"draft of {LONG_MIN} minutes": [f"/drafts/{draft}" for draft in filled.long],
    }
    found = {}
    with httpx.Client(base_url=base_url, follow_redirects=True, timeout=120, headers=AS_A_BROWSER) as client:
        assert client.get("/login/start").status_code == 200
        for name, paths in pages.items():
            ours, html = timed(client, paths, requests), client.get(paths[0])
            bare = timed(client, [f"/bare/{'queue' if name == 'queue' else 'draft'}.html"], requests)
            found[name] = numbers(ours) | {f"bare {k}": v for k, v in numbers(bare).items()} | weight(client, html)
    return found


def numbers(milliseconds: list[float]) -> Measured:
    return {"p50 ms": statistics.median(milliseconds), "p95 ms": statistics.quantiles(milliseconds, n=20)[-1]}


def weight(client: httpx.Client, page: httpx.Response) -> Measured:
    """Kilobytes of the page and of all static files that it names, as they are and as they travel."""
    import re

    files = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)))
    answers = [client.get(file) for file in files]
    travelled = sum(a.num_bytes_downloaded for a in (page, *answers))
    return {
        "page kB": len(page.content) / 1000,
        "with static files kB": sum(len(a.content) for a in (page, *answers)) / 1000,
        "as sent kB": travelled / 1000,
    }


def run(url: str, folder: Path, args: argparse.Namespace) -> dict[str, Measured]:
    started = time.perf_counter()
    filled = fill(url, folder, drafts=args.drafts, waiting=args.waiting)
    found: dict[str, Measured] = {"filling": {"seconds": time.perf_counter() - started}}
    with running(url, folder) as base_url:
        found |= measure(base_url, filled, args.requests)
        if not args.no_browser:
            found |= busy_while_scrolling_and_playing(base_url, filled.long[0])
    return found


def on_sqlite(args: argparse.Namespace) -> dict[str, Measured]:
    with tempfile.TemporaryDirectory() as name:
        return run(f"sqlite:///{Path(name) / 'store.sqlite'}", Path(name), args)


def on_postgresql(args: argparse.Namespace) -> dict[str, Measured]:
    with tempfile.TemporaryDirectory() as name, running_cluster(fsync=True) as cluster:
        return run(cluster.url(cluster.new_database()), Path(name), args)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=100_000)
    parser.add_argument("--waiting", type=int, default=2_000, help="for the one person who looks")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--json", action="store_true")
    for inner in ("--serve", "--folder", "--port"):
        parser.add_argument(inner, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve, Path(args.folder), int(args.port))
    kinds = {"sqlite": on_sqlite, "postgresql": on_postgresql}
    found = {kind: measured(args) for kind, measured in kinds.items() if args.only in (None, kind)}
    if args.json:
        print(json.dumps(found))
        return
    for kind, pages in found.items():
        print(kind)
        for page, values in pages.items():
            print(f"  {page:<24}" + "  ".join(f"{name} {value:,.1f}" for name, value in values.items()))


if __name__ == "__main__":
    main()
