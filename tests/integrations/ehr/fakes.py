"""Fakes with a script and a history: an audit trail, a clock, and an EHR that misbehaves on order."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from therapyflows.governance.audit.model import Actor, AuditEntry, ChainedEntry
from therapyflows.integrations.ehr.therapynotes import TherapyNotes, TherapyNotesSettings
from therapyflows.integrations.ehr.therapynotes._patience import Timing

ACTOR = Actor(kind="service", id="worker")
BASE_URL = "https://ehr.example.test"


class AuditFake:
    """Keeps what was appended; ``fail_when`` decides which entries it cannot take."""

    def __init__(self, fail_when: Callable[[AuditEntry], bool] = lambda entry: False) -> None:
        self.history: list[AuditEntry] = []
        self.fail_when = fail_when

    def append(self, entry: AuditEntry) -> int:
        if self.fail_when(entry):
            raise OSError("disk full while storing Zelda Quartz")
        self.history.append(entry)
        return len(self.history)

    def search(self, **filters: Any) -> list[ChainedEntry]:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return [ChainedEntry(seq, now, entry, "", "") for seq, entry in enumerate(self.history, 1)]

    def outcomes(self, resource: str) -> list[str]:
        return [entry.outcome for entry in self.history if entry.resource == resource]


class Clock:
    """Sleeping moves it on; nothing else does."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def timing(self) -> Timing:
        return Timing(clock=lambda: self.now, sleep=self.sleep, uniform=lambda low, high: high)


def json_answer(status: int, payload: Any, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=payload, headers=headers)


def problem(status: int, code: str = "made_up", **headers: str) -> httpx.Response:
    body = {"type": f"urn:problem:{code}", "title": "Zelda Quartz", "detail": "Zelda Quartz said", "code": code}
    return httpx.Response(
        status, content=json.dumps(body), headers={"content-type": "application/problem+json", **headers}
    )


Step = Callable[[httpx.Request], httpx.Response]


@dataclass
class ScriptedEhr:
    """Answers by path; each path has a script that is used up, its last step stays."""

    scripts: dict[str, list[Step]] = field(default_factory=dict)
    history: list[httpx.Request] = field(default_factory=list)
    token_life_s: int = 3600
    _tokens: Iterator[int] = field(default_factory=count)

    def on(self, method_and_path: str, *steps: Step | httpx.Response | Exception) -> "ScriptedEhr":
        self.scripts[method_and_path] = [_step(step) for step in steps]
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.history.append(request)
        key = f"{request.method} {request.url.path}"
        if key == "POST /oauth/token" and key not in self.scripts:
            return json_answer(
                200,
                {"access_token": f"tok{next(self._tokens)}", "token_type": "Bearer", "expires_in": self.token_life_s},
            )
        script = self.scripts[key]
        return (script.pop(0) if len(script) > 1 else script[0])(request)

    def asked(self, method_and_path: str) -> list[httpx.Request]:
        return [r for r in self.history if f"{r.method} {r.url.path}" == method_and_path]


def _step(step: Step | httpx.Response | Exception) -> Step:
    if isinstance(step, httpx.Response):
        # A response can be consumed once; each request gets its own.
        status, headers, content = step.status_code, step.headers, step.content
        return lambda request: httpx.Response(status, headers=headers, content=content)
    if isinstance(step, Exception):

        def raising(request: httpx.Request) -> httpx.Response:
            raise step

        return raising
    return step


def settings(**changes: Any) -> TherapyNotesSettings:
    return TherapyNotesSettings(
        **{"base_url": BASE_URL, "client_id": "svc", "client_secret": "s3cret-not-real", **changes}
    )


def adapter(
    ehr: Callable[[httpx.Request], httpx.Response],
    audit: AuditFake | None = None,
    clock: Clock | None = None,
    **changes: Any,
) -> TherapyNotes:
    return TherapyNotes(
        settings(**changes),
        audit or AuditFake(),
        ACTOR,
        flow_run_id="run-1",
        transport=httpx.MockTransport(ehr),
        timing=(clock or Clock()).timing(),
    )


def client_json(client_id: str = "c-1", **more: Any) -> dict[str, Any]:
    return {"id": client_id, "firstName": "Zelda", "lastName": "Quartz", "updatedAt": "2026-01-01T10:00:00Z", **more}


def note_json(note_id: str = "n-1", client_id: str = "c-1", **more: Any) -> dict[str, Any]:
    return {
        "id": note_id, "clientId": client_id, "clinicianId": "u-1", "type": "progress_note", "status": "Draft",
        "draftContent": [{"name": "Subjective", "text": "Client reports sleeping better."}], **more,
    }  # fmt: skip


def document_json(content: bytes, document_id: str = "d-1", **more: Any) -> dict[str, Any]:
    return {
        "id": document_id, "clientId": "c-1", "kind": "recording", "fileName": "session.wav",
        "contentType": "audio/wav", "sizeBytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), **more,
    }  # fmt: skip


def page(*items: Any, next: str | None = None) -> dict[str, Any]:
    return {"items": list(items), "next": next}
