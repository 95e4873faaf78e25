"""Secure messages between the practice and a client."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json
from therapyflows.simulator.records import new_id


def list_messages(call: Call) -> Json:
    return call.list(
        "messages",
        {
            "externalId": "external_id = ?",
            "box": "json_extract(body, '$.box') = ?",
            "threadId": "json_extract(body, '$.threadId') = ?",
        },
    )


def create_message(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        chart.check_references(call.body)
        sent = call.body["status"] == "Sent"
        fields = {
            **call.body,
            "threadId": call.body.get("threadId") or new_id("messages").replace("me-", "th-"),
            "box": "sent" if sent else "drafts",
            "fromId": call.principal.subject,
            "toId": call.body["clientId"],
            "sentAt": chart.stamp() if sent else None,
        }
        return chart.records.insert("messages", fields)

    return call.create(make)


HANDLERS: dict[str, ApiHandler] = {
    "listMessages": list_messages,
    "getMessage": lambda call: call.get("messages"),
    "createMessage": create_message,
}
