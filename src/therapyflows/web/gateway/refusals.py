"""What the audit trail says about refused deliveries: each kind at once, then one line a minute with a count.

Anybody who can reach the gateway can send forgeries; the trail must show them without being filled by them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from therapyflows.governance.audit.model import Action, Actor, AuditEntry

PERIOD: Final = timedelta(seconds=60)
ACTOR: Final = Actor(kind="service", id="gateway")


@dataclass(slots=True)
class _Window:
    opened_at: datetime
    uncounted: int = 0
    """Refusals since the last entry."""


class RefusalTally:
    """Not thread-safe: used on the event loop.  Reasons are constants of ours, so there are only a few windows."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def note(self, reason: str, now: datetime) -> AuditEntry | None:
        """The entry to write now: the first of a kind, or the sum once a minute has passed."""
        window = self._windows.get(reason)
        if window is None:
            self._windows[reason] = _Window(now)
            return _entry(reason, 1)
        window.uncounted += 1
        if now - window.opened_at < PERIOD:
            return None
        return self._close(reason, window, now)

    def due(self, now: datetime, *, everything: bool = False) -> list[AuditEntry]:
        """The sums of the windows that have ended; a window without a refusal is forgotten."""
        entries = []
        for reason, window in list(self._windows.items()):
            if now - window.opened_at < PERIOD and not everything:
                continue
            if window.uncounted:
                entries.append(self._close(reason, window, now))
            else:
                del self._windows[reason]
        return entries

    def _close(self, reason: str, window: _Window, now: datetime) -> AuditEntry:
        entry = _entry(reason, window.uncounted)
        self._windows[reason] = _Window(now)
        return entry


def _entry(reason: str, count: int) -> AuditEntry:
    return AuditEntry(
        action=Action.EVENT_REFUSED,
        actor=ACTOR,
        resource="webhooks/ehr",
        outcome=reason,
        details={"count": count},
    )
