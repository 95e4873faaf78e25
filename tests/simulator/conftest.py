"""A live simulator as a subprocess, over a real socket and a real database file."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

SERVICE = ("therapyflows", "demo-only-service-secret")
CONTROL = {"X-Control-Token": "demo-only-control-token"}


REDIRECT = "http://127.0.0.1:4280/auth/callback"


def code_form(code: str, verifier: str, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": "therapyflows-review",
        "redirect_uri": REDIRECT,
        "code": code,
        "code_verifier": verifier,
        **changes,
    }


def until(holds: Callable[[], Any], *, seconds: float = 20) -> Any:
    """Poll until the value is true; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = holds()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail("not reached in time")


@dataclass
class Ehr:
    """One running simulator and what a test does to it."""

    url: str
    process: subprocess.Popen[bytes]

    def token(self, scope: str | None = None) -> str:
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        answer = httpx.post(f"{self.url}/oauth/token", data=form, auth=SERVICE)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def person_token(self, login: str, scope: str = "openid") -> str:
        """The token of a person who logs in on the EHR's page (authorization code with PKCE)."""
        return self.log_in(login, scope)["access_token"]

    def log_in(self, login: str, scope: str, **query: str) -> dict[str, Any]:
        verifier = uuid.uuid4().hex * 2
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": "therapyflows-review",
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "st-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **query,
        }
        with httpx.Client(base_url=self.url) as browser:
            shown = browser.get("/oauth/authorize", params=asked)
            assert shown.status_code == 200, shown.text
            form = {**asked, "login": login, "password": f"demo-{login.split('.')[0]}"}
            back = browser.post("/oauth/login", data=form)
        assert back.status_code == 302, back.text
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        answer = httpx.post(f"{self.url}/oauth/token", data=code_form(code, verifier))
        assert answer.status_code == 200, answer.text
        return {**answer.json(), "code": code, "verifier": verifier}

    @contextmanager
    def client(self, token: str | None = None, **options: Any) -> Iterator[httpx.Client]:
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        with httpx.Client(base_url=f"{self.url}/v1", headers=headers, timeout=20, **options) as client:
            yield client

    def control(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        method = "POST" if body is not None or more else "GET"
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=CONTROL, timeout=60, **more)
        assert answer.is_success, answer.text
        return answer.json()

    def fault(self, kind: str, **options: Any) -> None:
        self.control("/_faults", {"kind": kind, **options})

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class Start:
    """Starts simulators and ends each of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def __call__(self, data: Path, *options: str) -> Ehr:
        ready = self.folder / f"ready-{uuid.uuid4().hex}.json"
        command = [sys.executable, "-m", "therapyflows.simulator", "--port", "0", "--data", str(data)]
        command += ["--ready-file", str(ready), "--retry-scale", "0.01", "--check-responses", *options]
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        self.started.append(process)
        until(lambda: ready.exists() or process.poll() is not None, seconds=30)
        assert process.poll() is None, "the simulator did not start"
        return Ehr(json.loads(ready.read_text())["url"], process)

    def end_all(self) -> None:
        for process in self.started:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    starter = Start(tmp_path_factory.mktemp("ready"))
    yield starter
    starter.end_all()


@pytest.fixture(scope="module")
def ehr(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Ehr:
    """A practice shared by the tests of one module."""
    return start(tmp_path_factory.mktemp("practice"))


@pytest.fixture
def api(ehr: Ehr) -> Iterator[httpx.Client]:
    with ehr.client() as client:
        yield client
    httpx.delete(f"{ehr.url}/_faults", headers=CONTROL)


def progress_note(**changes: Any) -> dict[str, Any]:
    return {
        "clientId": "cl-0001",
        "appointmentId": "ap-0001",
        "clinicianId": "us-0001",
        "format": "soap",
        "draftContent": [{"name": "Subjective", "text": "Client reports a quiet week."}],
        "externalId": f"draft-{uuid.uuid4().hex}",
        **changes,
    }


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """A web server that keeps every delivery; ``answers`` are used up first, then 204."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        self._lock = Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if len(body) < int(self.headers["content-length"]):
                    return  # the sender was killed in the middle
                headers = {name.lower(): value for name, value in self.headers.items()}
                with receiver._lock:
                    receiver.received.append(Received(headers, body, self.path))
                    status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                return  # a killed sender resets its connections

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver()
    yield listening
    listening.close()
