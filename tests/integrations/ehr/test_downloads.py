"""Recordings on their way into the house: complete and unchanged, or not at all."""

import io
import random
import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from tests.integrations.ehr.fakes import AuditFake, Clock, adapter, document_json, json_answer

from therapyflows.core.chart import Document
from therapyflows.core.errors import Invalid, NotFound, Transient

CONTENT = random.Random(7).randbytes(300_000)
DOCUMENT = Document.model_validate(document_json(CONTENT))


class Streamed(httpx.AsyncByteStream):
    """The content, or its first ``cut_at`` bytes and then a broken connection."""

    def __init__(self, content: bytes, cut_at: int | None = None) -> None:
        self._content = content[:cut_at]
        self._breaks = cut_at is not None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), 10_000):
            yield self._content[start : start + 10_000]
        if self._breaks:
            raise httpx.ReadError("cut")


class ContentServer:
    """Serves the content; ``plan`` says per request how: ``cut N``, ``whole``, ``ignore range``, or an answer."""

    def __init__(self, *plan: str | httpx.Response, content: bytes = CONTENT) -> None:
        self.plan = list(plan)
        self.content = content
        self.ranges: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return json_answer(200, {"access_token": "t", "expires_in": 3600})
        self.ranges.append(request.headers.get("range"))
        step = self.plan.pop(0) if self.plan else "whole"
        if isinstance(step, httpx.Response):
            return step
        start = 0 if step == "ignore range" else _start(request)
        if start >= len(self.content) > 0:
            return httpx.Response(416)
        body = self.content[start:]
        headers = {"content-range": f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"} if start else {}
        status = 206 if start else 200
        cut_at = int(step.split()[1]) if step.startswith("cut") else None
        return httpx.Response(status, headers=headers, stream=Streamed(body, cut_at))


def _start(request: httpx.Request) -> int:
    found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    return int(found.group(1)) if found else 0


async def download(
    server: Callable[[httpx.Request], httpx.Response], document: Document = DOCUMENT, audit: AuditFake | None = None
) -> bytes:
    into = io.BytesIO()
    async with adapter(server, audit) as chart:
        await chart.download_document(document, into)
    return into.getvalue()


async def test_a_recording_arrives_complete() -> None:
    audit = AuditFake()
    assert await download(ContentServer(), audit=audit) == CONTENT
    entry = audit.history[-1]
    assert (entry.resource, entry.client_id) == ("documents/d-1/content", "c-1")
    assert entry.received_digest == f"sha256:{DOCUMENT.sha256}"
    assert entry.details["bytes_received"] == len(CONTENT)


async def test_a_broken_download_goes_on_where_it_broke() -> None:
    server = ContentServer("cut 150000", "cut 70000")
    assert await download(server) == CONTENT
    assert server.ranges == [None, f"bytes={65536 * 2}-", f"bytes={65536 * 3}-"]


async def test_a_long_download_may_break_more_often_than_one_call_is_repeated() -> None:
    content = random.Random(8).randbytes(70_000 * 20)
    document = Document.model_validate(document_json(content))
    server = ContentServer(*["cut 70000"] * 20, content=content)
    assert await download(server, document) == content


async def test_an_ehr_that_ignores_ranges_is_understood() -> None:
    assert await download(ContentServer("cut 200000", "ignore range")) == CONTENT


async def test_changed_bytes_are_noticed() -> None:
    wrong = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    with pytest.raises(Transient, match="document_digest_mismatch"):
        await download(ContentServer(content=wrong))


async def test_a_recording_that_ends_early_in_the_ehr_itself_is_noticed() -> None:
    server = ContentServer(content=CONTENT[:123_456])
    with pytest.raises(Transient, match="document_length_mismatch"):
        await download(server)
    assert len(server.ranges) == 2


async def test_more_than_described_is_never_written() -> None:
    into = io.BytesIO()
    async with adapter(ContentServer(content=CONTENT + b"x" * 500_000)) as chart:
        with pytest.raises(Transient, match="document_length_mismatch"):
            await chart.download_document(DOCUMENT, into)
    assert len(into.getvalue()) <= len(CONTENT)


async def test_a_connection_that_brings_nothing_ends_within_the_budget() -> None:
    clock = Clock()
    async with adapter(ContentServer(*["cut 0"] * 50), clock=clock, budget_s=10) as chart:
        with pytest.raises(Transient):
            await chart.download_document(DOCUMENT, io.BytesIO())
    assert sum(clock.slept) <= 10


async def test_a_range_that_was_not_asked_for_is_refused() -> None:
    later = httpx.Response(206, headers={"content-range": "bytes 500-900/300000"}, content=CONTENT[500:901])
    with pytest.raises(Invalid):
        await download(ContentServer(later))


async def test_a_range_without_a_place_is_refused() -> None:
    with pytest.raises(Invalid):
        await download(ContentServer(httpx.Response(206, content=CONTENT)))


async def test_a_missing_recording_is_not_found() -> None:
    with pytest.raises(NotFound):
        await download(ContentServer(httpx.Response(404)))


async def test_an_expired_token_is_renewed_before_the_first_byte() -> None:
    assert await download(ContentServer(httpx.Response(401))) == CONTENT


async def test_an_empty_document_is_a_document() -> None:
    document = Document.model_validate(document_json(b""))
    assert await download(ContentServer(content=b""), document) == b""
