"""``python -m therapyflows.web.gateway``: webhooks in, durably, answered at once."""

import argparse

import uvicorn

from therapyflows.app.logging import configure_logging
from therapyflows.app.settings import load_settings
from therapyflows.app.wiring import open_store_of_settings
from therapyflows.web.gateway.app import GatewayDeps, create_gateway


def main() -> None:
    parser = argparse.ArgumentParser(prog="therapyflows.web.gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4270)
    args = parser.parse_args()
    configure_logging("gateway")
    settings, store = load_settings(), open_store_of_settings()
    secrets = [secret.get_secret_value() for secret in settings.ehr.webhook_secrets]
    app = create_gateway(GatewayDeps(inbox=store.inbox, audit=store.audit, secrets=secrets))
    # No log configuration of its own: its handlers would come after the PHI guard was put on all there are.
    uvicorn.run(
        app, host=args.host, port=args.port, log_level="warning", access_log=False, log_config=None, backlog=4096
    )


if __name__ == "__main__":
    main()
