"""Treatment plans: written as Drafts, activated by a person."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json
from therapyflows.simulator.problems import Problem

DRAFT: Json = {"status": "Draft", "diagnosisCodes": [], "start": None, "reviewDate": None}


def list_plans(call: Call) -> Json:
    return call.list(
        "treatmentplans", {"externalId": "external_id = ?", "status": "json_extract(body, '$.status') = ?"}
    )


def create_plan(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        plan = chart.records.insert("treatmentplans", {**DRAFT, **call.body})
        chart.emit("treatmentplan.updated", plan)
        return plan

    return call.create(make)


def update_plan(call: Call) -> Response:
    def apply(chart: Chart, current: Json) -> Json:
        if current["status"] != "Draft":
            raise Problem(409, "plan_not_draft")
        call.check_etag(current)
        plan = chart.records.update("treatmentplans", call.id, call.body)
        chart.emit("treatmentplan.updated", plan)
        return plan

    return call.change("treatmentplans", apply)


HANDLERS: dict[str, ApiHandler] = {
    "listTreatmentPlans": list_plans,
    "getTreatmentPlan": lambda call: call.get("treatmentplans"),
    "createTreatmentPlan": create_plan,
    "updateTreatmentPlan": update_plan,
}
