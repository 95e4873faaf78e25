"""Messages between people of the practice; no client reads them."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json


def list_staff_messages(call: Call) -> Json:
    return call.list("staffmessages", {"externalId": "external_id = ?", "toId": "json_extract(body, '$.toId') = ?"})


def create_staff_message(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        return chart.records.insert(
            "staffmessages", {**call.body, "fromId": call.principal.subject, "sentAt": chart.stamp()}
        )

    return call.create(make)


HANDLERS: dict[str, ApiHandler] = {
    "listStaffMessages": list_staff_messages,
    "createStaffMessage": create_staff_message,
}
