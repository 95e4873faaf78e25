"""Subscriptions to events, and the rotation of their secrets."""

import base64
import secrets
import time
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from therapyflows.simulator.api import ApiHandler, Call
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Json
from therapyflows.simulator.database import wire_time


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def add_secret(chart: Chart, subscription_id: str, secret: str) -> None:
    chart.connection.execute(
        "INSERT INTO secrets (subscription_id, secret, expires_at) VALUES (?, ?, NULL)", (subscription_id, secret)
    )


def list_webhooks(call: Call) -> Json:
    with call.practice.records() as records:
        return records.page("webhooks", call.page_request())


def create_webhook(call: Call) -> Response:
    def make(chart: Chart) -> Json:
        secret = call.body.get("secret") or new_secret()
        fields = {"url": call.body["url"], "eventTypes": call.body["eventTypes"], "status": "active"}
        subscription = chart.records.insert("webhooks", fields)
        add_secret(chart, subscription["id"], secret)
        return {**subscription, "secret": secret}

    return call.create(make)


def rotate_secret(call: Call) -> Response:
    """The new secret signs from now on, beside the old one until the overlap ends."""

    def make(chart: Chart) -> Json:
        chart.records.get("webhooks", call.id)
        secret = call.body.get("secret") or new_secret()
        overlap = timedelta(seconds=call.body.get("overlapSeconds", 86400))
        chart.connection.execute(
            "UPDATE secrets SET expires_at = ? WHERE subscription_id = ? AND expires_at IS NULL",
            (time.time() + overlap.total_seconds(), call.id),
        )
        add_secret(chart, call.id, secret)
        ends = wire_time(datetime.now(UTC) + overlap)
        subscription = chart.records.update("webhooks", call.id, {"previousSecretExpiresAt": ends})
        return {**subscription, "secret": secret}

    return call.create(make)


def delete_webhook(call: Call) -> Response:
    with call.practice.chart() as chart:
        chart.records.get("webhooks", call.id)
        chart.records.delete("webhooks", call.id)
        chart.connection.execute("DELETE FROM secrets WHERE subscription_id = ?", (call.id,))
        chart.connection.execute(
            "UPDATE deliveries SET state = 'cancelled' WHERE subscription_id = ? AND state = 'waiting'", (call.id,)
        )
    return Response(status_code=204)


HANDLERS: dict[str, ApiHandler] = {
    "listWebhooks": list_webhooks,
    "createWebhook": create_webhook,
    "rotateWebhookSecret": rotate_secret,
    "deleteWebhook": delete_webhook,
}
