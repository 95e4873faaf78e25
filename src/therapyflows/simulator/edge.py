"""The outermost layer: request ids, and the faults that a network and an overloaded server have."""

import asyncio
import re
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from therapyflows.simulator.api import Practice
from therapyflows.simulator.faults import Fault
from therapyflows.simulator.problems import Problem

WRITES = ("POST", "PATCH", "PUT", "DELETE")


class Edge:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, practice: Practice) -> None:
        self.app = app
        self.practice = practice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = named_request_id(scope) or uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        method, path = scope["method"], scope["path"]
        refusal = self._refusal(method, path)
        if refusal:
            await refusal.response(request_id)(scope, receive, send_with_id)
            return
        slow = self.practice.faults.take("slow", method=method, path=path)
        if slow:
            await asyncio.sleep(slow.ms / 1000)
        silent = method in WRITES and self.practice.faults.take("timeout_after_commit", method=method, path=path)
        if silent:
            await self._never_answer(silent, scope, receive, send)
        else:
            await self.app(scope, receive, send_with_id)

    def _refusal(self, method: str, path: str) -> Problem | None:
        limited = self.practice.faults.take("rate_limit", method=method, path=path)
        if limited:
            wait = limited.retry_after
            return Problem(429, "rate_limited", headers=None if wait is None else {"Retry-After": f"{wait:g}"})
        broken = self.practice.faults.take("error_5xx", method=method, path=path)
        return Problem(broken.status, "server_trouble") if broken else None

    async def _never_answer(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, commit it, and let the caller wait or lose the connection."""
        await self.app(scope, receive, swallow)
        if fault.mode == "hang":
            try:
                await asyncio.wait_for(until_disconnected(receive), self.practice.settings.hang_s)
                return
            except TimeoutError:
                pass
        # A promised byte that never comes: the server closes the connection in the middle of the answer.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


async def swallow(message: MutableMapping[str, Any]) -> None:
    return


async def until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def named_request_id(scope: Scope) -> str | None:
    """The caller's X-Request-Id when it is a sane one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", text) else None
    return None
