"""Delete one thing, prove it, note that the proof stands: killed between any two of these, repeating finishes it."""

from collections.abc import Callable

from therapyflows.core.ports import Contents, Recordings


def erase(part: Contents | Recordings, object_id: str, *, prove: Callable[[str], None]) -> bool:
    """``prove`` gets the digest of the destroyed ciphertext.  False when there was nothing (left) to erase."""
    digest = part.delete(object_id)
    if digest is None:
        return False
    prove(digest)
    part.deletion_recorded(object_id)
    return True
