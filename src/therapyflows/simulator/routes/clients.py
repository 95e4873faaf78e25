"""Clients: demographics, contacts, insurance, consents and flags."""

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json

EMPTY: Json = {
    "contacts": [],
    "insurance": [],
    "assignedClinicians": [],
    "consents": [],
    "part2Program": False,
    "aiOptOut": False,
    "aiOptOutWorkflows": [],
}


def list_clients(call: Call) -> Json:
    return call.list(
        "clients",
        {
            "externalId": "external_id = ?",
            "clinicianId": "EXISTS (SELECT 1 FROM json_each(body, '$.assignedClinicians') a WHERE a.value = ?)",
            "part2Program": "json_extract(body, '$.part2Program') = ?",
        },
    )


def create_client(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        client = chart.records.insert("clients", {**EMPTY, **call.body})
        chart.reassign(client["id"], [], client["assignedClinicians"])
        chart.emit("client.created", client)
        return client

    return call.create(make)


def update_client(call: Call) -> Response:
    def apply(chart: Chart, current: Json) -> Json:
        call.check_etag(current)
        client = chart.records.update("clients", call.id, call.body)
        chart.reassign(call.id, current["assignedClinicians"], client["assignedClinicians"])
        chart.emit("client.updated", client)
        return client

    return call.change("clients", apply)


HANDLERS: dict[str, ApiHandler] = {
    "listClients": list_clients,
    "createClient": create_client,
    "getClient": lambda call: call.get("clients"),
    "updateClient": update_client,
}
