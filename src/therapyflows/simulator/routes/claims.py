"""Billing claims and superbills, up to the moment of submission."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem

NEW: Json = {"kind": "claim", "status": "draft", "diagnosisCodes": [], "payer": None, "rejectionReason": None}


def list_claims(call: Call) -> Json:
    return call.list(
        "claims",
        {
            "externalId": "external_id = ?",
            "status": "json_extract(body, '$.status') = ?",
            "appointmentId": "json_extract(body, '$.appointmentId') = ?",
        },
    )


def create_claim(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        claim = chart.records.insert("claims", {**NEW, **call.body})
        chart.emit("claim.created", claim)
        return claim

    return call.create(make)


def update_claim(call: Call) -> Response:
    def apply(chart: Chart, current: Json) -> Json:
        if current["status"] not in ("draft", "ready", "rejected"):
            raise Problem(409, "claim_submitted")
        call.check_etag(current)
        return chart.records.update("claims", call.id, call.body)

    return call.change("claims", apply)


HANDLERS: dict[str, ApiHandler] = {
    "listClaims": list_claims,
    "getClaim": lambda call: call.get("claims"),
    "createClaim": create_claim,
    "updateClaim": update_claim,
}
