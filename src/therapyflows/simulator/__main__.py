"""``python -m therapyflows.simulator``: run one simulated practice on this machine."""

import argparse
import json
import os
import signal
import socket
import sys
from datetime import date
from pathlib import Path

import structlog
import uvicorn

from therapyflows.simulator.seed.practice import DEMO_LOGINS
from therapyflows.simulator.server import create_app
from therapyflows.simulator.settings import SimulatorSettings


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("therapyflows.simulator", description="A simulated EHR with synthetic people.")
    parser.add_argument("--data", type=Path, required=True, help="directory of its database and documents")
    parser.add_argument("--port", type=int, default=4290, help="0 takes a free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--today", type=date.fromisoformat, help="day the seeded fortnight is centred on, YYYY-MM-DD")
    parser.add_argument("--retry-scale", type=float, default=1.0, help="factor on the webhook retry schedule")
    parser.add_argument("--webhook-concurrency", type=int, default=16)
    parser.add_argument("--webhook-timeout", type=float, default=15.0, metavar="SECONDS")
    parser.add_argument("--token-lifetime", type=int, default=3600, metavar="SECONDS")
    parser.add_argument(
        "--hang", type=float, default=60.0, metavar="SECONDS", help="how long a time-out fault stays silent"
    )
    parser.add_argument("--service-client-id", default="therapyflows")
    parser.add_argument("--service-secret-env", metavar="NAME", help="environment variable with the service secret")
    parser.add_argument("--service-scope", action="append", default=[], help="limit the service to these scopes")
    parser.add_argument("--service-role", help="limit the service to what this role may do")
    parser.add_argument("--service-jwks", type=Path, help="public keys for private_key_jwt")
    parser.add_argument(
        "--review-redirect-uri", action="append", default=[], help="exact redirect URIs of the review app"
    )
    parser.add_argument("--control-token-env", metavar="NAME", help="environment variable with the control token")
    parser.add_argument("--check-responses", action="store_true", help="refuse to send what breaks the contract")
    parser.add_argument("--ready-file", type=Path, help="write {url, pid} here once requests are answered")
    return parser.parse_args(argv)


def settings_from(options: argparse.Namespace, url: str) -> SimulatorSettings:
    chosen: dict[str, object] = {
        "data_dir": options.data,
        "today": options.today,
        "public_url": url,
        "service_client_id": options.service_client_id,
        "service_scopes": tuple(options.service_scope),
        "service_role": options.service_role,
        "token_lifetime_s": options.token_lifetime,
        "retry_scale": options.retry_scale,
        "webhook_timeout_s": options.webhook_timeout,
        "webhook_concurrency": options.webhook_concurrency,
        "hang_s": options.hang,
        "check_responses": options.check_responses,
    }
    if options.service_secret_env:
        chosen["service_client_secret"] = os.environ[options.service_secret_env]
    if options.control_token_env:
        chosen["control_token"] = os.environ[options.control_token_env]
    if options.service_jwks:
        chosen["service_jwks"] = json.loads(options.service_jwks.read_text())
    if options.review_redirect_uri:
        chosen["review_redirect_uris"] = tuple(options.review_redirect_uri)
    return SimulatorSettings.model_validate(chosen)


class Server(uvicorn.Server):
    """Says that it is ready only when it answers."""

    def __init__(self, config: uvicorn.Config, url: str, ready_file: Path | None) -> None:
        super().__init__(config)
        self._url = url
        self._ready_file = ready_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready_file:
            partial = self._ready_file.with_name(self._ready_file.name + ".partial")
            partial.write_text(json.dumps({"url": self._url, "pid": os.getpid()}))
            partial.replace(self._ready_file)
        sys.stdout.write(greeting(self._url))
        sys.stdout.flush()


def greeting(url: str) -> str:
    lines = [f"Simulated EHR   {url}/v1   (contract)", f"Its own pages   {url}/ui/login", "", "Demo logins"]
    lines += [f"  {login:<16} {password:<16} {what}" for login, password, what in DEMO_LOGINS]
    return "\n".join([*lines, "", ""])


def main(argv: list[str] | None = None) -> None:
    options = arguments(argv)
    # Warnings and worse, on stderr: stdout belongs to the greeting.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, options.port))
    url = f"http://{options.host}:{listener.getsockname()[1]}"
    app = create_app(settings_from(options, url))
    # uvicorn raises the signal again after its orderly shutdown; with a handler of ours the process then ends with 0.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: None)
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=2)
    Server(config, url, options.ready_file).run(sockets=[listener])


if __name__ == "__main__":
    main()
