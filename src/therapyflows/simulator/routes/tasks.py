"""To-dos and alerts for people of the practice."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json


def list_tasks(call: Call) -> Json:
    return call.list(
        "tasks",
        {
            "externalId": "external_id = ?",
            "assigneeId": "json_extract(body, '$.assigneeId') = ?",
            "status": "json_extract(body, '$.status') = ?",
        },
    )


def create_task(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        return chart.records.insert("tasks", {"priority": "normal", **call.body, "status": "open"})

    return call.create(make)


HANDLERS: dict[str, ApiHandler] = {"listTasks": list_tasks, "createTask": create_task}
