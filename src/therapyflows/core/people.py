"""People: a user of the EHR as the access policy sees them, and how old somebody is."""

from collections.abc import Iterable
from datetime import date

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


def age_on(birth: date, day: date) -> int:
    """Full years; negative for a birth date to come."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
