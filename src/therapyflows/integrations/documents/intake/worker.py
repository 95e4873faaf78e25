"""Reads a form in a process of its own, with limits on time and memory: a hostile file ends that process and no other.

The contents go in and the result comes out through pipes; nothing touches the disk.
"""

import base64
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake.model import INTAKE_FORM
from therapyflows.core.intake.page import PAGES
from therapyflows.integrations.documents.intake import errors
from therapyflows.integrations.documents.intake.reader import PageImage, ReadForm, read_intake

MEMORY_BYTES = 6_000_000_000
"""Address space, of which the recognizer's weights and arenas reserve about two."""
SECONDS = 600
_LENGTH = 8
_SECRET = ("THERAPYFLOWS_", "PREFECT_")
"""Settings hold keys and passwords; who reads a stranger's file is not given them."""


def read_apart(contents: Sequence[bytes], *, today: date, seconds: float = SECONDS) -> ReadForm:
    """``read_intake`` in another process.  Raises what it raises, and UnusableSource (``form_takes_too_much``)."""
    for content in contents:
        if len(content) > errors.MAX_BYTES:
            raise errors.too_large()
    packed = b"".join(len(content).to_bytes(_LENGTH, "big") + content for content in contents)
    try:
        done = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", __name__, today.isoformat()],
            input=packed,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env={name: value for name, value in os.environ.items() if not name.startswith(_SECRET)},
        )
    except subprocess.TimeoutExpired as error:
        raise errors.took_too_much() from error
    if done.returncode != 0:
        raise errors.took_too_much()
    return _result(json.loads(done.stdout))


def _result(answer: dict[str, Any]) -> ReadForm:
    if "error" in answer:
        said = answer["error"]
        raise UnusableSource(said["code"], said["message"], remedy=said["remedy"])
    images = tuple(
        PageImage(i["number"], i["width"], i["height"], base64.b64decode(i["content"])) for i in answer["images"]
    )
    return ReadForm(
        INTAKE_FORM.validate_python(answer["form"], strict=False), images, PAGES.validate_python(answer["pages"])
    )


def _contents(stream: BinaryIO) -> list[bytes]:
    found = []
    while head := stream.read(_LENGTH):
        found.append(stream.read(int.from_bytes(head, "big")))
    return found


def _answer(contents: Sequence[bytes], today: date) -> dict[str, Any]:
    try:
        read = read_intake(contents, today=today)
    except UnusableSource as error:
        return {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
    images = [
        {"number": i.number, "width": i.width, "height": i.height, "content": base64.b64encode(i.content).decode()}
        for i in read.images
    ]
    return {
        "form": INTAKE_FORM.dump_python(read.form, mode="json"),
        "images": images,
        "pages": PAGES.dump_python(read.pages, mode="json"),
    }


def main() -> None:
    """Entry point of the other process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = _answer(_contents(sys.stdin.buffer), date.fromisoformat(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
