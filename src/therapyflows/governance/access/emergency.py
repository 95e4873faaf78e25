"""Emergency access ("break-glass"): who is not responsible for a client looks all the same, for a while and with a
reason, and somebody else judges it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

import yaml


class Verdict(StrEnum):
    """What the review of an emergency access came to."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True)
class EmergencyAccess:
    """One use: who, whose drafts, from when to when, and what became of it.  Words lie encrypted elsewhere."""

    id: str
    user_id: str
    role: str
    client_id: str
    reason_code: str
    words_content_id: str
    opened_at: datetime
    expires_at: datetime
    notified_at: datetime | None = None
    """When everybody who has to know was told."""
    reminders_sent: int = 0
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    verdict: Verdict | None = None
    comment_content_id: str | None = None

    def is_open(self, now: datetime) -> bool:
        return self.opened_at <= now < self.expires_at

    def may_be_reviewed_by(self, user_id: str) -> bool:
        """Nobody judges themselves."""
        return user_id != self.user_id


@lru_cache(maxsize=1)
def reasons() -> Mapping[str, str]:
    """Code to words, in the order in which they are offered."""
    data = yaml.safe_load((files("therapyflows.governance.access") / "emergency.yaml").read_text("utf-8"))
    found: dict[str, str] = data["reasons"]
    return found
