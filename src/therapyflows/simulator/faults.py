"""Switchable faults: each is armed for a number of occasions and then gone."""

import threading
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FaultKind = Literal[
    "rate_limit",  # 429; retryAfter seconds, or no header at all
    "error_5xx",  # answers `status`, does nothing
    "slow",  # waits `ms` before handling
    "timeout_after_commit",  # handles the write, never answers (`mode` hang) or cuts the line (`mode` close)
    "expired_tokens",  # every token issued so far expires now
    "ignore_idempotency",  # behaves like an EHR that does not know the Idempotency-Key header
    "alter_draft",  # changes the stored note after a write was answered
    "sign_note_meanwhile",  # a person signs `noteId` just before the next write to it
    "recording_truncated",  # content ends early (`ratio` of its bytes)
    "recording_corrupt",  # content has the right length and wrong bytes
    "webhook_duplicate",  # the event is delivered twice
    "webhook_late",  # the event is held back for `ms`
    "webhook_reordered",  # `count` events are held and sent in reverse
    "webhook_forged",  # beside the event goes one with a wrong signature
    "webhook_stale",  # beside the event goes one whose signed time is 10 minutes old
]


class Fault(BaseModel):
    """One armed fault.  ``path`` and ``method`` limit HTTP faults to matching requests."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    kind: FaultKind
    count: int = Field(default=1, ge=1, le=100_000)
    path: str = "/v1/"
    """Prefix of the request path."""
    method: str | None = None
    retry_after: float | None = None
    status: int = Field(default=503, ge=500, le=599)
    ms: int = Field(default=1000, ge=0, le=600_000)
    mode: Literal["hang", "close"] = "hang"
    ratio: float = Field(default=0.5, ge=0, lt=1)
    note_id: str | None = None

    def concerns(self, method: str, path: str) -> bool:
        return path.startswith(self.path) and self.method in (None, method)


class Faults:
    """What is armed now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(fault.model_copy())

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.model_dump(by_alias=True) for fault in self._armed]

    def take(
        self, kind: FaultKind, *, method: str | None = None, path: str | None = None, note_id: str | None = None
    ) -> Fault | None:
        """Use up one occasion of a matching fault."""
        if not self._armed:
            return None
        with self._lock:
            for fault in self._armed:
                matches = path is None or fault.concerns(method or "", path)
                if fault.kind == kind and matches and (note_id is None or fault.note_id in (None, note_id)):
                    fault.count -= 1
                    if fault.count == 0:
                        self._armed.remove(fault)
                    return fault
        return None
