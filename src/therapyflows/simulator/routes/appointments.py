"""Appointments are read here; sessions end in the EHR itself (control plane and user interface)."""

from therapyflows.simulator.api import ApiHandler, Call, as_stored_time
from therapyflows.simulator.contract import Json


def list_appointments(call: Call) -> Json:
    for name in ("from", "to"):
        if name in call.parameters:
            call.parameters[name] = as_stored_time(call.parameters[name])
    return call.list(
        "appointments",
        {
            "clinicianId": "json_extract(body, '$.clinicianId') = ?",
            "status": "json_extract(body, '$.status') = ?",
            "from": "json_extract(body, '$.start') >= ?",
            "to": "json_extract(body, '$.start') < ?",
        },
    )


HANDLERS: dict[str, ApiHandler] = {
    "listAppointments": list_appointments,
    "getAppointment": lambda call: call.get("appointments"),
}
