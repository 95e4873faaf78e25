"""Fetches the browser libraries of the review application: ``make vendor``, or ``python -m tests.web.review.vendored``.

``static/vendor/README.md`` is the list: a line per file, with the npm package and version it comes from and its digest.
A new line has ``?`` for the digest; ``--pin`` fills in what was fetched, and the diff is what a reviewer looks at.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import therapyflows.web.review as review

FOLDER = Path(review.__file__).parent / "static" / "vendor"
LIST = FOLDER / "README.md"
_LINE = re.compile(
    r"^\| `([\w.-]+)` \| `([^`]+)` \| ([\w.-]+) \| `([^`]+)` \| ([^|]+) \| `(\?|[0-9a-f]{64})` \|$", re.M
)


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """One line of the list."""

    file: str
    package: str
    version: str
    path: str
    """Inside the package."""
    licence: str
    sha256: str


def listed(text: str) -> list[VendoredFile]:
    return [VendoredFile(*groups) for groups in _LINE.findall(text)]


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def fetch(files: Sequence[VendoredFile]) -> dict[VendoredFile, bytes]:
    """What npm gives for every line, each package asked for once."""
    found: dict[VendoredFile, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for package in sorted({(file.package, file.version) for file in files}):
            command = ["npm", "pack", "--silent", "--pack-destination", folder, "@".join(package)]
            name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
            with tarfile.open(Path(folder) / name) as packed:
                for file in files:
                    if (file.package, file.version) == package:
                        found[file] = _member(packed, file)
    return found


def _member(packed: tarfile.TarFile, file: VendoredFile) -> bytes:
    member = packed.extractfile(f"package/{file.path}")
    if member is None:
        raise SystemExit(f"{file.package} {file.version} has no file {file.path}")
    return member.read()


def main(arguments: Sequence[str]) -> None:
    text = LIST.read_text("utf-8")
    for file, raw in fetch(listed(text)).items():
        got = digest(raw)
        if got != file.sha256 and "--pin" not in arguments:
            raise SystemExit(f"{file.file}: npm gives {got}, the list says {file.sha256}")
        (FOLDER / file.file).write_bytes(raw)
        line = next(match[0] for match in _LINE.finditer(text) if match[1] == file.file)
        text = text.replace(line, line.replace(f"`{file.sha256}` |", f"`{got}` |"))
        print(f"{file.file}: {file.package} {file.version}")
    LIST.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
