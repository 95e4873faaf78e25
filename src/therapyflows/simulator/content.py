"""Document bytes on disk: written once, addressed by document id, streamed out with ranges."""

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse

from therapyflows.simulator.contract import Json
from therapyflows.simulator.faults import Faults
from therapyflows.simulator.problems import Problem

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Stored:
    size: int
    sha256: str


def save(source: BinaryIO, path: Path) -> Stored:
    """Copy the stream to ``path``; it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    digest, size = hashlib.sha256(), 0
    with partial.open("wb") as target:
        while piece := source.read(CHUNK):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    partial.replace(path)
    return Stored(size, digest.hexdigest())


def requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of a single byte range; None for the whole.  Raises a 416."""
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", (header or "").replace(" ", ""), re.ASCII)
    if match is None or match.group(0) == "bytes=-":
        return None  # RFC 9110: a range that is not understood is ignored
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size:
        raise Problem(416, "range_not_satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return start, end


def pieces(path: Path, start: int, end: int, *, corrupt: bool = False) -> Iterator[bytes]:
    with path.open("rb") as source:
        source.seek(start)
        left = end - start
        while left > 0 and (piece := source.read(min(CHUNK, left))):
            left -= len(piece)
            yield bytes(byte ^ 0x5A for byte in piece) if corrupt else piece


def content_response(document: Json, path: Path, headers: dict[str, str | None], faults: Faults) -> Response:
    """200 or 206; the recording faults damage what is sent, never what is stored."""
    if not path.is_file():
        raise Problem(404, "content_missing")
    size = path.stat().st_size
    etag = f'"{document["sha256"]}"'
    encoded = base64.b64encode(bytes.fromhex(document["sha256"])).decode()
    fresh = headers["if-range"] in (None, etag)
    span = requested_range(headers["range"], size) if fresh else None
    start, end = span or (0, size)
    truncated = faults.take("recording_truncated")
    if truncated:
        end = start + int((end - start) * truncated.ratio)
    answer = {
        "ETag": etag,
        "Repr-Digest": f"sha-256=:{encoded}:",
        "Digest": f"sha-256={encoded}",
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "X-Content-Type-Options": "nosniff",
    }
    if span:
        answer["Content-Range"] = f"bytes {start}-{max(start, end - 1)}/{size}"
    corrupt = faults.take("recording_corrupt") is not None
    body = pieces(path, start, end, corrupt=corrupt)
    return StreamingResponse(body, 206 if span else 200, headers=answer, media_type=document["contentType"])
