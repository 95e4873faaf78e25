"""Failing again and again is answered later and later: 1, 2, 4, ... seconds, at most a quarter of an hour.

Failures are counted by what an attacker cannot shed without effort: a session, a known browser, else the network
address.  Nobody is locked out by somebody else's failures: a request that carries the right proof (cookie, origin and
token, state of a sign-in that this browser began) is never refused here; only those without it are, unread and cheaply.
The one exception, sign-ins that the EHR refuses, is counted by browser once the browser is known (decision 0012).

Kept in memory: the secrets are too long to guess, so what has to be bounded is work and entries, not chances.
"""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

FORGET_AFTER = timedelta(hours=1)
REMEMBER_AT_MOST = 10_000

Kind = Literal["sign_in", "callback", "cookie", "form", "probing"]
"""``callback``: an answer to a sign-in that was not begun in this browser; ``probing``: drafts that are not theirs."""

_PATIENCE: dict[Kind, int] = {"probing": 4}
"""How many times more of this kind are free: old links and bookmarks lead to drafts that are no longer one's own."""


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lock:
    """A while has begun in which failures of this kind from there are refused unread."""

    kind: Kind
    subject: str
    failures: int
    length: timedelta


class Throttle:
    """Counts failures by kind and subject.  Thread-safe."""

    def __init__(self, clock: Callable[[], datetime], *, free: int, longest: timedelta) -> None:
        self._clock, self._free, self._longest = clock, free, longest
        self._failures: OrderedDict[tuple[Kind, str], _Failures] = OrderedDict()
        self._guard = threading.Lock()

    def locked_for(self, kind: Kind, subject: str) -> timedelta | None:
        """How much longer; None when it is not locked."""
        with self._guard:
            found = self._failures.get((kind, subject))
            now = self._clock()
            return found.until - now if found is not None and found.until > now else None

    def fail(self, kind: Kind, subject: str) -> Lock | None:
        """Count one failure; the lock that begins with it, if one does.  While locked nothing is counted."""
        with self._guard:
            now = self._clock()
            found = self._failures.pop((kind, subject), None)
            if found is None or now - found.last > FORGET_AFTER:
                found = _Failures(0, now, now)
            self._failures[kind, subject] = found
            while len(self._failures) > REMEMBER_AT_MOST:
                self._failures.popitem(last=False)
            if found.until > now:
                return None
            found.count, found.last = found.count + 1, now
            over = found.count - self._free * _PATIENCE.get(kind, 1)
            if over <= 0:
                return None
            length = min(timedelta(seconds=2 ** min(over - 1, 30)), self._longest)
            found.until = now + length
            return Lock(kind, subject, found.count, length)

    def forgive(self, kind: Kind, subject: str) -> None:
        """It went well: what failed before is forgotten."""
        with self._guard:
            self._failures.pop((kind, subject), None)


def network_address(host: str | None) -> str:
    """By what an address is counted: IPv6 by its network, because one machine has the whole of a /64."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
