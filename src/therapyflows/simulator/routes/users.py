"""People of the practice."""

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem

SHOWN = (
    "id",
    "name",
    "email",
    "credential",
    "npi",
    "roles",
    "caseload",
    "supervises",
    "aiOptOut",
    "aiOptOutWorkflows",
    "active",
)


def list_users(call: Call) -> Json:
    with call.practice.records() as records:
        where = [("EXISTS (SELECT 1 FROM json_each(body, '$.roles') r WHERE r.value = ?)", call.parameters.get("role"))]
        return records.page("users", call.page_request(), where=where if "role" in call.parameters else ())


def get_user(call: Call) -> Json:
    with call.practice.records() as records:
        return records.get("users", call.id)


def get_userinfo(call: Call) -> Json:
    """Raises a 403 for a service token: there is no person behind it."""
    if call.principal.roles is None or call.principal.subject.startswith("service:"):
        raise Problem(403, "not_a_person")
    with call.practice.records() as records:
        user = records.get("users", call.principal.subject)
    return {"sub": user["id"], **{name: user[name] for name in SHOWN if name in user}}


HANDLERS: dict[str, ApiHandler] = {"listUsers": list_users, "getUser": get_user, "getUserinfo": get_userinfo}
