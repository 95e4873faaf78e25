"""Scans the review application with Wapiti, signed out and signed in: ``python -m tests.web.review.scan``.

The scanner is a program of its own (``make setup-dev`` installs it below ``.venv``).  It is given the pages of the
application on loopback, a clinician's session, and the header that a browser would send with our forms; it submits the
forms with payloads of its own.  Modules that need a server of the scanner's makers are left out.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.stores import open_test_store
from tests.web.review.conftest import World, serving_world
from tests.web.review.practice import session_draft, session_transcript

from therapyflows.core.ports import Drafts

WAPITI = Path(sys.prefix) / "scanner/bin/wapiti"

PASSIVE = ("cookieflags", "csp", "http_headers", "csrf", "methods")
ACTIVE = (
    "xss", "permanentxss", "redirect", "crlf", "file", "exec", "sql", "ldap", "htaccess", "shellshock",
    "information_disclosure", "upload", "timesql",
)  # fmt: skip
"""Without those that guess names of files: what is served is one folder and the routes."""
ENDS_THE_SESSION = ("/logout", "/login/start*", "/confirm/start*", "/auth/callback*")
LEVELS = {0: "info", 1: "low", 2: "medium", 3: "high", 4: "critical"}
MEDIUM = 2
HOURS = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the scanner reports."""

    category: str
    level: int
    method: str
    path: str
    info: str

    def __str__(self) -> str:
        return f"{LEVELS[self.level]:8} {self.category}: {self.method} {self.path}: {self.info}"


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]
    pages: int
    """Addresses and forms that the scanner found and tried."""
    cut_short: tuple[str, ...]
    """Modules that had not tried everything when their time was over."""
    seconds: float

    @property
    def serious(self) -> tuple[Finding, ...]:
        """What is of medium severity or above, and open redirects, which the scanner calls low."""
        return tuple(f for f in self.findings if f.level >= MEDIUM or f.category == "Open Redirect")


def scan(
    base_url: str,
    *,
    modules: Sequence[str],
    start: Sequence[str] = (),
    exclude: Sequence[str] = (),
    cookies: str = "",
    seconds_per_module: int = 120,
) -> Report:
    """Run the scanner over everything that is linked from ``base_url`` and ``start``."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(WAPITI, "-u", f"{base_url}/", "-m", ",".join(modules), "--scope", "domain", "--flush-session"),
            *("--store-session", folder, "--store-config", folder, "--no-bugreport", "-f", "json", "-o", report),
            *("-H", f"Origin: {base_url}", "--max-attack-time", seconds_per_module, "--max-scan-time", 120, "-v", 1),
            *("--max-links-per-page", 200, "--max-parameters", 20, "-d", 6, "--tasks", 4),
        ]
        for name, values in (("-s", start), ("-x", exclude), ("-C", (cookies,) if cookies else ())):
            for value in values:
                command += [name, value]
        done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, timeout=3600)
        if done.returncode != 0 or not report.exists():
            raise RuntimeError(f"the scanner failed: {done.stdout[-2000:]!r} {done.stderr[-2000:]!r}")
        cut = re.findall(r"Max attack time was reached for module (\w+)", done.stdout.decode(errors="replace"))
        return _read(json.loads(report.read_text()), time.monotonic() - began, tuple(cut))


def _read(document: dict, seconds: float, cut_short: tuple[str, ...]) -> Report:
    found = []
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for category, entries in document[part].items():
            found += [Finding(category, e["level"], e["method"], e["path"], e["info"]) for e in entries]
    return Report(tuple(sorted(found, key=str)), int(document["infos"]["crawled_pages_nbr"]), cut_short, seconds)


class UpToDate:
    """Puts the draft's present version into each form: the scanner sends what stood in the page when it read it, and
    all but its first change would be refused as stale."""

    def __init__(self, app: ASGIApp, drafts: Drafts) -> None:
        self.app, self.drafts = app, drafts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        draft = re.match(r"/drafts/(drf_\w+)/", scope.get("path", ""))
        if draft is None or scope.get("method") != "POST":
            await self.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        version = f"version={self.drafts.get(draft[1]).version}".encode()
        body = re.sub(rb"\bversion=\d+", version, body)
        scope["headers"] = [(k, v) for k, v in scope["headers"] if k != b"content-length"]
        scope["headers"].append((b"content-length", str(len(body)).encode()))

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)


@contextmanager
def scanned_world(statements: int | None = None) -> Iterator[World]:
    """The application with one draft, perhaps a short one.

    Failures are not slowed down in it, because that would hide what is behind them; and nobody idles out, because the
    scanner keeps the cookie that it was given.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = open_test_store(Path(folder))
        try:
            around = partial(UpToDate, drafts=store.drafts)
            seeds = _shortened(statements) if statements else {}
            with serving_world(store, seeds=seeds, around=around, lockout_after=10**9, idle_timeout=HOURS) as world:
                yield world
        finally:
            store.close()


def as_clinician(world: World, modules: Sequence[str], **more: int) -> Report:
    """All that a clinician reaches, but for what would end the scan's own session or draft."""
    pages = ["/", world.path, "/clients/c-1", "/emergency", "/emergency-reviews", "/confirm?next=/", "/nowhere"]
    return _signed_in(world, "u-clin", pages, modules, **more)


def as_administrator(world: World, modules: Sequence[str], **more: int) -> Report:
    """The pages about the trail, disclosures and emergencies."""
    pages = ["/", "/audit", "/clients/c-1", "/clients/c-1/disclosures", "/emergency-reviews", world.path]
    return _signed_in(world, "u-mgr", pages, modules, **more)


def _signed_in(world: World, user_id: str, pages: Sequence[str], modules: Sequence[str], **more: int) -> Report:
    client = world.signed_in(user_id)
    world.confirm(client, "/")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return scan(
        world.base_url,
        modules=modules,
        start=[world.base_url + page for page in pages],
        exclude=[
            world.base_url + path for path in (*ENDS_THE_SESSION, f"{world.path}/approve", f"{world.path}/reject")
        ],
        cookies=cookies,
        **more,
    )


def _shortened(statements: int) -> dict[str, object]:
    draft, transcript = session_draft(), session_transcript()
    return {
        "draft": replace(draft, statements=draft.statements[:statements]),
        "transcript": replace(transcript, segments=transcript.segments[: 3 * statements]),
    }


def as_nobody(world: World, modules: Sequence[str], **more: int) -> Report:
    """What anybody reaches, with the addresses of what they should not reach."""
    pages = ["/login?next=/x", "/signed-out", "/auth/callback?code=a&state=b", world.path, "/healthz", "/nowhere"]
    return scan(world.base_url, modules=modules, start=[world.base_url + page for page in pages], **more)


RUNS = {"signed out": as_nobody, "a clinician": as_clinician, "a practice administrator": as_administrator}


def main() -> None:
    modules = (*PASSIVE, *ACTIVE)
    serious = 0
    with scanned_world(statements=3) as world:
        for name, run in RUNS.items():
            report = run(world, modules, seconds_per_module=600)
            serious += len(report.serious)
            print(f"{name}: {report.pages} addresses and forms, {len(modules)} modules, {report.seconds:.0f} s")
            print("\n".join(map(str, report.findings)) or "nothing found")
            print(f"not finished in time: {', '.join(report.cut_short) or 'none'}", flush=True)
    sys.exit(1 if serious else 0)


if __name__ == "__main__":
    main()
