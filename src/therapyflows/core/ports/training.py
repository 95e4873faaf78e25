"""Who trained, and how well."""

from collections.abc import Collection
from typing import Protocol

from therapyflows.core.training.exercise import Attempt


class TrainingBook(Protocol):
    """Attempts at exercises: counts, times and keys of lines of an exercise; nothing about any client."""

    def begin(self, attempt: Attempt) -> None: ...
    def get(self, attempt_id: str) -> Attempt:
        """Raises NotFound."""

    def finish(self, attempt: Attempt) -> Attempt:
        """Store what came of it; returns what stands: the first end counts."""

    def of(self, user_ids: Collection[str] | None, *, limit: int = 200) -> list[Attempt]:
        """Of these people (None: everybody), newest first."""
