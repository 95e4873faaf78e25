"""A document's bytes: streamed, resumed where a connection broke, and compared with the chart's sha256."""

import asyncio
import hashlib
import hmac
import re
from typing import BinaryIO

import httpx

from therapyflows.core.chart import Document
from therapyflows.core.errors import Invalid, Transient
from therapyflows.integrations.ehr.therapynotes._call import Call, checked_id
from therapyflows.integrations.ehr.therapynotes._http import Http
from therapyflows.integrations.ehr.therapynotes._patience import Patience
from therapyflows.integrations.ehr.therapynotes._trail import CallRecord

_CHUNK = 64 * 1024
_MAX_RESUMES = 100
_RANGE_NOT_SATISFIABLE = 416
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(?:\d{1,15}|\*)")


class Download:
    """One document on its way into ``into``, which is only written forward, never read or rewound."""

    def __init__(self, http: Http, document: Document, into: BinaryIO) -> None:
        self._http = http
        self._document = document
        self._into = into
        self._sha256 = hashlib.sha256()
        self._have = 0

    async def fetch(self, patience: Patience) -> None:
        """All of it.  The budget of time starts anew whenever bytes arrived, so a long download may break often."""
        for _ in range(_MAX_RESUMES):
            before = self._have
            try:
                await patience.repeat(self._attempt)
            except Transient:
                if self._have == before:
                    raise
            except Invalid as error:
                if error.ids.get("status") != _RANGE_NOT_SATISFIABLE:
                    raise
            if self._have >= self._document.size_bytes or self._have == before:
                break
        self._verify()

    async def _attempt(self) -> None:
        async with self._http.stream(self._call()) as (response, record):
            await self._take(response, record)

    def _verify(self) -> None:
        """Raises Transient when the bytes are not those that the chart describes."""
        document = self._document
        if self._have != document.size_bytes:
            raise Transient(
                "document_length_mismatch", "the content is not as long as described", document_id=document.id
            )
        if not hmac.compare_digest(self._sha256.hexdigest(), document.sha256.lower()):
            raise Transient("document_digest_mismatch", "the content differs from its sha256", document_id=document.id)

    def _call(self) -> Call:
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if self._have:
            headers |= {"Range": f"bytes={self._have}-", "If-Range": f'"{self._document.sha256}"'}
        path = ("documents", checked_id(self._document.id), "content")
        return Call("GET", path, headers=headers, client_id=self._document.client_id)

    async def _take(self, response: httpx.Response, record: CallRecord) -> None:
        skip = self._have - _start_of(response)
        if skip < 0:
            raise Invalid("ehr_answer_invalid", "the EHR sent another range than asked for")
        received = hashlib.sha256()
        try:
            async for chunk in response.aiter_raw(_CHUNK):
                received.update(chunk)
                record.bytes_received += len(chunk)
                if not await self._keep(chunk[skip:]):
                    return
                skip = max(0, skip - len(chunk))
        finally:
            record.received_digest = f"sha256:{received.hexdigest()}"

    async def _keep(self, chunk: bytes) -> bool:
        """False when there is more than the chart describes; nothing beyond it is written."""
        self._have += len(chunk)
        if self._have > self._document.size_bytes:
            return False
        await asyncio.to_thread(self._write, chunk)
        return True

    def _write(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._into.write(chunk)


def _start_of(response: httpx.Response) -> int:
    """Where the answer begins: 0 when the EHR sent everything, also when a range was asked for."""
    if response.status_code != 206:
        return 0
    found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if found is None:
        raise Invalid("ehr_answer_invalid", "the EHR sent a range without saying which")
    return int(found.group(1))
