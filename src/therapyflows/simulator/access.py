"""Who may do what: the token's scopes, the person's roles and the caseload, all three."""

from collections.abc import Mapping
from dataclasses import dataclass

from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem
from therapyflows.simulator.records import Records

CLINICAL_ROLES = frozenset({"Clinician", "Supervisor"})
IDENTITY_SCOPES = frozenset({"openid", "profile", "email"})


@dataclass(frozen=True)
class Principal:
    """The caller.  ``caseload`` None means that no caseload limits it (the service)."""

    subject: str
    scopes: frozenset[str]
    roles: tuple[str, ...] | None
    caseload: frozenset[str] | None

    def require(self, scopes: tuple[str, ...], role_scopes: Mapping[str, frozenset[str]]) -> None:
        """Raises a 403 that says whether the scope or the role was missing."""
        for scope in scopes:
            if scope not in self.scopes:
                raise Problem(
                    403,
                    "insufficient_scope",
                    headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
                )
            if scope not in IDENTITY_SCOPES and self.roles is not None and not self.roles_with(scope, role_scopes):
                raise Problem(403, "role_forbids")

    def roles_with(self, scope: str, role_scopes: Mapping[str, frozenset[str]]) -> set[str]:
        return {role for role in self.roles or () if scope in role_scopes.get(role, frozenset())}

    def clients_for(self, scopes: tuple[str, ...], role_scopes: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
        """Client ids this caller may see under these scopes; None for all.

        A clinical role sees its caseload; an office role that grants the scope sees the whole practice.
        """
        if self.roles is None or self.caseload is None:
            return None
        granting = {role for scope in scopes for role in self.roles_with(scope, role_scopes)}
        return self.caseload if granting <= CLINICAL_ROLES else None


def caseload_of(user: Json, records: Records) -> frozenset[str]:
    """Own clients and those of supervised people."""
    supervised = (records.find("users", other) for other in user["supervises"])
    return frozenset(user["caseload"]).union(*(other["caseload"] for other in supervised if other))


def person(user_id: str, scopes: frozenset[str], records: Records) -> Principal:
    user = records.find("users", user_id)
    if user is None or not user["active"]:
        raise Problem(401, "invalid_token", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return Principal(user_id, scopes, tuple(user["roles"]), caseload_of(user, records))


def service(client_id: str, scopes: frozenset[str], role: str | None) -> Principal:
    return Principal(f"service:{client_id}", scopes, (role,) if role else None, None)


def may_sign(user: Json, note: Json, records: Records) -> bool:
    """The note's own clinician, or that clinician's supervisor."""
    return "Clinician" in user["roles"] and (
        note["clinicianId"] == user["id"] or note["clinicianId"] in user["supervises"]
    )
