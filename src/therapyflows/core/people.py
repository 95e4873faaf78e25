"""A user of the EHR as the access policy sees them."""

from collections.abc import Iterable

from therapyflows.core.chart import User
from therapyflows.governance.access.policy import Person


def person_of(user: User, *, emergency: Iterable[str] = ()) -> Person:
    """Roles, caseload and supervision as the EHR has them now; ``emergency``: clients to whom access is open."""
    return Person(
        user_id=user.id,
        roles=frozenset(role.value for role in user.roles),
        caseload=frozenset(user.caseload),
        supervises=frozenset(user.supervises),
        emergency=frozenset(emergency),
        active=user.active,
        ai_opt_out=user.ai_opt_out,
    )
