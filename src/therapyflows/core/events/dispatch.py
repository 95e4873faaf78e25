"""Decide about one event of the inbox: start a flow, or ignore it for a reason that can be shown.

The order matters: what needs no call to the EHR is asked first.
"""

import random
from datetime import datetime, timedelta
from typing import Final, Protocol

from therapyflows.core.errors import Invalid, NotFound, Refused, Transient
from therapyflows.core.events.lookup import look_up
from therapyflows.core.events.routing import Facts, Ignore, RoutingTable, Start, decide
from therapyflows.core.ports import Ehr, Inbox, InboxEvent, OwnWrites

CLOCK_SLACK: Final = timedelta(seconds=5)
"""How far the time of an event and the object's own ``updatedAt`` may lie apart and mean the same change."""

_FIRST_DELAY_S: Final = 2.0
_LONGEST_DELAY_S: Final = 900.0
_PERMANENT_ATTEMPTS: Final = 6
"""NotFound and the like may be a replica that lags or a deployment being registered: six tries, about a minute."""
_TRANSIENT_AGE: Final = timedelta(hours=72)
"""An EHR or Prefect that is down is waited for, over a long weekend too."""


class Rollout(Protocol):
    """Which clinicians and clients a workflow is switched on for."""

    def refuses(self, deployment: str, *, clinician_id: str | None, client_id: str | None) -> str | None:
        """A reason code, or None when the workflow may run."""


class EveryoneIsIn:
    """The rollout of a practice that has switched everything on."""

    def refuses(self, deployment: str, *, clinician_id: str | None, client_id: str | None) -> str | None:
        return None


def screen(event: InboxEvent, table: RoutingTable, inbox: Inbox, own_writes: OwnWrites) -> Ignore | None:
    """Reasons to ignore an event that need no look into the chart.  Asks the store, so call it in a thread."""
    routes = table.routes_for(event.type)
    if not routes:
        return Ignore("no_route")
    if all(route.ignore_own_writes and own_writes.contains(route.resource, event.object_id) for route in routes):
        return Ignore("own_write")
    if event.origin == "webhook" and _sync_saw_it(event, inbox):
        return Ignore("sync_saw_it_first")
    return None


def _sync_saw_it(event: InboxEvent, inbox: Inbox) -> bool:
    """A webhook that comes hours late: the sync has found this state of the object meanwhile."""
    return inbox.known(event.type, event.object_id, since=event.occurred_at - CLOCK_SLACK, origin="sync")


async def choose(event: InboxEvent, table: RoutingTable, ehr: Ehr, rollout: Rollout) -> Start | Ignore:
    """The decision on an event that passed ``screen``.  Raises what the EHR port raises."""
    first: Ignore | None = None
    for route in table.routes_for(event.type):
        facts = await look_up(event, route, ehr)
        decision = decide(event, route, facts)
        if isinstance(decision, Start):
            reason = _refused_by(rollout, decision.deployment, facts)
            return Ignore(f"rollout:{reason}") if reason is not None else decision
        first = first or decision
    return first or Ignore("no_route")


def _refused_by(rollout: Rollout, deployment: str, facts: Facts) -> str | None:
    appointment, client = facts.appointment, facts.client
    return rollout.refuses(
        deployment,
        clinician_id=appointment.clinician_id if appointment else None,
        client_id=appointment.client_id if appointment else client.id if client else _client_of(facts),
    )


def _client_of(facts: Facts) -> str | None:
    return facts.document.client_id if facts.document else None


def is_hopeless(error: Exception, event: InboxEvent, now: datetime) -> bool:
    """Whether to give up on the event after this error."""
    if isinstance(error, Transient):
        return now - event.received_at > _TRANSIENT_AGE
    if isinstance(error, NotFound | Refused | Invalid):
        return event.attempts >= _PERMANENT_ATTEMPTS
    # A defect of ours: as patient as with an outage, since a new version may cure it.
    return now - event.received_at > _TRANSIENT_AGE


def retry_delay(error: Exception, attempts: int, rng: random.Random) -> timedelta:
    """Exponential, capped at 15 minutes, half of it jitter; never sooner than the other side asked for."""
    base = min(_FIRST_DELAY_S * 2.0 ** min(attempts, 20), _LONGEST_DELAY_S)
    delay = base / 2 + rng.uniform(0, base / 2)
    asked = error.retry_after_s if isinstance(error, Transient) else None
    return timedelta(seconds=max(delay, asked or 0.0))
