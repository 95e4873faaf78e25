"""Which version of the boundary redacted a text: a digest of every rule, list and line of code that decides it."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_PARTS = (".py", ".yaml", ".csv", ".txt", ".json")


@lru_cache(maxsize=1)
def redaction_version() -> str:
    """``phi-3f0c9a1b7d21``; another one after any change of the boundary."""
    digest = hashlib.sha256()
    for name, part in sorted(_parts(files("therapyflows.governance.phi"), "")):
        digest.update(f"{name}\0".encode() + part.read_bytes() + b"\0")
    return f"phi-{digest.hexdigest()[:12]}"


def _parts(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _parts(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(_PARTS):
            yield f"{path}{entry.name}", entry
