"""Scored measures."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json


def list_assessments(call: Call) -> Json:
    return call.list("assessments", {"externalId": "external_id = ?", "measure": "json_extract(body, '$.measure') = ?"})


def create_assessment(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        assessment = chart.records.insert("assessments", call.body)
        chart.emit("assessment.completed", assessment)
        return assessment

    return call.create(make)


HANDLERS: dict[str, ApiHandler] = {
    "listAssessments": list_assessments,
    "getAssessment": lambda call: call.get("assessments"),
    "createAssessment": create_assessment,
}
